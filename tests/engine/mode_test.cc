// Which mode a run has, and what prefilled frames are.
#include "engine/plan/mode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/make_plan.h"
#include "engine/port/memory_port.h"
#include "engine/run/run.h"
#include "tests/engine/scenarios.h"

namespace spate::engine {
namespace {

using ::testing::HasSubstr;

core::Scenario Constant() {
  core::Scenario scenario = testing::Flood(1e6);
  scenario.messages[0].patches.clear();
  return scenario;
}

Plan PlanOf(const core::Scenario& scenario) {
  PlanOptions options;
  options.packets = 1'000;
  return *MakePlan(scenario, options);
}

absl::StatusOr<RunResult> RunIn(Mode mode, const Plan& plan, Port& port, int generation) {
  RunOptions options;
  options.mode = mode;
  options.generation_lcores = generation;
  options.emission_lcores = 1;
  options.unpaced = true;
  return RunOn(plan, options, port, testing::kNever);
}

// "" when it is refused.
std::string ModeOf(Mode mode, const Plan& plan, int generation) {
  const auto port = OpenPort("null");
  EXPECT_TRUE(port.ok()) << port.status();
  const auto result = RunIn(mode, plan, **port, generation);
  if (result.ok()) {
    EXPECT_EQ(result->sent, 1'000u);
  }
  return result.ok() ? result->mode : "";
}

TEST(Mode, FollowsFromPlanAndLcores) {
  const Plan constant = PlanOf(Constant()), varying = PlanOf(testing::Flood(1e6));
  EXPECT_EQ(ModeOf(Mode::kAuto, constant, RunOptions::kAuto), "prefilled");
  EXPECT_EQ(ModeOf(Mode::kAuto, constant, 0), "prefilled");
  EXPECT_EQ(ModeOf(Mode::kAuto, constant, 1), "pipeline");
  EXPECT_EQ(ModeOf(Mode::kAuto, varying, 0), "run-to-completion");
  EXPECT_EQ(ModeOf(Mode::kPipeline, constant, RunOptions::kAuto), "pipeline");
  EXPECT_EQ(ModeOf(Mode::kRunToCompletion, constant, RunOptions::kAuto), "run-to-completion");
}

TEST(Mode, SaysWhyItCannotBe) {
  const Plan constant = PlanOf(Constant()), varying = PlanOf(testing::Flood(1e6));
  MemoryPort port({});
  const auto why = [&](Mode mode, const Plan& plan, int generation) {
    return std::string(RunIn(mode, plan, port, generation).status().message());
  };
  EXPECT_THAT(why(Mode::kPrefilled, varying, 0),
              HasSubstr("a field of message \"flood\" changes from packet to packet"));
  EXPECT_THAT(why(Mode::kPrefilled, constant, 0), HasSubstr("does not give back the frames"));
  EXPECT_THAT(why(Mode::kPipeline, varying, 0), HasSubstr("needs generation lcores"));
  EXPECT_THAT(why(Mode::kRunToCompletion, varying, 2), HasSubstr("2 were asked for"));
}

TEST(Mode, HasANameThatIsFound) {
  for (const Mode mode : {Mode::kAuto, Mode::kPrefilled, Mode::kRunToCompletion, Mode::kPipeline}) {
    EXPECT_EQ(FindMode(ModeName(mode)), mode);
  }
  EXPECT_FALSE(FindMode("fast").has_value());
}

// Three constant messages, each at a rate of its own.
core::Scenario Several() {
  core::Scenario scenario = Constant();
  for (uint32_t i = 1; i < 3; ++i) {
    const std::string name = absl::StrCat("flood ", i);
    core::Message message = testing::UdpMessage(name, 60 + 100 * i);
    scenario.messages.push_back(std::move(message));
    scenario.groups.push_back({.name = name, .count = 1});
    core::Flow flow = scenario.flows[0];
    flow.name = name;
    flow.group = i;
    flow.clock.pps /= 2 + i;
    flow.ops[1].a = i;
    scenario.flows.push_back(std::move(flow));
  }
  return scenario;
}

// The same frames at the same times as when each is written, and whatever the port refuses.
TEST(Prefilled, SendsWhatRunToCompletionSends) {
  for (const Plan& plan : {PlanOf(Constant()), PlanOf(Several())}) {
    MemoryPort written({}),
        kept({.keeps_frames = true, .faults = {.send_refused = 0.2, .send_partial = 0.5}});
    const auto a = RunIn(Mode::kRunToCompletion, plan, written, 0);
    const auto b = RunIn(Mode::kAuto, plan, kept, 0);
    ASSERT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
    EXPECT_EQ(b->mode, "prefilled");
    EXPECT_EQ(written.frames().size(), 1'000u);
    EXPECT_EQ(written.frames(), kept.frames());
  }
}

TEST(Prefilled, TakesAFewFramesOfEachMessage) {
  EXPECT_EQ(CountPrototypes(PlanOf(Constant())), 1u);
  EXPECT_EQ(CountPrototypes(PlanOf(Several())), 3u);
}

// A frame has more references than the device can hold of it at any time, and fewer than the count
// has room for.
TEST(Prefilled, AKeptFrameNeverRunsOutOfReferences) {
  const auto port = OpenPort("null");
  ASSERT_TRUE(port.ok()) << port.status();
  ASSERT_TRUE((*port)->Start(1).ok());
  auto queue = (*port)->OpenQueue(0, 64);
  ASSERT_TRUE(queue.ok()) << queue.status();
  std::thread([&] {
    Burst burst;
    burst.length[0] = 60;
    ASSERT_TRUE((*queue)->Keep(burst, 1));
    auto* const frame = static_cast<rte_mbuf*>(burst.handle[0]);
    std::fill_n(burst.handle, kBurst, frame);
    for (int i = 0; i < 5'000; ++i) {
      ASSERT_EQ((*queue)->Resend(burst, 0, kBurst), kBurst);
      ASSERT_GT(rte_mbuf_refcnt_read(frame), 1 << 14) << i;
    }
    EXPECT_TRUE((*queue)->Finish().ok());
  }).join();
  EXPECT_TRUE((*port)->Close(true).ok());
}

}  // namespace
}  // namespace spate::engine
