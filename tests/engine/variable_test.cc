// Arithmetic on variables, seen in what is sent.
#include <algorithm>

#include "tests/engine/behaviour.h"

namespace spate::engine {
namespace {

using testing::TraceOf;

// One pass a second: `set` changes x, then a is sent if x is `high`, b if it is `low`, else c.
std::string Flow(std::string_view begin, std::string_view set, int high, int low) {
  return Concat(R"("groups": {"g": {"vars": {"x": )", begin,
                R"(}, "flows": {"f": {"every": "1s", "steps": [{"set": {"var": "x", )", set,
                R"(}}, {"when": {"var": "x", "is": )", high,
                R"(, "steps": [{"send": "a"}], "else": [{"when": {"var": "x", "is": )", low,
                R"(, "steps": [{"send": "b"}], "else": [{"send": "c"}]}}]}}]}}}})");
}

TEST(Variable, ScalesAndRounds) {
  // -3 4.5→5 -7.5→-7 10.5→11: halves go up.
  EXPECT_EQ(TraceOf(Flow("2", R"("scale": -1.5)", 11, -7), 4.5), "c@0 c@1 b@2 a@3 c@4");
  // The largest number is as large as it gets.
  EXPECT_EQ(TraceOf(Flow("9223372036854775807", R"("scale": 1000, "mod": 10)", 7, 0), 1.5),
            "a@0 b@1");
}

TEST(Variable, FollowsAWaveOfTime) {
  EXPECT_EQ(
      TraceOf(Flow("0", R"("sine": {"mean": -10, "amplitude": 50, "period": "4s"})", 40, -60), 5.5),
      "c@0 a@1 c@2 b@3 c@4 a@5");
  EXPECT_EQ(
      TraceOf(
          Flow("0", R"("sine": {"mean": 0, "amplitude": 9, "period": "4s", "phase": 0.75})", 9, -9),
          3.5),
      "b@0 c@1 a@2 c@3");
}

TEST(Variable, StopsAtABoundOrComesInAgain) {
  EXPECT_EQ(TraceOf(Flow("0", R"("add": 2, "max": 5)", 5, 4), 4.5), "c@0 b@1 a@2 a@3 a@4");
  EXPECT_EQ(TraceOf(Flow("0", R"("add": -2, "min": -5)", -5, -4), 4.5), "c@0 b@1 a@2 a@3 a@4");
  // -2, -4, 5 (from -6), 3, 1
  EXPECT_EQ(TraceOf(Flow("0", R"("add": -2, "min": -5, "max": 5, "beyond": "wrap")", 5, 1), 4.5),
            "c@0 c@1 a@2 c@3 b@4");
}

TEST(Variable, WalksAtRandomWithinBounds) {
  const auto walk = [](std::string_view set) { return TraceOf(Flow("0", set, 3, -3), 4000); };
  const std::string kept = walk(R"("add": {"random": {"min": -1, "max": 1}}, "min": -3, "max": 3)");
  const auto count = [](const std::string& trace, char what) {
    return std::ranges::count(trace, what);
  };
  // Seven places, about equally likely in the long run.
  EXPECT_GT(count(kept, 'a'), 250);
  EXPECT_GT(count(kept, 'b'), 250);
  EXPECT_GT(count(kept, 'c'), 1500);
  // It never leaves the bounds: with the test for one place further out, nothing is found.
  const std::string out = TraceOf(
      Flow("0", R"("add": {"random": {"min": -1, "max": 1}}, "min": -3, "max": 3)", 4, -4), 4000);
  EXPECT_EQ(count(out, 'a') + count(out, 'b'), 0);
}

}  // namespace
}  // namespace spate::engine
