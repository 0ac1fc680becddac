// A plan takes over from another while the run goes on: nothing is lost, nothing is counted twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/make_plan.h"
#include "engine/port/memory_port.h"
#include "engine/run/run.h"
#include "tests/engine/scenarios.h"

namespace spate::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint16_t kOldPort = 9, kNewPort = 10;  // UDP destination port of the frames

// A flood whose frames say which plan they are of.
core::Scenario Marked(uint16_t mark, double pps, uint32_t size = 60) {
  core::Scenario scenario = testing::Flood(pps);
  const auto header = [](const char* name, const testing::Fields& fields) {
    return testing::Header(name, fields);
  };
  scenario.messages[0].frame = *packet::Encode(
      {header("ethernet", {{"src", "02:00:00:00:00:01"}, {"dst", "02:00:00:00:00:02"}}),
       header("ipv4", {{"src", "0.0.0.0"}, {"dst", "198.18.1.1"}}),
       header("udp", {{"src_port", "0"}, {"dst_port", std::to_string(mark)}})},
      {}, size);
  return scenario;
}

// The same frame again and again.
core::Scenario SameFrames(uint16_t mark, double pps) {
  core::Scenario scenario = Marked(mark, pps);
  scenario.messages[0].patches.clear();
  return scenario;
}

uint16_t MarkOf(const MemoryFrame& frame) {
  return static_cast<uint16_t>(frame.bytes[36] << 8 | frame.bytes[37]);
}

// A run that is given plans one after the other, each as soon as the one before has sent something.
class Changed {
 public:
  Changed(int generation, int emission) {
    options_.generation_lcores = generation;
    options_.emission_lcores = emission;
    options_.frame_room = 1'514;
    options_.replacement = [this] { return Next(); };
    options_.replaced = [this](const absl::StatusOr<measure::Swap>& swap) {
      swap.ok() ? swaps_.push_back(*swap) : faults_.push_back(std::string(swap.status().message()));
      waits_ = false;
    };
    options_.commands = [this]() -> std::optional<Command> {
      if (commands_.empty()) return std::nullopt;
      const Command command = commands_.front();
      commands_.erase(commands_.begin());
      return command;
    };
  }

  RunOptions& options() { return options_; }
  void Then(const core::Scenario& scenario, const PlanOptions& plan = {}) {
    plans_.push_back(std::make_unique<Plan>(*MakePlan(scenario, plan)));
  }
  void Told(Command command) { commands_.push_back(std::move(command)); }
  const std::vector<measure::Swap>& swaps() const { return swaps_; }
  const std::vector<std::string>& faults() const { return faults_; }

  RunResult Run(const Plan& plan, Port& port,
                const std::atomic<bool>& interrupt = testing::kNever) {
    const auto result = RunOn(plan, options_, port, interrupt);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : RunResult{};
  }

 private:
  std::optional<Replacement> Next() {
    if (waits_ || next_ == plans_.size()) return std::nullopt;
    waits_ = true;
    auto& plan = plans_[next_++];
    const size_t ports = plan->ports.size();
    return Replacement{.plan = std::move(plan), .port_of = std::vector<uint32_t>(ports, 0)};
  }

  RunOptions options_;
  std::vector<std::unique_ptr<Plan>> plans_;
  std::vector<Command> commands_;
  size_t next_ = 0;
  bool waits_ = false;
  std::vector<measure::Swap> swaps_;
  std::vector<std::string> faults_;
};

std::vector<MemoryFrame> AllFrames(const MemoryPort& port, int queues) {
  std::vector<MemoryFrame> frames;
  for (int queue = 0; queue < queues; ++queue) {
    const auto& some = port.frames(static_cast<uint32_t>(queue));
    frames.insert(frames.end(), some.begin(), some.end());
  }
  return frames;
}

void ExpectExact(const RunResult& result, size_t frames) {
  EXPECT_EQ(result.sent, frames);
  EXPECT_EQ(result.ports[0].tx_packets, frames);
  EXPECT_EQ(result.ports[0].tx_bytes, frames * 64);
  uint64_t dropped = 0, by_lcore = 0;
  for (const auto& [reason, count] : result.dropped) dropped += count;
  EXPECT_EQ(result.planned, result.sent + dropped);
  for (const LcoreResult& lcore : result.lcores) {
    if (lcore.role != "generation") by_lcore += lcore.packets;
  }
  EXPECT_EQ(by_lcore, frames);
}

