// What an observer sees of a trace: a part of it, the rest being as it would be without him.
#include <algorithm>

#include "tests/engine/behaviour.h"

namespace spate::engine {
namespace {

using testing::Record;

std::vector<Record> Observed(std::string_view observer, bool observed) {
  const auto plan =
      testing::PlanOf(testing::Behaviour(Concat(R"("hosts": {"x": {"ipv4": "198.18.0.9"}},
"groups": {"g": {"count": 5, "flows": {"p": {"poisson": "200pps", "steps": [{"send": "v"}, {"wait": "1ms"}, {"send": "b"}]}}}},
"flows": {"f": {"rate": "1kpps", "message": "a"}}, "observer": )",
                                                observer)),
                      1, observed);
  if (!plan) return {};
  std::vector<Record> records = testing::Expanded(*plan, {})[0];
  testing::ExpectAnyShardingGives(*plan, records);
  return records;
}

bool ByKey(const Record& a, const Record& b) { return a.key < b.key; }

TEST(Observer, SeesAPartOfTheSameTrace) {
  const std::vector<Record> all = Observed(R"({"loss": 0.25})", false);
  const std::vector<Record> seen = Observed(R"({"loss": 0.25})", true);
  ASSERT_GT(all.size(), 2'500u);
  EXPECT_TRUE(std::ranges::includes(all, seen, ByKey));
  // Five standard deviations of independent misses.
  const double n = static_cast<double>(all.size());
  EXPECT_NEAR(static_cast<double>(seen.size()) / n, 0.75, 5 * std::sqrt(0.1875 / n));
}

TEST(Observer, WhoLosesNothingSeesAll) {
  const std::vector<Record> all = Observed(R"({"origin": "first"})", false);
  const std::vector<Record> seen = Observed(R"({"origin": "first"})", true);
  EXPECT_EQ(seen.size(), all.size());
  EXPECT_TRUE(std::ranges::includes(all, seen, ByKey));
}

}  // namespace
}  // namespace spate::engine
