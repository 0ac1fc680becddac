#include <gtest/gtest.h>

#include "sample.h"
#include "template/template.h"

namespace spate::tmpl {
namespace {

TEST(Print, GivesBackWhatWasRead) {
  const std::string once = Print(MustRead(kEverything));
  const std::string twice = Print(MustRead(once));
  EXPECT_EQ(once, twice);
  // Keys with defaults stay away, order and forms stay.
  EXPECT_NE(
      once.find(
          R"("ipv4": {"increment": {"start": "198.18.0.1", "step": "0.0.0.2", "count": 10}})"),
      std::string::npos);
  EXPECT_NE(once.find(R"({"wait": {"quantiles": ["1ms", "2ms", "9ms"]}})"), std::string::npos);
  EXPECT_NE(once.find(R"("text": "$$GET 0")"), std::string::npos);
  EXPECT_EQ(once.find("\"passes\": 0"), std::string::npos);
}

TEST(Print, CompilesToTheSameScenario) {
  const core::Scenario before = MustCompile(kEverything);
  const core::Scenario after = MustCompile(Print(MustRead(kEverything)));
  ASSERT_EQ(before.flows.size(), after.flows.size());
  for (size_t i = 0; i < before.flows.size(); ++i) {
    EXPECT_EQ(ProgramText(before.flows[i]), ProgramText(after.flows[i]));
  }
  ASSERT_EQ(before.laws.size(), after.laws.size());
  for (size_t i = 0; i < before.laws.size(); ++i) {
    EXPECT_EQ(before.laws[i].values, after.laws[i].values);
    EXPECT_EQ(before.laws[i].start, after.laws[i].start);
  }
}

TEST(Print, FullSpellsOutDefaults) {
  const Template t = MustRead(FlowTemplate(
      R"("steps": [{"exchange": {"request": "a", "response": "b", "delay": "1ms"}}])"));
  const std::string full = Print(t, true);
  EXPECT_NE(full.find("\"retries\": 0"), std::string::npos);
  EXPECT_NE(full.find("\"start\": \"0s\""), std::string::npos);
  EXPECT_EQ(Print(t).find("\"retries\""), std::string::npos);
  // What is spelled out means the same.
  EXPECT_EQ(ProgramText(MustCompile(full).flows[0]), ProgramText(MustCompile(Print(t)).flows[0]));
  EXPECT_EQ(Print(MustRead(full), true), full);
}

TEST(Print, TemplatesBuiltByProgramsCanBeRead) {
  Template t;
  t.name = "built";
  Message message;
  message.packet = {{{}, "ethernet", {}}, {{}, "ipv4", {}}, {{}, "udp", {}}};
  t.messages.emplace_back("m", message);
  Flow flow;
  flow.message = "m";
  flow.clock.kind = Clock::Kind::kRate;
  flow.clock.rate = "1kpps";
  t.flows.emplace_back("f", flow);
  const core::Scenario scenario = MustCompile(Print(t));
  EXPECT_EQ(scenario.flows[0].clock.pps, 1000);
}

}  // namespace
}  // namespace spate::tmpl
