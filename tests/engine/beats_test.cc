// Beats on the ladder against the same flows run by the program machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/plan/law.h"
#include "tests/engine/behaviour.h"
#include "tests/engine/shortcuts.h"

namespace spate::engine {
namespace {

// 2 000 instances that do what `flow` says, beside a stream and a flow of timers.
Plan ManyOf(const std::string& flow) {
  const auto plan = testing::PlanOf(
      testing::Behaviour(absl::StrCat(
          R"("hosts": {"h": {"count": 2000, "ipv4": {"increment": {"start": "198.18.0.1", "count": 2000}}},
"s": {"ipv4": "198.19.0.1"}},
"groups": {"g": {"count": 2000, "bind": {"me": "h"}, "flows": {"f": {"start": {"uniform": {"min": "0s", "max": "1s"}}, )",
          flow, R"(}}},
"t": {"count": 1500, "flows": {"f": {"message": "b", "every": "200ms"}}}},
"flows": {"stream": {"message": "a", "rate": "1000pps"}})")),
      2);
  return plan.value_or(Plan{});
}

uint32_t BeatsOf(const Plan& plan) {
  return static_cast<uint32_t>(std::ranges::count(plan.beats, true, &BeatPlan::sends));
}

TEST(Beats, SendWhatTheProgramMachineSends) {
  for (
      const char* flow : {
          // Choices, drawn and constant waits, ways that lead back to where they come from.
          R"("steps": [{"chain": {"start": "x", "states": {
"x": {"send": "a", "next": [{"to": "y", "weight": 2, "after": {"exponential": {"mean": "90ms"}}}, {"to": "x", "weight": 1, "after": "10ms"}]},
"y": {"send": "b", "next": [{"to": "z", "after": {"uniform": {"min": "1ms", "max": "70ms"}}}]},
"z": {"next": [{"to": "y", "weight": 1, "after": {"exponential": {"mean": "3ms"}}}, {"to": "x", "weight": 1, "after": "0s"}]}}}}])",
          // Two packets at one time, two drawn waits behind each other, a pass by a clock.
          R"("every": {"exponential": {"mean": "300ms"}}, "passes": 6, "steps": [{"send": "a"}, {"send": "b"},
{"wait": {"uniform": {"min": "1ms", "max": "9ms"}}}, {"wait": {"exponential": {"mean": "5ms"}}}, {"send": "c"}])",
          // A size that varies, which is no beat, among some.
          R"("every": "400ms", "steps": [{"send": "a"}, {"wait": "20ms"}, {"send": "v"}, {"wait": "20ms"}, {"send": "b"}])",
          // Variables and choices between packets.
          R"("every": "300ms", "steps": [{"loop": {"times": 3, "steps": [{"send": "a"}, {"wait": "10ms"},
{"choose": [{"weight": 1, "steps": [{"send": "b"}]}, {"weight": 2, "steps": [{"send": "c"}, {"wait": "1us"}]}]}]}}])",
          R"("client": "me", "server": "s", "tcp": {"port": 80, "rtt": "2ms"}, "every": {"exponential": {"mean": "500ms"}},
"steps": [{"client": "200B"}, {"wait": "5ms"}, {"server": "400B"}, {"wait": {"exponential": {"mean": "5ms"}}}])",
      }) {
    SCOPED_TRACE(flow);
    const Plan plan = ManyOf(flow);
    ASSERT_EQ(plan.flows.size(), 3u);
    EXPECT_GE(BeatsOf(plan), 2u);
    const size_t own =
        static_cast<size_t>(std::ranges::find(plan.flow_names, "g/f") - plan.flow_names.begin());
    testing::ExpectSameAsPrograms(plan, &FlowPlan::beats, own);
  }
}

TEST(Beats, BeginWithWhatIsComputedBeforeThePacket) {
  const Plan plan = ManyOf(
      R"("client": "me", "server": "s", "tcp": {"port": 80}, "every": "1s", "steps": [{"client": "9B"}])");
  const auto by_computes = std::ranges::max_element(plan.beats, {}, &BeatPlan::computes);
  ASSERT_GT(by_computes->computes, 0);
  EXPECT_TRUE(by_computes->sends);
  EXPECT_EQ(plan.message_names[by_computes->message], "g/f/client syn");
  // The operation before the first of them is the begin of the pass.
  const auto at = static_cast<size_t>(by_computes - plan.beats.begin());
  EXPECT_EQ(plan.ops[at - 1].code, core::OpCode::kTick);
  EXPECT_EQ(plan.ops[at + by_computes->computes].code, core::OpCode::kSend);
}

TEST(Beats, LeaveWhatOtherFlowsActOnToThePrograms) {
  const Plan plan = ManyOf(
      R"("steps": [{"send": "a"}, {"wait": "1s"}, {"restart": "g"}]}, "g": {"steps": [{"send": "b"}])");
  EXPECT_EQ(BeatsOf(plan), 0u);
}

TEST(Beats, LawsOfSeveralScalesShareATable) {
  const Plan plan = ManyOf(R"("steps": [{"send": "a"}, {"wait": {"exponential": {"mean": "7ms"}}},
{"send": "b"}, {"wait": {"exponential": {"mean": "9s"}}}, {"send": "c"},
{"wait": {"weibull": {"scale": "7ms", "shape": 2}}}])");
  std::vector<const LawPlan*> laws;
  for (const OpPlan& op : plan.ops) {
    if (op.code == core::OpCode::kWait) laws.push_back(&plan.draws[op.a].law);
  }
  ASSERT_EQ(laws.size(), 3u);
  EXPECT_EQ(laws[0]->table, laws[1]->table);
  EXPECT_NE(laws[0]->table, laws[2]->table);
  for (const uint64_t bits : {uint64_t{0}, uint64_t{1} << 63, ~uint64_t{0}}) {
    const double small = static_cast<double>(Outcome(*laws[0], plan.words.data(), 0, bits));
    const double large = static_cast<double>(Outcome(*laws[1], plan.words.data(), 0, bits));
    EXPECT_NEAR(small, large * 7 / 9'000, 1.5);
  }
}

}  // namespace
}  // namespace spate::engine
