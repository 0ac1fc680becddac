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
