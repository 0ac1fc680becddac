// What an observer makes of a scenario: sends that it does not see are not in the programs.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

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

// How often the programs send each message: "ask 1 noise 1 tell 1".
std::string Sends(const core::Scenario& s) {
  std::map<std::string, int> sends;
  for (const core::Flow& flow : s.flows) {
    for (const core::Op& op : flow.ops) {
      if (op.code != core::OpCode::kSend) continue;
      const std::string& name = s.messages[op.a].name;
      ++sends[name.substr(name.find('/') + 1)];
    }
  }
  std::string text;
  for (const auto& [name, count] : sends) text += Concat(text.empty() ? "" : " ", name, " ", count);
  return text;
}

int Choices(const core::Scenario& s) {
  int choices = 0;
  for (const core::Flow& flow : s.flows) {
    choices +=
        static_cast<int>(std::ranges::count(flow.ops, core::OpCode::kChoose, &core::Op::code));
  }
  return choices;
}

TEST(Observer, SeesWhatItsFilterLets) {
  EXPECT_EQ(Sends(See("{}")), "ask 1 noise 1 tell 1");
  EXPECT_EQ(Sends(See(R"({"from": ["a"]})")), "ask 1");
  EXPECT_EQ(Sends(See(R"({"to": ["a"]})")), "tell 1");
  EXPECT_EQ(Sends(See(R"({"with": ["a"]})")), "ask 1 tell 1");
  EXPECT_EQ(Sends(See(R"({"from": ["b"]})")), "noise 1 tell 1");
  EXPECT_EQ(Sends(See(R"({"from": ["b"], "to": ["a"]})")), "tell 1");
}

TEST(Observer, WhoSendsSendsEverything) {
  const core::Scenario s = See(R"({"from": ["a"], "loss": 0.5})", /*observed=*/false);
  EXPECT_EQ(Sends(s), "ask 1 noise 1 tell 1");
  EXPECT_EQ(Choices(s), 0);
}

TEST(Observer, MissesByChance) {
  EXPECT_EQ(Choices(See(R"({"loss": 0.25})")), 3);
  EXPECT_EQ(Choices(See(R"({"loss": 0.25, "from": ["a"]})")), 1);
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
