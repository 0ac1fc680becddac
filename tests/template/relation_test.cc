// Steps by which flows of a group act on each other, and what they share.
#include <gtest/gtest.h>

#include "base/text.h"
#include "sample.h"

namespace spate::tmpl {
namespace {

std::string Grouped(const std::string& group) {
  return FlowTemplate(R"("message": "b")", Concat(R"("groups": {"g": {)", group, "}}"));
}

TEST(Relations, ActionsNameTheFlowByItsPlace) {
  const core::Scenario s = MustCompile(Grouped(R"("flows": {
"x": {"every": "1s", "steps": [{"send": "a"}, {"start": "y"}, {"pause": "y"}, {"stop": "y"}, {"restart": "x"}]},
"y": {"message": "b", "idle": true}})"));
  EXPECT_EQ(ProgramText(s.flows[0]), "tick; send 0; start 1; pause 1; stop 1; restart 0; jump 0");
  EXPECT_FALSE(s.flows[0].idle);
  EXPECT_TRUE(s.flows[1].idle);
}

TEST(Relations, SharedVariablesHaveSlotsOfTheirOwn) {
  const core::Scenario s =
      MustCompile(Grouped(R"("vars": {"n": 7, "m": {"random": {"min": 1, "max": 6}}},
"flows": {"x": {"vars": {"own": 1}, "every": "1s", "steps": [
  {"set": {"var": "m", "to": {"var": "own"}}}, {"set": {"var": "own", "add": {"var": "n"}}}, {"send": "a"}]}})"));
  EXPECT_EQ(ProgramText(s.flows[0]), "tick; set $0 1; set $s1 $0; add $0 $s0; send 0; jump 0");
  ASSERT_EQ(s.groups[0].variables.size(), 2u);
  EXPECT_EQ(s.groups[0].variables[0].value, 7u);
  EXPECT_EQ(s.draws[s.groups[0].variables[1].value].scope, core::Scope::kInstance);
}

TEST(Relations, WhenComparesAndJumps) {
  const core::Scenario s = MustCompile(FlowTemplate(R"("vars": {"n": 0}, "every": "1s", "steps": [
{"when": {"var": "n", "above": -3, "steps": [{"send": "a"}], "else": [{"send": "b"}]}},
{"when": {"var": "n", "not": {"var": "n"}, "steps": [{"send": "a"}]}}])"));
  EXPECT_EQ(ProgramText(s.flows[0]),
            "tick; set $0 0; unless $0>18446744073709551613 5; send 0; jump 6; send 1; unless "
            "$0!=$0 8; send 0; jump 0");
}

TEST(Relations, LoopsWhileAConditionHolds) {
  const core::Scenario s = MustCompile(FlowTemplate(R"("vars": {"n": 0}, "every": "1s", "steps": [
{"loop": {"while": {"var": "n", "below": 3}, "steps": [{"send": "a"}, {"set": {"var": "n", "add": 1}}]}}])"));
  EXPECT_EQ(ProgramText(s.flows[0]),
            "tick; set $0 0; unless $0<3 6; send 0; add $0 1; jump 2; jump 0");
}

TEST(Relations, TheTimelineIsAFlowBeforeAllOthers) {
  const core::Scenario s = MustCompile(FlowTemplate(R"("message": "b")", R"("timeline": [
{"at": "9s", "set": "g/n", "to": 4}, {"at": "5s", "clock": "g/x", "rate": "5pps"}, {"at": "9s", "pause": "g"}],
"groups": {"g": {"vars": {"n": 0}, "flows": {"x": {"every": "1s", "message": "a"}, "y": {"message": "b"}}}})"));
  EXPECT_EQ(s.flows[0].name, "g/(timeline)");
  EXPECT_EQ(ProgramText(s.flows[0]),
            "tick; until #0; clock 1; until #1; set $s0 4; until #2; pause 1; pause 2; end");
  ASSERT_EQ(s.flows[1].variants.size(), 1u);
  EXPECT_EQ(s.flows[1].variants[0].pps, 5);
}

TEST(Relations, LivesEndBehindAllOtherFlows) {
  const core::Scenario s =
      MustCompile(Grouped(R"("count": 10, "lifetime": "1s", "replace": true, "vars": {"n": 3},
"flows": {"x": {"every": "1s", "message": "a"}, "y": {"message": "b", "idle": true}, "z": {"steps": [{"start": "y"}]}})"));
  EXPECT_EQ(
      ProgramText(s.flows[3]),
      "tick; wait #1; stop 0; stop 1; stop 2; add $s1 10; set $s0 3; birth 0; birth 2; jump 1; "
      "end");
  EXPECT_EQ(s.groups[0].identity, core::kShared | 1);
}

TEST(Relations, JoinsNameFlowsByBits) {
  const core::Scenario s =
      MustCompile(Grouped(R"("flows": {"x": {"message": "a"}, "y": {"message": "b"},
"z": {"steps": [{"join": ["y", "x"]}, {"join": {"flows": ["x", "y"], "count": 1}}, {"send": "a"}]}})"));
  EXPECT_EQ(ProgramText(s.flows[2]), "tick; join 2 of 3; join 1 of 3; send 2; end");
}

TEST(Relations, FaultsOfTimelinesJoinsAndLives) {
  const auto timeline = [](const std::string& event) {
    return FaultsOf(FlowTemplate(
        R"("message": "a", "rate": "1pps")",
        R"("timeline": [)" + event +
            R"(], "groups": {"g": {"vars": {"mode": 0}, "flows": {"x": {"message": "a"}}}})"));
  };
  EXPECT_EQ(
      timeline(R"({"at": "1s", "stop": "hosts"})"),
      "t.json:4: $.timeline[0].stop: found the undefined name \"hosts\", expected a flow or group: "
      "\"g\" or \"f\"");
  EXPECT_EQ(timeline(R"({"at": "1s", "pause": "g/xx"})"),
            "t.json:4: $.timeline[0].pause: found no flow \"xx\" in \"g\", expected \"x\" (did you "
            "mean \"x\"?)");
  EXPECT_EQ(
      timeline(R"({"at": "1s", "set": "g/mod", "to": 1})"),
      "t.json:4: $.timeline[0].set: found no variable \"mod\" in \"g\", expected \"mode\" (did "
      "you mean \"mode\"?)");
  EXPECT_EQ(
      timeline(R"({"at": "1s", "clock": "g/x", "rate": "1pps"})"),
      "t.json:4: $.timeline[0].clock: found the flow \"x\", which has no clock, expected a flow "
      "that has one");
  EXPECT_EQ(timeline(R"({"at": "1s", "clock": "f"})"),
            "t.json:4: $.timeline[0]: found no or several clocks, expected \"clock\" with one of "
            "\"rate\", \"poisson\" or \"every\"");
  EXPECT_EQ(
      FaultsOf(Grouped(
          R"("flows": {"x": {"every": "1s", "message": "a"}, "y": {"steps": [{"join": ["x"]}]}})")),
      "t.json:4: $.groups.g.flows.y.steps[0].join: found the flow \"x\", which never ends, "
      "expected a flow with \"passes\" or without a clock, or a step that stops it");
  EXPECT_EQ(
      FaultsOf(Grouped(R"("flows": {"y": {"steps": [{"join": ["y"]}]}})")),
      "t.json:4: $.groups.g.flows.y.steps[0].join: found the flow \"y\", which would wait for "
      "itself, expected a flow with \"passes\" or without a clock, or a step that stops it");
  EXPECT_EQ(FaultsOf(Grouped(
                R"("count": 3, "arrive": {"at": ["1s"]}, "flows": {"x": {"message": "a"}})")),
            "t.json:4: $.groups.g.arrive: found 1 times, expected 3: one per instance (\"count\")");
  EXPECT_EQ(
      FaultsOf(Grouped(R"("lifetime": 0, "flows": {"x": {"message": "a"}})")),
      "t.json:4: $.groups.g.lifetime: found a life that takes no time, expected a time above 0");
}

TEST(Relations, Faults) {
  EXPECT_EQ(
      FaultsOf(FlowTemplate(R"("steps": [{"start": "g"}, {"send": "a"}])")),
      "t.json:4: $.flows.f.steps[0].start: found the undefined flow \"g\", expected a flow of "
      "the same group, and this flow has no group");
  EXPECT_EQ(
      FaultsOf(Grouped(R"("flows": {"poll": {"steps": [
{"loop": {"times": 2, "steps": [{"choose": [{"steps": [{"pause": "pol"}]}]}]}}, {"send": "a"}]}})")),
      "t.json:5: $.groups.g.flows.poll.steps[0].loop.steps[0].choose[0].steps[0].pause: found "
      "the undefined flow \"pol\", expected a flow of the same group: \"poll\" (did you mean "
      "\"poll\"?)");
  EXPECT_EQ(FaultsOf(Grouped(R"("flows": {"x": {"message": "a", "idle": true}})")),
            "t.json:4: $.groups.g.flows.x.idle: found the idle flow \"x\", expected a step of "
            "another flow of the group that starts it");
  EXPECT_EQ(FaultsOf(FlowTemplate(R"("message": "a", "idle": true)")),
            "t.json:4: $.flows.f.idle: found the idle flow \"f\", expected a flow of a group: "
            "nothing can start a flow at top level");
  EXPECT_EQ(
      FaultsOf(Grouped(R"("vars": {"n": 0}, "flows": {"x": {"vars": {"n": 1}, "message": "a"}})")),
      "t.json:4: $.groups.g.flows.x: found the variable \"n\" in flow \"x\", expected another "
      "name: the group shares a variable of that name");
  EXPECT_EQ(FaultsOf(Grouped(R"("vars": {"n": {"random": {"min": 1, "max": 2}, "per": "pass"}},
"flows": {"x": {"message": "a"}})")),
            "t.json:4: $.groups.g.vars.n: found \"per\" of the shared variable \"n\", expected "
            "\"instance\" or \"run\": it is set once, when the instance begins");
  EXPECT_EQ(FaultsOf(FlowTemplate(R"("steps": [{"when": {"var": "x", "is": 1}}, {"send": "a"}])")),
            "t.json:4: $.flows.f.steps[0].when: found neither \"steps\" nor \"else\", expected "
            "steps for one of the two cases");
  EXPECT_EQ(
      FaultsOf(FlowTemplate(
          R"("vars": {"mode": 1}, "steps": [{"when": {"var": "mod", "is": 1, "steps": [{"send": "a"}]}}])")),
      "t.json:4: $.flows.f.steps[0].when.var: found the undefined variable \"mod\" in flow "
      "\"f\", expected \"mode\" (did you mean \"mode\"?)");
}

}  // namespace
}  // namespace spate::tmpl
