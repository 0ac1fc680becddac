// Flows of an instance that act on each other.
#include "tests/engine/behaviour.h"

namespace spate::engine {
namespace {

using testing::TraceOf;

TEST(Relation, TimeStandsStillForAPausedFlow) {
  EXPECT_EQ(TraceOf(R"("groups": {"g": {"flows": {
"poll": {"every": "1s", "message": "a"},
"setup": {"start": "2.5s", "steps": [{"pause": "poll"}, {"send": "b"}, {"wait": "2s"},
                                     {"send": "b"}, {"start": "poll"}]}}}})",
                    7.5),
            "a@0 a@1 a@2 b@2.5 b@4.5 a@5 a@6 a@7");
}

TEST(Relation, APausedPassGoesOnWhereItWas) {
  EXPECT_EQ(TraceOf(R"("groups": {"g": {"flows": {
"work": {"steps": [{"send": "a"}, {"wait": "4s"}, {"send": "b"}]},
"boss": {"steps": [{"wait": "1s"}, {"pause": "work"}, {"wait": "10s"}, {"start": "work"}]}}}})",
                    60),
            "a@0 b@14");
}

TEST(Relation, StoppedFlowsBeginAnewWhenStarted) {
  EXPECT_EQ(TraceOf(R"("groups": {"g": {"flows": {
"poll": {"every": "1s", "passes": 3, "message": "a"},
"boss": {"steps": [{"wait": "1.5s"}, {"stop": "poll"}, {"wait": "2s"}, {"start": "poll"},
                   {"wait": "100ms"}, {"start": "poll"}]}}}})",
                    60),
            "a@0 a@1 a@3.5 a@4.5 a@5.5");
}

TEST(Relation, RestartLeavesWhatItWasDoing) {
  EXPECT_EQ(TraceOf(R"("groups": {"g": {"flows": {
"timer": {"steps": [{"wait": "2s"}, {"send": "b"}]},
"feed": {"every": "1s", "passes": 4, "steps": [{"send": "a"}, {"restart": "timer"}]}}}})",
                    60),
            "a@0 a@1 a@2 a@3 b@5");
}

TEST(Relation, IdleFlowsWaitUntilTheyAreStarted) {
  EXPECT_EQ(TraceOf(R"("groups": {"g": {"flows": {
"answer": {"idle": true, "steps": [{"wait": "5ms"}, {"send": "b"}]},
"ask": {"every": "1s", "passes": 2, "steps": [{"send": "a"}, {"start": "answer"}]}}}})",
                    60),
            "a@0 b@0.005 a@1 b@1.005");
}

TEST(Relation, FlowsActOnThemselves) {
  EXPECT_EQ(TraceOf(R"("groups": {"g": {"vars": {"n": 0}, "flows": {
"self": {"every": "1s", "steps": [{"send": "a"}, {"set": {"var": "n", "add": 1}},
  {"when": {"var": "n", "is": 2, "steps": [{"wait": "500ms"}, {"restart": "self"}],
            "else": [{"when": {"var": "n", "is": 4, "steps": [{"stop": "self"}]}}]}}, {"send": "b"}]},
"halt": {"every": "1s", "passes": 2, "steps": [{"send": "c"}, {"pause": "halt"}, {"send": "b"}]}}}})",
                    60),
            "a@0 b@0 c@0 a@1 a@1.5 b@1.5 a@2.5");
}

TEST(Relation, VariablesAreSharedByTheFlowsOfAnInstance) {
  // Each instance counts for itself; the third of its three a's stops its sender.
  EXPECT_EQ(
      TraceOf(R"("groups": {"g": {"count": 2, "vars": {"n": {"increment": {"start": 0}}}, "flows": {
"count": {"every": "1s", "steps": [{"send": "a"}, {"set": {"var": "n", "add": 1}}]},
"watch": {"every": "1s", "start": "500ms", "steps": [
  {"when": {"var": "n", "at_least": 3, "steps": [{"send": "b"}, {"stop": "count"}, {"stop": "watch"}]}}]}}}})",
              60),
      "a@0 a@0 a@1 a@1 b@1.5 a@2 b@2.5");
}

TEST(Relation, LoopsRunWhileACheckHolds) {
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"vars": {"n": 3}, "steps": [
{"loop": {"while": {"var": "n", "above": -1}, "steps": [
  {"send": "a"}, {"wait": "1s"}, {"set": {"var": "n", "add": -2}}]}}, {"send": "b"}]}})",
                    60),
            "a@0 a@1 b@2");
}

TEST(Relation, RandomRelationsAreTheSameForAnySharding) {
  const std::string trace = TraceOf(R"("groups": {"g": {"count": 7, "vars": {"n": 0}, "flows": {
"late": {"idle": true, "steps": [{"wait": {"exponential": {"mean": "3ms"}}}, {"send": "b"}]},
"poll": {"every": {"uniform": {"min": "5ms", "max": "15ms"}}, "steps": [
  {"send": "a"}, {"set": {"var": "n", "add": {"random": {"min": 1, "max": 3}}, "mod": 7}},
  {"choose": [{"steps": [{"restart": "late"}]}, {"steps": [{"start": "late"}]}, {}]},
  {"when": {"var": "n", "below": 2, "steps": [{"pause": "burst"}], "else": [{"start": "burst"}]}}]},
"burst": {"poisson": "300pps", "message": "c"}}}}, "flows": {"beat": {"rate": "1kpps", "message": "a"}})",
                                    0.5);
  EXPECT_GT(trace.size(), 1'000u);
}

TEST(Relation, FlowsThatStartEachOtherOrThemselvesForEverAreAnError) {
  for (const char* const flows :
       {R"("x": {"steps": [{"restart": "y"}]}, "y": {"steps": [{"restart": "x"}]})",
        R"("x": {"impairment": {"loss": 1}, "steps": [{"send": "a"}, {"restart": "x"}]})"}) {
    const auto t = tmpl::Read(
        testing::Behaviour(absl::StrCat(R"("groups": {"g": {"flows": {)", flows, "}}}")), "t.json");
    ASSERT_TRUE(t.ok());
    const auto scenario = tmpl::Compile(*t);
    ASSERT_TRUE(scenario.ok()) << scenario.status().message();
    const auto plan = MakePlan(*scenario);
    EXPECT_NE(plan.status().message().find("is started again and again without time passing"),
              std::string::npos)
        << plan.status().message();
  }
}

}  // namespace
}  // namespace spate::engine
