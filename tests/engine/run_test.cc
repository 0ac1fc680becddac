#include "engine/run/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "engine/make_plan.h"
#include "engine/port/memory_port.h"
#include "tests/engine/behaviour.h"
#include "tests/engine/scenarios.h"

namespace spate::engine {
namespace {

RunOptions Layout(int generation, int emission) {
  RunOptions options;
  options.generation_lcores = generation;
  options.emission_lcores = emission;
  return options;
}

Plan FloodPlan(uint64_t packets, double pps = 1e6) {
  PlanOptions options;
  options.packets = packets;
  return *MakePlan(testing::Flood(pps), options);
}

class AnyLayout : public ::testing::TestWithParam<std::pair<int, int>> {
 protected:
  RunOptions Options() const { return Layout(GetParam().first, GetParam().second); }
};

INSTANTIATE_TEST_SUITE_P(Run, AnyLayout,
                         ::testing::Values(std::pair(0, 1), std::pair(0, 2), std::pair(1, 1),
                                           std::pair(1, 2), std::pair(2, 1), std::pair(2, 2),
                                           std::pair(3, 3)));

TEST_P(AnyLayout, WritesTheSameTraceInVirtualTime) {
  const Plan plan = FloodPlan(20'000);
  MemoryPort reference({.virtual_time = true}), port({.virtual_time = true});
  ASSERT_TRUE(RunOn(plan, Layout(0, 1), reference, testing::kNever).ok());
  const auto result = RunOn(plan, Options(), port, testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->verdict.ok()) << result->verdict;
  EXPECT_EQ(result->sent, 20'000u);
  ASSERT_EQ(port.frames().size(), reference.frames().size());
  for (size_t i = 0; i < port.frames().size(); ++i) {
    ASSERT_EQ(port.frames()[i].bytes, reference.frames()[i].bytes) << i;
    ASSERT_EQ(port.frames()[i].due_ps, reference.frames()[i].due_ps) << i;
  }
}

TEST_P(AnyLayout, WritesBurstsThatAreLongerThanARing) {
  const auto plan = testing::PlanOf(testing::Behaviour(R"("groups": {"g": {"count": 3, "flows": {
"f": {"steps": [{"wait": "1ms"}, {"loop": {"times": 9000, "steps": [{"send": "a"}]}}]}}}})"),
                                    1);
  ASSERT_TRUE(plan.has_value());
  MemoryPort port({.virtual_time = true});
  const auto result = RunOn(*plan, Options(), port, testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->verdict.ok()) << result->verdict;
  EXPECT_EQ(result->sent, 27'000u);
}

TEST_P(AnyLayout, KeepsThePacketLimitExactlyOnALivePort) {
  const Plan plan = FloodPlan(100'003);
  MemoryPort port({});
  RunOptions options = Options();
  options.unpaced = true;
  const auto result = RunOn(plan, options, port, testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->sent, 100'003u);
  EXPECT_EQ(result->planned, result->sent);
  int64_t last = 0;
  size_t frames = 0;
  for (int queue = 0; queue < options.emission_lcores; ++queue) {
    frames += port.frames(static_cast<uint32_t>(queue)).size();
    if (!port.frames(static_cast<uint32_t>(queue)).empty()) {
      last = std::max(last, port.frames(static_cast<uint32_t>(queue)).back().due_ps);
    }
  }
  EXPECT_EQ(frames, 100'003u);
  EXPECT_EQ(last, 100'002 * 1'000'000ll)
      << "the first 100 003 in due order, wherever they were made";
}

TEST_P(AnyLayout, AccountsForEveryPacketOnAPortThatMisbehaves) {
  const Plan plan = FloodPlan(30'000);
  MemoryPort port(
      {.faults = {.seed = 5, .acquire_refused = 0.1, .send_refused = 0.2, .send_partial = 0.3}});
  RunOptions options = Options();
  options.unpaced = true;
  const auto result = RunOn(plan, options, port, testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->sent, 30'000u);
  EXPECT_TRUE(result->dropped.empty());
}

TEST_P(AnyLayout, EndsWithTrueFiguresWhenThePortDies) {
  const Plan plan = FloodPlan(1'000'000);
  MemoryPort port({.faults = {.die_after = 5'000}});
  RunOptions options = Options();
  options.unpaced = true;
  const auto result = RunOn(plan, options, port, testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->verdict.ok());
  EXPECT_GE(result->sent, 5'000u);
  uint64_t dropped = 0;
  for (const auto& [reason, count] : result->dropped) dropped += count;
  EXPECT_EQ(result->planned, result->sent + dropped);
  EXPECT_FALSE(port.kept());
}

TEST(Run, AnInterruptKeepsWhatWasSent) {
  const Plan plan = FloodPlan(UINT64_MAX);
  MemoryPort port({});
  std::atomic<bool> interrupt{false};
  RunOptions options = Layout(0, 1);
  options.unpaced = false;
  std::thread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    interrupt = true;
  });
  const auto result = RunOn(plan, options, port, interrupt);
  user.join();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(absl::IsCancelled(result->verdict)) << result->verdict;
  EXPECT_TRUE(port.kept());
  EXPECT_EQ(port.frames().size(), result->sent);
}

TEST(Run, AClockLimitEndsAnUnpacedRunWell) {
  const Plan plan = FloodPlan(UINT64_MAX);
  RunOptions options = Layout(0, 1);
  options.unpaced = true;
  options.clock_limit = Picos::FromSeconds(0.05);
  const auto port = OpenPort("null");
  ASSERT_TRUE(port.ok()) << port.status();
  const auto result = RunOn(plan, options, **port, testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->verdict.ok()) << result->verdict;
  EXPECT_GT(result->sent, 0u);
  EXPECT_EQ(result->planned, result->sent);
}

TEST(Run, RefusesFramesAboveTheMtuBeforeSendingAny) {
  core::Scenario scenario = testing::Flood(1e6);
  scenario.messages[0].frame = testing::UdpMessage("jumbo", 9'014).frame;
  const Plan plan = *MakePlan(scenario);
  MemoryPort port({.max_frame = 1'514});
  const auto result = RunOn(plan, Layout(0, 1), port, testing::kNever);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(std::string(result.status().message()), ::testing::HasSubstr("MTU"));
}

TEST(Run, RefusesAnEndlessTraceOnAPortOfVirtualTime) {
  MemoryPort port({.virtual_time = true});
  const auto result = RunOn(*MakePlan(testing::Flood(1e6)), Layout(0, 1), port, testing::kNever);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(std::string(result.status().message()), ::testing::HasSubstr("--duration"));
}

// Three packets, and a flow that never comes to send one.
TEST(Run, EndsATraceInWhichNothingIsSentAnyMore) {
  core::Scenario scenario = testing::Flood(1'000);
  scenario.flows[0].passes = 3;
  core::Flow silent = scenario.flows[0];
  silent.name = "silent";
  silent.where = "t.json:7: $.flows.silent";
  silent.passes = 0;
  silent.group = 1;
  silent.ops.insert(silent.ops.begin() + 1, {.code = core::OpCode::kJump, .a = 0});
  scenario.flows.push_back(silent);
  scenario.groups.push_back({.name = "silent", .first_flow = 1});
  MemoryPort port({.virtual_time = true});
  RunOptions options = Layout(2, 2);
  options.silent_work = 1 << 21;
  const auto result = RunOn(*MakePlan(scenario, {.packets = 5}), options, port, testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(port.frames().size(), 3u);
  EXPECT_EQ(result->planned, result->sent);
  EXPECT_THAT(std::string(result->verdict.message()),
              ::testing::HasSubstr("t.json:7: $.flows.silent: found a flow that goes on"));
}

// A trace of an hour for a device that holds frames for longer: they come at once, each with the
// moment at which it is to leave.
TEST(Run, ADeviceThatKeepsTimeGetsItsFramesAhead) {
  constexpr int64_t kSecond = 1'000'000'000'000;
  const Plan plan = FloodPlan(3'600, 1);
  MemoryPort port({.ahead_ps = 3'700 * kSecond});
  RunOptions options = Layout(0, 1);
  options.late = LatePolicy::kCatchUp;  // no stall shifts the schedule
  const auto result = RunOn(plan, options, port, testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->sent, 3'600u);
  EXPECT_TRUE(result->ports[0].keeps_time);
  ASSERT_EQ(port.frames().size(), 3'600u);
  const MemoryFrame& first = port.frames().front();
  for (const MemoryFrame& frame : port.frames()) {
    ASSERT_EQ(frame.leave_ps - first.leave_ps, frame.due_ps - first.due_ps);
  }
}

TEST(Run, WhereNobodyWaitsADeviceDoesNotEither) {
  const Plan plan = FloodPlan(1'000, 1e3);
  MemoryPort port({.ahead_ps = 1});
  RunOptions options = Layout(0, 1);
  options.unpaced = true;
  const auto result = RunOn(plan, options, port, testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->ports[0].keeps_time);
}

TEST(Run, PacedRunsKeepTheirRate) {
  const Plan plan = FloodPlan(2'000, 20'000);
  MemoryPort port({});
  const auto result = RunOn(plan, Layout(0, 1), port, testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GE(result->elapsed_s, 0.0999) << "never early";
  EXPECT_EQ(result->lateness_ns.count(), 2'000u);
}

// A clock that the test moves.
struct TestClock {
  static inline int64_t now = 0;
  static int64_t NowPs() { return now; }
};

constexpr int64_t kMilli = 1'000'000'000;  // ps

TEST(Schedule, ShiftsOnceHoweverManyLanesSeeTheStall) {
  TestClock::now = 0;
  BasicSchedule<TestClock> schedule;
  schedule.Start(1'000);
  EXPECT_EQ(schedule.DueTime(TestClock::now, schedule.base()), -1'000);
  TestClock::now = 2'000 * kMilli;
  const auto seen = schedule.base();
  const int64_t late = schedule.DueTime(TestClock::now, seen) - 500;
  schedule.Shift(seen, late);
  schedule.Shift(seen, late);
  EXPECT_EQ(schedule.stalls(), 1u);
  EXPECT_EQ(schedule.stalled_ps(), late);
  EXPECT_EQ(schedule.DueTime(TestClock::now, schedule.base()), 500)
      << "a long stall is a stall for good";
  TestClock::now += 64'000 * kMilli;
  EXPECT_EQ(schedule.DueTime(TestClock::now, schedule.base()), 64'000 * kMilli + 500);
}

TEST(Schedule, AShortStallWearsOffWithoutABurst) {
  TestClock::now = 0;
  BasicSchedule<TestClock> schedule;
  schedule.Start(0);
  TestClock::now = 128 * kMilli;
  schedule.Shift(schedule.base(), 5 * kMilli);
  const auto base = schedule.base();
  EXPECT_EQ(schedule.DueTime(TestClock::now, base), 123 * kMilli);
  TestClock::now += 64 * kMilli;
  EXPECT_EQ(schedule.DueTime(TestClock::now, base), (123 + 65) * kMilli) << "1/64 faster";
  TestClock::now += 4 * 64 * kMilli;
  EXPECT_EQ(schedule.DueTime(TestClock::now, base), TestClock::now) << "made up for";
  TestClock::now += 640 * kMilli;
  EXPECT_EQ(schedule.DueTime(TestClock::now, base), TestClock::now) << "and no more";
}

TEST(Schedule, APortThatCannotKeepUpOwesNoMoreThanAShortStall) {
  TestClock::now = 0;
  BasicSchedule<TestClock> schedule;
  schedule.Start(0);
  TestClock::now = 6'400 * kMilli;
  for (int i = 0; i < 50; ++i) schedule.Shift(schedule.base(), 50 * kMilli);
  EXPECT_EQ(schedule.stalled_ps(), 2'500 * kMilli);
  EXPECT_EQ(schedule.DueTime(TestClock::now, schedule.base()), 3'900 * kMilli);
  TestClock::now += 100 * 64 * kMilli;
  EXPECT_EQ(schedule.DueTime(TestClock::now, schedule.base()), TestClock::now - 2'400 * kMilli);
}

// A changed rate goes on from where the schedule stands: nothing is due at once, nothing is late.
TEST(Schedule, GoesFasterSlowerOrNotAtAllWithoutAJump) {
  TestClock::now = 0;
  BasicSchedule<TestClock> schedule;
  schedule.Start(0);
  const auto due = [&] { return schedule.DueTime(TestClock::now, schedule.base()); };
  TestClock::now = 100 * kMilli;
  schedule.SetSpeed(2);
  EXPECT_EQ(due(), 100 * kMilli);
  TestClock::now += 10 * kMilli;
  EXPECT_EQ(due(), 120 * kMilli);
  EXPECT_EQ(schedule.base().tempo->OnClock(20 * kMilli), 10 * kMilli);
  schedule.SetSpeed(0);
  TestClock::now += 5'000 * kMilli;
  EXPECT_EQ(due(), 120 * kMilli) << "it stands still";
  schedule.SetSpeed(0.5);
  TestClock::now += 10 * kMilli;
  EXPECT_EQ(due(), 125 * kMilli);
  EXPECT_EQ(schedule.stalls(), 0u);
}

// Of all states of a schedule: by the clock, now, sped up, owing a short stall, owing no more.
TEST(Schedule, TellsWhenADueTimeComes) {
  TestClock::now = 0;
  BasicSchedule<TestClock> schedule;
  schedule.Start(7);
  const auto expect_inverse = [&] {
    const auto base = schedule.base();
    const int64_t now = schedule.DueTime(TestClock::now, base);
    for (const int64_t ahead : {int64_t{0}, 50 * kMilli / 1'000, 900 * kMilli}) {
      const int64_t at = schedule.ClockTime(now + ahead, TestClock::now, base);
      EXPECT_NEAR(schedule.DueTime(at, base), now + ahead, 1'000) << TestClock::now << " " << ahead;
    }
  };
  expect_inverse();
  TestClock::now = 128 * kMilli;
  expect_inverse();
  schedule.Shift(schedule.base(), 5 * kMilli);
  expect_inverse();
  TestClock::now += 64 * kMilli;
  schedule.SetSpeed(3);
  expect_inverse();
  TestClock::now += 64'000 * kMilli;
  expect_inverse();
}

// What the lane reads before a change and after it agree at the moment of the change.
TEST(Schedule, AStallIsMadeUpForInTheSchedulesOwnTime) {
  TestClock::now = 0;
  BasicSchedule<TestClock> schedule;
  schedule.Start(0);
  schedule.SetSpeed(2);
  TestClock::now = 64 * kMilli;
  schedule.Shift(schedule.base(), 2 * kMilli);
  EXPECT_EQ(schedule.DueTime(TestClock::now, schedule.base()), 126 * kMilli);
  TestClock::now += 64 * kMilli;
  EXPECT_EQ(schedule.DueTime(TestClock::now, schedule.base()), 256 * kMilli);
}

// Commands as a run hears them: each once, in order.
RunOptions Told(std::vector<Command> commands) {
  RunOptions options = Layout(0, 1);
  options.commands = [commands, next = size_t{0}]() mutable -> std::optional<Command> {
    if (next == commands.size()) return std::nullopt;
    return commands[next++];
  };
  return options;
}

TEST(Run, AMutedFlowIsPlannedAndDropped) {
  const Plan plan = FloodPlan(2'000, 10'000);
  MemoryPort port({});
  const auto result = RunOn(plan, Told({{.kind = Command::Kind::kMute, .flow = "flood"}, {}}), port,
                            testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->verdict.ok()) << "ended by the user";
  EXPECT_EQ(result->sent, port.frames().size());
  const auto stopped = result->dropped.find("stopped");
  const uint64_t dropped = stopped == result->dropped.end() ? 0 : stopped->second;
  EXPECT_EQ(result->planned, result->sent + dropped);
}

TEST(Run, AScaledRateSendsTheSameTrace) {
  const Plan plan = FloodPlan(2'000, 2'000);
  MemoryPort port({});
  const auto result =
      RunOn(plan, Told({{.kind = Command::Kind::kScaleRate, .factor = 20}}), port, testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(port.frames().size(), 2'000u);
  EXPECT_NEAR(result->trace_s, 1, 0.01);
}

}  // namespace
}  // namespace spate::engine
