// Which mode a run has, and what prefilled frames are.
#include "engine/plan/mode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "engine/emit/composer.h"
#include "engine/make_plan.h"
#include "engine/port/memory_port.h"
#include "engine/run/run.h"
#include "tests/engine/scenarios.h"

namespace spate::engine {
namespace {

using ::testing::HasSubstr;

const std::atomic<bool> kNever{false};

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
  return RunOn(plan, options, port, kNever);
}

// "" when it is refused.
std::string ModeOf(Mode mode, const Plan& plan, int generation) {
  const auto port = OpenPort("null");
  EXPECT_TRUE(port.ok()) << port.status();
  const auto result = RunIn(mode, plan, **port, generation);
  if (result.ok()) EXPECT_EQ(result->sent, 1'000u);
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

// Frames that hold the message are left alone, others are written.
TEST(Prefilled, WritesAFrameOnce) {
  const Plan plan = PlanOf(Constant());
  alignas(64) static uint8_t memory[kBurst][64];
  Composer composer(plan);
  composer.Prefill(1);
  Burst burst;
  for (uint16_t i = 0; i < kBurst; ++i) burst.data[i] = memory[i];
  const auto compose = [&](uint16_t count, uint32_t set) {
    Batch batch;
    Slot record[2];
    PutRun({.message = 1, .count = count}, record);
    batch.Add(RunOf(record));
    burst.set = set;
    composer.Compose(batch, burst);
  };
  compose(8, 0);
  EXPECT_EQ(memory[7][0], 0x02) << "the destination's address";
  memory[3][0] = 0xaa;
  compose(16, 0);
  EXPECT_EQ(memory[15][0], 0x02) << "not written before";
  memory[3][0] = 0xaa;
  compose(16, 0);
  EXPECT_EQ(memory[3][0], 0xaa) << "holds the message already";
  compose(16, kNoSet);
  EXPECT_EQ(memory[3][0], 0x02) << "nobody knows what an unknown frame holds";
}

}  // namespace
}  // namespace spate::engine