// On as many layouts as there are; what is paced with no more lcores than small machines have CPUs.
class Swap : public ::testing::TestWithParam<std::pair<int, int>> {
 protected:
  int emission() const { return GetParam().second; }
  Changed changed_{GetParam().first, GetParam().second};
};

class PacedSwap : public Swap {};

INSTANTIATE_TEST_SUITE_P(Run, Swap,
                         ::testing::Values(std::pair(0, 1), std::pair(0, 2), std::pair(1, 1),
                                           std::pair(2, 2)));
INSTANTIATE_TEST_SUITE_P(Run, PacedSwap,
                         ::testing::Values(std::pair(0, 1), std::pair(0, 2), std::pair(1, 1)));

// In virtual time the whole order is to be seen: the old trace, then the new one from its
// beginning.
TEST_P(Swap, TheNewTraceBeginsWhereTheOldOneEnds) {
  PlanOptions limit;
  limit.packets = UINT64_MAX - 1;  // a port of virtual time wants an end
  changed_.Then(Marked(kNewPort, 1e6), {.packets = 20'000});
  MemoryPort port({.virtual_time = true}), alone({.virtual_time = true});
  const RunResult result = changed_.Run(*MakePlan(Marked(kOldPort, 1e6), limit), port);
  ASSERT_TRUE(
      RunOn(*MakePlan(Marked(kNewPort, 1e6), {.packets = 20'000}), {}, alone, testing::kNever)
          .ok());
  EXPECT_TRUE(result.verdict.ok()) << result.verdict;
  ASSERT_EQ(changed_.swaps().size(), 1u);
  ASSERT_EQ(result.swaps.size(), 1u);
  const size_t before = result.swaps[0].sent;
  const auto& frames = port.frames();
  ASSERT_EQ(frames.size(), before + 20'000);
  ExpectExact(result, frames.size());
  for (size_t i = 0; i < before; ++i) {
    ASSERT_EQ(MarkOf(frames[i]), kOldPort) << i;
    ASSERT_EQ(frames[i].due_ps, static_cast<int64_t>(i) * 1'000'000) << "nothing is left out";
  }
  const int64_t begin = before == 0 ? 0 : frames[before - 1].due_ps;
  EXPECT_EQ(Picos{begin}.seconds(), result.swaps[0].trace_s);
  for (size_t i = 0; i < 20'000; ++i) {
    ASSERT_EQ(frames[before + i].bytes, alone.frames()[i].bytes) << i;
    ASSERT_EQ(frames[before + i].due_ps, begin + alone.frames()[i].due_ps) << i;
  }
}

TEST_P(PacedSwap, AllThatWasSentOnALivePortIsCountedOnce) {
  for (const double pps : {30'000., 10'000., 50'000.}) changed_.Then(Marked(kNewPort, pps));
  changed_.Then(Marked(kNewPort, 1e5), {.packets = 1'000});
  MemoryPort port({});
  const RunResult result = changed_.Run(*MakePlan(Marked(kOldPort, 20'000)), port);
  EXPECT_TRUE(result.verdict.ok()) << result.verdict;
  ASSERT_EQ(result.swaps.size(), 4u);
  EXPECT_THAT(changed_.faults(), IsEmpty());
  const auto frames = AllFrames(port, emission());
  ExpectExact(result, frames.size());
  EXPECT_EQ(result.sent, result.swaps[3].sent + 1'000) << "a template's own limit is its own";
  EXPECT_EQ(std::ranges::count(frames, kOldPort, MarkOf), result.swaps[0].sent);
  uint64_t sent = 0;
  double time = 0;
  for (const measure::Swap& swap : result.swaps) {
    EXPECT_GE(swap.sent, std::exchange(sent, swap.sent));
    EXPECT_GE(swap.trace_s, std::exchange(time, swap.trace_s));
  }
  for (int queue = 0; queue < emission(); ++queue) {
    EXPECT_TRUE(std::ranges::is_sorted(port.frames(static_cast<uint32_t>(queue)), {},
                                       &MemoryFrame::due_ps));
  }
}

TEST_P(PacedSwap, ALimitOfPacketsIsTheWholeRuns) {
  changed_.options().packets = 10'007;
  changed_.Then(Marked(kNewPort, 50'000), {.packets = 10'007});
  MemoryPort port({});
  const RunResult result =
      changed_.Run(*MakePlan(Marked(kOldPort, 20'000), {.packets = 10'007}), port);
  EXPECT_EQ(result.swaps.size(), 1u);
  EXPECT_EQ(result.sent, 10'007u);
  ExpectExact(result, AllFrames(port, emission()).size());
}

TEST_P(PacedSwap, ADurationIsTheWholeRuns) {
  const Picos end = Picos::FromSeconds(0.4);
  changed_.options().duration = end;
  // Flows that start late: those that would start after the end of the run must not.
  core::Scenario late = Marked(kNewPort, 10'000);
  late.flows.push_back(late.flows[0]);
  late.flows[1].start = testing::AddDraw(
      late, {.kind = core::Law::Kind::kConstant, .start = static_cast<uint64_t>(end.count - 1)},
      core::Scope::kInstance);
  changed_.Then(late, {.duration = end});
  MemoryPort port({});
  const RunResult result =
      changed_.Run(*MakePlan(Marked(kOldPort, 10'000), {.duration = end}), port);
  EXPECT_TRUE(result.verdict.ok()) << result.verdict;
  ASSERT_EQ(result.swaps.size(), 1u);
  ASSERT_GT(result.swaps[0].trace_s, 0);
  const auto frames = AllFrames(port, emission());
  ExpectExact(result, frames.size());
  const auto last = std::ranges::max_element(frames, {}, &MemoryFrame::due_ps);
  EXPECT_LT(last->due_ps, end.count);
  EXPECT_GT(last->due_ps, end.count - 200'000'000) << "the rate is 10 kpps to the end";
}

TEST_P(Swap, APortThatMisbehavesLosesNothing) {
  changed_.options().unpaced = true;
  changed_.Then(Marked(kNewPort, 1e6));
  changed_.Then(Marked(kNewPort, 1e6), {.packets = 10'000});
  MemoryPort port(
      {.faults = {.seed = 5, .acquire_refused = 0.1, .send_refused = 0.2, .send_partial = 0.3}});
  const RunResult result = changed_.Run(*MakePlan(Marked(kOldPort, 1e6)), port);
  EXPECT_TRUE(result.verdict.ok()) << result.verdict;
  EXPECT_TRUE(result.dropped.empty());
  ASSERT_EQ(result.swaps.size(), 2u);
  EXPECT_EQ(result.sent, result.swaps[1].sent + 10'000);
  ExpectExact(result, AllFrames(port, emission()).size());
}

TEST_P(PacedSwap, AnInterruptAfterItLeavesTrueFigures) {
  std::atomic<bool> interrupt{false};
  changed_.Then(Marked(kNewPort, 20'000));
  auto then = changed_.options().replaced;
  changed_.options().replaced = [&](const absl::StatusOr<measure::Swap>& swap) {
    then(swap);
    interrupt = true;
  };
  MemoryPort port({});
  const RunResult result = changed_.Run(*MakePlan(Marked(kOldPort, 20'000)), port, interrupt);
  EXPECT_TRUE(absl::IsCancelled(result.verdict)) << result.verdict;
  EXPECT_EQ(result.swaps.size(), 1u);
  EXPECT_TRUE(port.kept());
  ExpectExact(result, AllFrames(port, emission()).size());
}

TEST_P(PacedSwap, APortThatDiesAfterItEndsTheRun) {
  changed_.Then(Marked(kNewPort, 50'000));
  MemoryPort port({.faults = {.die_after = 5'000}});
  const RunResult result = changed_.Run(*MakePlan(Marked(kOldPort, 20'000)), port);
  EXPECT_FALSE(result.verdict.ok());
  EXPECT_EQ(result.swaps.size(), 1u);
  ExpectExact(result, AllFrames(port, emission()).size());
}

TEST_P(PacedSwap, WhatWasToldHoldsForTheNewPlan) {
  changed_.Told({.kind = Command::Kind::kMute, .flow = "flood"});
  changed_.Told({.kind = Command::Kind::kScaleRate, .factor = 5});
  changed_.Then(Marked(kNewPort, 20'000));
  core::Scenario other = Marked(kNewPort, 20'000);
  other.flows[0].name = "other";
  changed_.Then(other, {.packets = 1'000});
  MemoryPort port({});
  const RunResult result = changed_.Run(*MakePlan(Marked(kOldPort, 20'000)), port);
  ASSERT_EQ(result.swaps.size(), 2u);
  EXPECT_EQ(result.sent, result.swaps[1].sent + 1'000);
  EXPECT_EQ(result.swaps[0].sent, result.swaps[1].sent) << "the flow stayed stopped";
  EXPECT_GT(result.dropped.at("stopped"), 0u);
  ExpectExact(result, AllFrames(port, emission()).size());
}

TEST(SwapMode, FollowsThePlanWhereItMay) {
  Changed changed(0, 1);
  changed.Then(Marked(kNewPort, 50'000));
  changed.Then(SameFrames(kNewPort, 50'000));
  changed.Then(SameFrames(kNewPort, 50'000), {.packets = 2'000});
  MemoryPort port({.keeps_frames = true});
  const RunResult result = changed.Run(*MakePlan(SameFrames(kOldPort, 50'000)), port);
  EXPECT_TRUE(result.verdict.ok()) << result.verdict;
  ASSERT_EQ(result.swaps.size(), 3u);
  EXPECT_EQ(result.swaps[0].mode, "run-to-completion");
  EXPECT_EQ(result.swaps[1].mode, "prefilled");
  EXPECT_EQ(result.swaps[2].mode, "prefilled");
  EXPECT_EQ(result.mode, "prefilled");
  ExpectExact(result, port.frames().size());
  EXPECT_EQ(std::ranges::count(port.frames(), kOldPort, MarkOf), result.swaps[0].sent);
  EXPECT_EQ(result.sent, result.swaps[2].sent + 2'000);
}

TEST(SwapMode, KeptFramesOfADeviceComeBack) {
  Changed changed(0, 1);
  changed.options().unpaced = true;
  for (int i = 0; i < 4; ++i) {
    changed.Then(SameFrames(kNewPort, 1e6));
    changed.Then(Marked(kNewPort, 1e6));
  }
  changed.Then(SameFrames(kNewPort, 1e6), {.packets = 100'000});
  const auto port = OpenPort("null");
  ASSERT_TRUE(port.ok()) << port.status();
  const RunResult result = changed.Run(*MakePlan(SameFrames(kOldPort, 1e6)), **port);
  EXPECT_TRUE(result.verdict.ok()) << result.verdict;
  ASSERT_EQ(result.swaps.size(), 9u);
  EXPECT_EQ(result.swaps[8].mode, "prefilled");
  EXPECT_EQ(result.sent, result.swaps[8].sent + 100'000);
  ExpectExact(result, result.sent);
}

TEST(SwapMode, ThatWasAskedForIsKeptTo) {
  Changed changed(0, 1);
  changed.options().mode = Mode::kPrefilled;
  changed.Then(Marked(kNewPort, 10'000));
  MemoryPort port({.keeps_frames = true});
  const RunResult result =
      changed.Run(*MakePlan(SameFrames(kOldPort, 10'000), {.packets = 1'500}), port);
  EXPECT_TRUE(result.verdict.ok()) << result.verdict;
  EXPECT_EQ(result.sent, 1'500u) << "the old plan went on";
  EXPECT_TRUE(result.swaps.empty());
  ASSERT_EQ(changed.faults().size(), 1u);
  EXPECT_THAT(changed.faults()[0], HasSubstr("mode prefilled: "));
}

TEST(SwapFits, FramesThatTheQueuesHaveRoomFor) {
  Changed changed(0, 1);
  changed.Then(Marked(kNewPort, 10'000, 1'515));
  changed.Then(Marked(kNewPort, 10'000, 1'514), {.packets = 10});
  MemoryPort port({});
  const RunResult result = changed.Run(*MakePlan(Marked(kOldPort, 10'000)), port);
  EXPECT_TRUE(result.verdict.ok()) << result.verdict;
  ASSERT_EQ(changed.faults().size(), 1u);
  EXPECT_THAT(changed.faults()[0], HasSubstr("opened for frames of 1518 bytes at most"));
  ASSERT_EQ(result.swaps.size(), 1u);
  EXPECT_EQ(result.sent, result.swaps[0].sent + 10);
}

TEST(SwapFits, NoFileBesidesALivePort) {
  const Plan plan = *MakePlan(Marked(kOldPort, 1e6), {.packets = 10});
  MemoryPort live({}), file({.virtual_time = true});
  RunOptions options;
  options.replacement = []() -> std::optional<Replacement> { return std::nullopt; };
  const Wiring wiring{.ports = {&live, &file}, .port_of = {0}};
  const auto result = engine::Run(plan, options, wiring, testing::kNever);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("to files and to other ports"));
}

}  // namespace
}  // namespace spate::engine
