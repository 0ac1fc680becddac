// Chains of many states, hidden ones among them, by what they send when.
#include "tests/engine/behaviour.h"

namespace spate::engine {
namespace {

using testing::TraceOf;

TEST(Chain, ManyStatesInARing) {
  // Eighty states: each sends a or b and is left after a second, every tenth is silent.
  std::string states, expected;
  for (int i = 0; i < 80; ++i) {
    const bool silent = i % 10 == 9;
    const char* message = i % 3 == 0 ? "a" : "b";
    absl::StrAppend(&states, i == 0 ? "" : ", ", "\"s", i, "\": {",
                    silent ? "" : absl::StrCat("\"send\": \"", message, "\", "),
                    R"("next": [{"to": "s)", (i + 1) % 80, R"(", "after": "1s"}]})");
    if (!silent) absl::StrAppend(&expected, i == 0 ? "" : " ", message, "@", i);
  }
  // Seventy-two of them send, so the 73rd is the first again.
  absl::StrAppend(&expected, " a@80");
  EXPECT_EQ(TraceOf(absl::StrCat(R"("flows": {"f": {"steps": [{"chain": {"start": "s0",
"length": 73, "states": {)",
                                 states, "}}}]}}"),
                    1000),
            expected);
}

// The same message from two states that are left at different paces: a hidden mode.
TEST(Chain, HiddenModesSendTheSameMessage) {
  const auto plan = testing::PlanOf(
      testing::Behaviour(R"("flows": {"f": {"steps": [{"chain": {"start": "calm", "length": 20001,
"states": {
"calm": {"send": "a", "next": [{"to": "calm", "weight": 0.9, "after": "1ms"}, {"to": "busy", "weight": 0.1, "after": "1ms"}]},
"busy": {"send": "a", "next": [{"to": "busy", "weight": 0.8, "after": "1us"}, {"to": "calm", "weight": 0.2, "after": "1us"}]}}}}]}})"),
      600);
  ASSERT_TRUE(plan.has_value());
  const auto records = testing::Expanded(*plan, {}, 100'000)[0];
  ASSERT_EQ(records.size(), 20'001u);
  // Runs of ten and five on average: a third of the gaps is short, and most follow a short one.
  size_t shorts = 0, pairs = 0;
  bool last = false;
  for (size_t i = 1; i < records.size(); ++i) {
    const bool short_gap = records[i].key.due_ps - records[i - 1].key.due_ps == 1'000'000;
    shorts += short_gap;
    pairs += short_gap && last;
    last = short_gap;
  }
  EXPECT_NEAR(static_cast<double>(shorts) / 20'000, 1.0 / 3, 0.05);
  EXPECT_NEAR(static_cast<double>(pairs) / static_cast<double>(shorts), 0.8, 0.02);
}

TEST(Chain, StatesHaveSteps) {
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"steps": [{"chain": {"start": "x", "length": 3, "states": {
"x": {"steps": [{"send": "a"}, {"wait": "1s"}, {"send": "b"}], "next": [{"to": "y", "after": "2s"}]},
"y": {"send": "c", "next": [{"to": "x", "after": "3s"}]}}}}]}})",
                    60),
            "a@0 b@1 c@3 a@6 b@7");
}

}  // namespace
}  // namespace spate::engine
