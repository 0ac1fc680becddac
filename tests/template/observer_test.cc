// What an observer makes of a scenario: messages say how often it misses them.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "template/template.h"
#include "tests/template/sample.h"

namespace spate::tmpl {
namespace {

std::string Observed(std::string_view observer) {
  return Concat(R"({
    "spate": 1,
    "hosts": {"a": {"ipv4": "198.18.0.1"}, "b": {"ipv4": "198.18.0.2", "port": 53}},
    "messages": {
      "ask": {"by": "client", "payload": {"text": "?"}},
      "tell": {"by": "server", "payload": {"text": "!"}},
      "noise": {"packet": [{"ethernet": {}}, {"ipv4": {"src": {"host": "b"}}}, {"udp": {}}]}
    },
    "flows": {
      "talk": {"client": "a", "server": "b", "udp": {}, "every": "1s",
               "steps": [{"exchange": {"request": "ask", "response": "tell", "delay": "1ms"}}]},
      "hiss": {"message": "noise", "rate": "1pps"}
    },
    "observer": )",
                observer, "}");
}

core::Scenario See(std::string_view observer, bool observed = true) {
  auto scenario = Compile(MustRead(Observed(observer)), nullptr, observed);
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  return scenario.value_or(core::Scenario{});
}

std::string Refusal(std::string_view observer) {
  const auto t = Read(Observed(observer), "t.json");
  if (!t.ok()) return std::string(t.status().message());
  const auto scenario = Compile(*t, nullptr, /*observed=*/true);
  return scenario.ok() ? "" : std::string(scenario.status().message());
}

// The messages that the observer may see: "ask noise tell".
std::string Seen(const core::Scenario& s) {
  std::vector<std::string> names;
  for (const core::Message& message : s.messages) {
    if (message.missed < 1) names.push_back(message.name.substr(message.name.find('/') + 1));
  }
  std::ranges::sort(names);
  std::string text;
  for (const std::string& name : names) text += Concat(text.empty() ? "" : " ", name);
  return text;
}

TEST(Observer, SeesWhatItsFilterLets) {
  EXPECT_EQ(Seen(See("{}")), "ask noise tell");
  EXPECT_EQ(Seen(See(R"({"from": ["a"]})")), "ask");
  EXPECT_EQ(Seen(See(R"({"to": ["a"]})")), "tell");
  EXPECT_EQ(Seen(See(R"({"with": ["a"]})")), "ask tell");
  EXPECT_EQ(Seen(See(R"({"from": ["b"]})")), "noise tell");
  EXPECT_EQ(Seen(See(R"({"from": ["b"], "to": ["a"]})")), "tell");
}

TEST(Observer, WhoSendsSendsEverything) {
  const core::Scenario s = See(R"({"from": ["a"], "loss": 0.5})", /*observed=*/false);
  EXPECT_EQ(Seen(s), "ask noise tell");
  for (const core::Message& message : s.messages) EXPECT_EQ(message.missed, 0);
}

TEST(Observer, MissesByChance) {
  for (const core::Message& message : See(R"({"loss": 0.25, "from": ["a"]})").messages) {
    EXPECT_EQ(message.missed, message.name.ends_with("ask") ? 0.25 : 1);
  }
}

TEST(Observer, HasAClock) {
  const core::Scenario s = See(R"({"origin": "first", "resolution": "1us"})");
  EXPECT_TRUE(s.view.from_first);
  EXPECT_EQ(s.view.resolution.count, 1'000'000);
  EXPECT_FALSE(See("{}").view.from_first);
}

TEST(Observer, FaultsHaveTheirPlace) {
  EXPECT_NE(Refusal(R"({"from": ["c"]})").find("the undefined host set or role \"c\""),
            std::string::npos);
  EXPECT_NE(Refusal(R"({"loss": 1})").find("$.observer.loss"), std::string::npos);
  EXPECT_NE(Refusal(R"({"resolution": "1ps"})").find("at least \"1ns\""), std::string::npos);
  EXPECT_NE(Refusal(R"({"origin": "last"})").find("\"first\" or \"run\""), std::string::npos);
  EXPECT_NE(Refusal(R"({"from": ["a"], "to": ["a"]})").find("sees no packet"), std::string::npos);
}

}  // namespace
}  // namespace spate::tmpl
