#include <gtest/gtest.h>

#include "sample.h"

namespace spate::tmpl {
namespace {

std::string Chain(const std::string& keys) {
  return FlowTemplate(R"("every": "1s", "steps": [{"chain": {)" + keys + "}}]");
}

TEST(Chain, CountsDownAndChooses) {
  const core::Scenario s = MustCompile(Chain(
      R"("start": "x", "length": 9, "states": {
"x": {"send": "a", "next": [{"to": "x", "weight": 2, "after": "1ms"}, {"to": "y"}]},
"y": {"send": "b", "next": [{"to": "x", "after": "2ms"}]}})"));
  EXPECT_EQ(
      ProgramText(s.flows[0]),
      "tick; set $0 9; jump 3; send 0; loop $0 6; jump 15; choose #0; wait #1; jump 3; jump 10; "
      "send 1; loop $0 13; jump 15; wait #2; jump 3; jump 0");
  const core::Law& law = s.laws[s.draws[0].law];
  EXPECT_EQ(law.values, (std::vector<uint64_t>{7, 9}));
  EXPECT_EQ(law.weights, (std::vector<double>{2, 1}));
}

TEST(Chain, WithoutLengthRunsToItsEnd) {
  const core::Scenario s =
      MustCompile(Chain(R"("start": "x", "balanced": 64, "states": {"x": {"send": "a", "next": [
{"to": "x", "weight": 9, "after": {"exponential": {"mean": "1ms"}}}, {"to": "end"}]}})"));
  EXPECT_EQ(ProgramText(s.flows[0]),
            "tick; jump 2; send 0; choose #0; wait #1; jump 2; jump 7; jump 0");
  EXPECT_EQ(s.laws[s.draws[0].law].balanced, 64u);
  EXPECT_EQ(s.laws[s.draws[1].law].balanced, 64u);
}

TEST(Chain, LengthsThatMayBeZeroAreTested) {
  const core::Scenario s = MustCompile(Chain(
      R"("start": "x", "length": {"random": {"min": 0, "max": 2}}, "states": {"x": {"send": "a", "next": [{"to": "x"}]}})"));
  EXPECT_EQ(ProgramText(s.flows[0]),
            "tick; set $0 #0; unless $0!=0 8; jump 4; send 0; loop $0 7; jump 8; jump 4; jump 0");
}

TEST(Chain, SilentStatesDoNotCount) {
  const core::Scenario s = MustCompile(Chain(
      R"("start": "x", "length": 2, "states": {"x": {"steps": [{"send": "a"}, {"send": "b"}],
"next": [{"to": "hidden"}]}, "hidden": {"next": [{"to": "x", "after": "1ms"}]}})"));
  EXPECT_EQ(ProgramText(s.flows[0]),
            "tick; set $0 2; jump 3; send 0; send 1; loop $0 7; jump 10; jump 8; wait #0; jump 3; "
            "jump 0");
}

TEST(Chain, FaultsOfStates) {
  EXPECT_EQ(
      FaultsOf(Chain(R"("start": "x", "length": 3, "states": {
"x": {"send": "a", "next": [{"to": "yy"}]},
"z": {"send": "a", "next": [{"to": "x"}]}})")),
      "t.json:5: $.flows.f.steps[0].chain.states.x.next[0].to: found the undefined state \"yy\", "
      "expected \"x\", \"z\" or \"end\"\n"
      "t.json:6: $.flows.f.steps[0].chain.states.z: found the state \"z\" that no transition leads "
      "to, expected a way to it from \"x\"");
  EXPECT_EQ(
      FaultsOf(Chain(R"("start": "w", "states": {"wx": {"send": "a"}})")),
      "t.json:4: $.flows.f.steps[0].chain.start: found the undefined state \"w\", expected \"wx\" "
      "(did you mean \"wx\"?)");
}

TEST(Chain, StatesDoOneThing) {
  EXPECT_EQ(
      FaultsOf(Chain(R"("start": "x", "states": {"x": {"send": "a", "steps": []}})")),
      "t.json:4: $.flows.f.steps[0].chain.states.x: found \"send\" beside \"steps\", expected "
      "one of them");
  EXPECT_EQ(
      FaultsOf(Chain(R"("start": "x", "length": 9, "states": {"x": {"next": [{"to": "y"}]},
"y": {"next": [{"to": "x"}]}})")),
      "t.json:4: $.flows.f.steps[0].chain.states.x: found a cycle through \"x\" that takes no "
      "time, expected a state with a message or steps, or an \"after\", on the way");
  // Time that passes inside a state does as well.
  EXPECT_EQ(
      FaultsOf(Chain(R"("start": "x", "states": {"x": {"steps": [{"wait": "1ms"}, {"send": "a"}],
"next": [{"to": "x"}]}})")),
      "");
}

TEST(Chain, CyclesMustTakeTime) {
  EXPECT_EQ(
      FaultsOf(Chain(R"("start": "x", "states": {
"x": {"send": "a", "next": [{"to": "y"}, {"to": "end"}]},
"y": {"send": "b", "next": [{"to": "x", "after": 0}]}})")),
      "t.json:5: $.flows.f.steps[0].chain.states.x: found a cycle through \"x\" that takes no "
      "time, expected a \"length\" of the chain, or an \"after\" on the way");
  EXPECT_EQ(FaultsOf(Chain(R"("start": "x", "states": {
"x": {"send": "a", "next": [{"to": "y"}, {"to": "end"}]},
"y": {"send": "b", "next": [{"to": "x", "after": "1us"}]}})")),
            "");
}

}  // namespace
}  // namespace spate::tmpl
