// Timers on the ladder against the same flows run by the program machine on the heap.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/make_plan.h"
#include "engine/plan/flatten.h"
#include "engine/plan/limits.h"
#include "tests/engine/behaviour.h"
#include "tests/engine/scenarios.h"
#include "tests/engine/shortcuts.h"

namespace spate::engine {
namespace {

using testing::ExpectSameAsPrograms;

// Sensors that report by a renewal clock and draw a value for each packet, and a stream beside
// them.
core::Scenario Sensors(uint64_t count, core::Law gap) {
  core::Scenario scenario = testing::Flood(50'000);
  core::Message message = testing::UdpMessage("report");
  const uint32_t value = testing::AddDraw(
      scenario, {.kind = core::Law::Kind::kUniform, .count = 1'000}, core::Scope::kPacket, 5);
  const uint32_t host = testing::AddDraw(
      scenario,
      {.kind = core::Law::Kind::kArithmetic, .start = 0xc6120001, .step = 1, .count = 60'000},
      core::Scope::kInstance, 6);
  message.patches.push_back({.offset_bits = testing::kIpv4Source, .bits = 32, .index = host});
  message.patches.push_back({.offset_bits = testing::kUdpSource, .bits = 16, .index = value});
  scenario.messages.push_back(std::move(message));
  scenario.groups.push_back({.name = "sensors", .count = count});
  const uint32_t wait = testing::AddDraw(scenario, std::move(gap), core::Scope::kPacket, 7);
  const uint32_t start =
      testing::AddDraw(scenario, {.kind = core::Law::Kind::kUniform, .count = 900'000'000'000},
                       core::Scope::kInstance, 8);
  core::Flow flow{.name = "sensors/report", .group = 1};
  flow.clock = {.kind = core::Clock::Kind::kRenewal, .gap = wait};
  flow.start = start;
  flow.ops = {{.code = core::OpCode::kTick},
              {.code = core::OpCode::kSend, .a = 1},
              {.code = core::OpCode::kJump}};
  scenario.flows.push_back(flow);
  return scenario;
}

const core::Law kVarying = {.kind = core::Law::Kind::kQuantiles,
                            .values = {0, 1'000, 200'000'000'000, 900'000'000'000}};
const core::Law kSteady = {.kind = core::Law::Kind::kConstant, .start = 250'000'000'000};

TEST(Timers, SendWhatTheProgramMachineSends) {
  PlanOptions options;
  options.duration = Picos::FromSeconds(1.5);
  ExpectSameAsPrograms(*MakePlan(Sensors(2'000, kVarying), options), &FlowPlan::timer, 1);
  ExpectSameAsPrograms(*MakePlan(Sensors(2'000, kSteady), options), &FlowPlan::timer, 1);
}

TEST(Timers, EndAfterTheirPasses) {
  core::Scenario scenario = Sensors(2'000, kVarying);
  scenario.flows[1].passes = 3;
  PlanOptions options;
  options.duration = Picos::FromSeconds(2);
  ExpectSameAsPrograms(*MakePlan(scenario, options), &FlowPlan::timer, 1);
}

// A template of 2 000 instances that send message "a" by this clock.
Plan OfTemplate(const std::string& clock) {
  const auto plan = testing::PlanOf(
      testing::Behaviour(absl::StrCat(
          R"("groups": {"sensors": {"count": 2000, "flows": {"report": {"message": "a", )", clock,
          R"(, "start": {"uniform": {"min": "0s", "max": "1s"}}}}}})")),
      3);
  return plan.value_or(Plan{});
}

TEST(Timers, AreReachedFromTemplates) {
  for (const char* clock :
       {R"("poisson": "2pps")", R"("every": {"lognormal": {"median": "300ms", "sigma": 0.7}})",
        R"("every": {"values": ["100ms", "900ms"]})", R"("every": "250ms", "passes": 7)"}) {
    SCOPED_TRACE(clock);
    const Plan plan = OfTemplate(clock);
    ASSERT_EQ(plan.flows.size(), 1u);
    EXPECT_THAT(DescribePlan(plan), ::testing::HasSubstr("2000 instances, timers on a ladder"));
    ExpectSameAsPrograms(plan, &FlowPlan::timer, 0);
  }
}

// Packets of each timer are counted in laps, which nobody sees.
TEST(Timers, CountOnBehindALap) {
  PlanOptions options;
  options.duration = Picos::FromSeconds(3);
  const Plan plan = *MakePlan(Sensors(2'000, kVarying), options);
  for (const uint32_t shards : {1u, 2u}) {
    const std::vector<testing::Slots> whole = testing::SlotsByLane(plan, {.count = shards});
    ASSERT_GT(whole[0].size(), 10'000u);
    for (const uint64_t lap : {1, 3}) {
      const auto lapped = testing::SlotsByLane(plan, {.count = shards, .timer_lap = lap});
      EXPECT_TRUE(testing::Same(whole[0], lapped[0])) << "a lap of " << lap;
    }
  }
}

// One more flow of timers, of `count` instances.
void AddSensors(uint64_t count, core::Scenario& scenario) {
  core::Flow flow = scenario.flows[1];
  flow.group = static_cast<uint32_t>(scenario.groups.size());
  flow.name = absl::StrCat("more/", flow.group);
  scenario.messages.push_back(scenario.messages[1]);
  flow.ops[1].a = static_cast<uint32_t>(scenario.messages.size() - 1);
  scenario.groups.push_back({.name = flow.name, .count = count});
  scenario.flows.push_back(flow);
}

TEST(Timers, OfSeveralFlowsKeepTheirOrder) {
  PlanOptions options;
  options.duration = Picos::FromSeconds(1.5);
  for (const core::Law& gap : {kVarying, kSteady}) {
    core::Scenario scenario = Sensors(2'000, gap);
    scenario.flows[1].start = core::kNone;  // all at one time
    AddSensors(1'500, scenario);
    AddSensors(1'100, scenario);
    const Plan plan = *MakePlan(scenario, options);
    for (const size_t flow : {1, 2, 3}) ExpectSameAsPrograms(plan, &FlowPlan::timer, flow);
  }
}

// Ids have 32 bits; whoever finds none left is run as a program.
TEST(Timers, AreAsManyAsThereAreIds) {
  core::Scenario scenario = Sensors(2'000, kVarying);
  for (int more = 0; more < 2; ++more) AddSensors(2'000, scenario);
  Plan plan = *MakePlan(scenario);
  EXPECT_EQ(plan.timer_bits, 11u);
  // With 31 bits for the number one is left for the flow.
  plan.groups[plan.flows[2].group].count = uint64_t{1} << 31;
  for (FlowPlan& flow : plan.flows) flow.timer = false;
  FlattenTimers(scenario, plan);
  EXPECT_TRUE(plan.flows[1].timer);
  EXPECT_TRUE(plan.flows[2].timer);
  EXPECT_FALSE(plan.flows[3].timer);
}

TEST(Timers, FewInstancesStayOnTheHeap) {
  const Plan plan = *MakePlan(Sensors(kLeastTimers - 1, kVarying));
  EXPECT_FALSE(plan.flows[1].timer);
}

}  // namespace
}  // namespace spate::engine
