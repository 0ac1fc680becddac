// What changes at times of the run, for all instances of a group.
#include "tests/engine/behaviour.h"

namespace spate::engine {
namespace {

using testing::TraceOf;

TEST(Timeline, StopsAndStartsFlows) {
  EXPECT_EQ(
      TraceOf(
          R"("flows": {"f": {"rate": "1pps", "message": "a"}, "g": {"every": "4s", "message": "b"}},
"timeline": [{"at": "6.5s", "start": "f"}, {"at": "2.5s", "stop": "f"}])",
          9),
      "a@0 b@0 a@1 a@2 b@4 a@6.5 a@7.5 b@8 a@8.5");
}

TEST(Timeline, ActsOnAllInstancesAndFlowsOfAGroup) {
  EXPECT_EQ(TraceOf(R"("groups": {"g": {"count": 2, "flows": {
"x": {"every": "1s", "message": "a"}, "y": {"every": "3s", "message": "b"},
"never": {"idle": true, "message": "c"}}}},
"timeline": [{"at": "1.5s", "pause": "g"}, {"at": "11.5s", "start": "g"}, {"at": "12.2s", "start": "g/never"}])",
                    13.2),
            "a@0 a@0 b@0 b@0 a@1 a@1 a@12 a@12 c@12.2 c@12.2 a@13 a@13 b@13 b@13");
}

TEST(Timeline, SwitchesVariables) {
  EXPECT_EQ(TraceOf(R"("groups": {"g": {"vars": {"mode": 0}, "flows": {
"x": {"every": "1s", "steps": [
  {"when": {"var": "mode", "is": 0, "steps": [{"send": "a"}], "else": [{"send": "b"}]}}]}}}},
"timeline": [{"at": "1.5s", "set": "g/mode", "to": 7}, {"at": "3.5s", "set": "g/mode", "to": 0}])",
                    5.5),
            "a@0 a@1 b@2 b@3 a@4 a@5");
}

TEST(Timeline, ChangesRatesFromThatMomentOn) {
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"rate": "0.1pps", "message": "a"}},
"timeline": [{"at": "2s", "clock": "f", "rate": "1pps"}, {"at": "4.5s", "clock": "f", "every": "2s"}])",
                    10),
            "a@0 a@3 a@4 a@6.5 a@8.5");
}

TEST(Timeline, ChangesRatesInOffPhases) {
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"every": "1s", "on_off": {"on": "2s", "off": "7s"},
"message": "a"}}, "timeline": [{"at": "3s", "clock": "f", "every": "500ms"}])",
                    20),
            "a@0 a@1 a@9.5 a@10 a@10.5 a@18 a@18.5 a@19 a@19.5");
}

TEST(Timeline, PhasesTooShortForTheClockAreAFault) {
  const auto t = tmpl::Read(testing::Behaviour(R"("flows": {"f": {"every": "1h", "message": "a",
"on_off": {"on": "1us", "off": "1ms"}}})"),
                            "t.json");
  ASSERT_TRUE(t.ok()) << t.status();
  const auto scenario = tmpl::Compile(*t);
  ASSERT_TRUE(scenario.ok()) << scenario.status();
  EXPECT_EQ(MakePlan(*scenario).status().message(),
            "t.json:1: $.flows.f: found on-phases so short that 1000000 of them go by before the "
            "next pass begins, expected longer ones");
}

TEST(Timeline, ReachesInstancesThatComeLater) {
  EXPECT_EQ(
      TraceOf(
          R"("groups": {"g": {"count": 2, "arrive": {"at": ["0s", "5s"]}, "vars": {"mode": 0}, "flows": {
"x": {"every": "2s", "steps": [
  {"when": {"var": "mode", "is": 0, "steps": [{"send": "a"}], "else": [{"send": "b"}]}}]},
"y": {"message": "c", "every": "2s"}}}},
"timeline": [{"at": "3s", "set": "g/mode", "to": 1}, {"at": "3s", "stop": "g/y"}])",
          8.5),
      "a@0 c@0 a@2 c@2 b@4 b@5 b@6 b@7 b@8");
}

TEST(Timeline, IsTheSameForAnySharding) {
  const std::string trace = TraceOf(R"("groups": {"g": {"count": 9, "vars": {"n": 1}, "flows": {
"x": {"poisson": "100pps", "steps": [{"loop": {"times": {"var": "n"}, "steps": [{"send": "a"}]}}]},
"y": {"rate": "50pps", "message": "v"}}}},
"timeline": [{"at": "100ms", "pause": "g/x"}, {"at": "150ms", "start": "g/x"},
{"at": "200ms", "set": "g/n", "to": {"random": {"min": 0, "max": 3}}},
{"at": "250ms", "clock": "g/y", "poisson": "200pps"}, {"at": "350ms", "restart": "g"}])",
                                    0.4);
  EXPECT_GT(trace.size(), 1'000u);
}

}  // namespace
}  // namespace spate::engine
