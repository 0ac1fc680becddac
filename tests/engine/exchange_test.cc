// Exchanges whose answers get lost, and packets that come twice.
#include "tests/engine/behaviour.h"

namespace spate::engine {
namespace {

using testing::TraceOf;

TEST(Exchange, TimeoutsGrowByTheBackoffUpToTheirLimit) {
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"steps": [{"exchange": {"request": "a", "response": "b",
"delay": "2ms", "loss": 1, "timeout": "1s", "retries": 3, "backoff": 2}}, {"send": "c"}]}})",
                    60),
            "a@0 a@1 a@3 a@7 c@15");
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"steps": [{"exchange": {"request": "a", "response": "b",
"delay": "2ms", "loss": 1, "timeout": "1s", "retries": 3, "backoff": 2, "max_timeout": "3s"}}, {"send": "c"}]}})",
                    60),
            "a@0 a@1 a@3 a@6 c@9");
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"steps": [{"exchange": {"request": "a", "response": "b",
"delay": "2ms", "loss": 1, "timeout": {"values": ["1s"]}, "retries": 1, "backoff": 1.5}}, {"send": "c"}]}})",
                    60),
            "a@0 a@1 c@2.5");
}

TEST(Exchange, PacketsComeTwice) {
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"steps": [{"exchange": {"request": "a", "response": "b",
"delay": "1s", "duplicate": {"request": 1, "response": 1, "after": "0.1s"}}}, {"send": "c"}]}})",
                    60),
            "a@0 a@0.1 b@1.1 b@1.2 c@1.2");
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"steps": [{"exchange": {"request": "a", "response": "b",
"delay": "1s", "loss": 1, "timeout": "5s", "retries": 1, "duplicate": {"request": 1}}}]}})",
                    60),
            "a@0 a@0 a@5 a@5");
}

TEST(Exchange, PacketsComeTwiceAsOftenAsSaid) {
  const auto plan = testing::PlanOf(
      testing::Behaviour(
          R"("flows": {"f": {"rate": "1kpps", "passes": 10000, "steps": [{"exchange": {
"request": "a", "response": "b", "delay": 0, "duplicate": {"request": 0.1, "response": 0.3}}}]}})"),
      60);
  ASSERT_TRUE(plan.has_value());
  const auto records = testing::Expanded(*plan, {}, 100'000)[0];
  const auto sent = [&](std::string_view name) {
    return std::ranges::count_if(
        records, [&](const auto& r) { return plan->message_names[r.message] == name; });
  };
  EXPECT_NEAR(static_cast<double>(sent("a")), 11'000, 150);
  EXPECT_NEAR(static_cast<double>(sent("b")), 13'000, 230);
}

}  // namespace
}  // namespace spate::engine
