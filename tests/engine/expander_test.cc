#include "engine/expand/expander.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "engine/make_plan.h"
#include "engine/plan/flatten.h"
#include "tests/engine/records.h"
#include "tests/engine/scenarios.h"

namespace spate::engine {
namespace {

using core::OpCode;
using testing::Expanded;
using testing::Merged;
using testing::Record;

// Some of everything: a stream, and groups whose instances wait, choose, loop and draw.
core::Scenario Mixed() {
  core::Scenario scenario = testing::Flood(1'000);
  scenario.messages.push_back(testing::UdpMessage("a"));
  scenario.messages.push_back(testing::UdpMessage("b"));
  const uint32_t gap = testing::AddDraw(
      scenario, {.kind = core::Law::Kind::kQuantiles, .values = {0, 2'000'000'000, 9'000'000'000}},
      core::Scope::kPacket, 8);
  const uint32_t choice = testing::AddDraw(
      scenario, {.kind = core::Law::Kind::kAlias, .values = {3, 5}, .weights = {1, 2}},
      core::Scope::kPacket, 9);
  const uint32_t wait =
      testing::AddDraw(scenario, {.kind = core::Law::Kind::kConstant, .start = 1'000'000'000},
                       core::Scope::kPacket, 10);
  scenario.groups.push_back({.name = "users", .count = 7});
  core::Flow flow{.name = "users/talk", .group = 1, .variables = 1};
  flow.clock = {.kind = core::Clock::Kind::kRenewal, .gap = gap};
  flow.ops = {{.code = OpCode::kTick},
              {.code = OpCode::kSet,
               .a = 0,
               .operand = {.kind = core::Operand::Kind::kConstant, .value = 3}},
              {.code = OpCode::kChoose, .a = choice},
              {.code = OpCode::kSend, .a = 1},
              {.code = OpCode::kJump, .a = 6},
              {.code = OpCode::kSend, .a = 2},
              {.code = OpCode::kWait, .a = wait},
              {.code = OpCode::kLoop, .a = 0, .b = 2},
              {.code = OpCode::kJump, .a = 0}};
  scenario.flows.push_back(flow);
  return scenario;
}

TEST(Expander, AnyShardingGivesTheSameTrace) {
  PlanOptions options;
  options.duration = Picos::FromSeconds(0.5);
  const Plan plan = *MakePlan(Mixed(), options);
  const std::vector<Record> whole = Merged(Expanded(plan, {}));
  ASSERT_GT(whole.size(), 1'000u);
  testing::ExpectAnyShardingGives(plan, whole);
}

TEST(Expander, ComesInOrder) {
  PlanOptions options;
  options.duration = Picos::FromSeconds(1);
  const Plan plan = *MakePlan(Mixed(), options);
  const auto records = Expanded(plan, {})[0];
  EXPECT_TRUE(std::ranges::is_sorted(records, {}, &Record::key));
}

TEST(Expander, SeedsDiffer) {
  PlanOptions options;
  options.duration = Picos::FromSeconds(0.5);
  const auto trace = [&](uint64_t seed) {
    options.seed = seed;
    return Expanded(*MakePlan(Mixed(), options), {})[0];
  };
  EXPECT_EQ(trace(7), trace(7));
  EXPECT_NE(trace(7), trace(8));
}

// 14.88 Mpps has a period of 67 204.3 ps: whole picoseconds would drift by 4 ppm.
TEST(Expander, RatesDoNotDrift) {
  const double pps = 14'880'952;
  PlanOptions options;
  options.packets = 3'000'000;
  const Plan plan = *MakePlan(testing::Flood(pps), options);
  Expander expander(plan, Shard{});
  std::vector<Slot> slots(4'096);
  int64_t last = 0;
  for (bool more = true; more;) {
    Lane lane{.slots = slots.data(), .used = 0, .capacity = 4'096};
    more = expander.Expand({&lane, 1});
    if (lane.used > 0) last = slots[lane.used - 1].descriptor.due_ps;
  }
  ASSERT_EQ(expander.packets(), 3'000'000u);
  EXPECT_NEAR(static_cast<double>(last), (3'000'000 - 1) * (1e12 / pps), 1.5);
}

TEST(Expander, DurationEndsTheTrace) {
  PlanOptions options;
  options.duration = Picos::FromSeconds(0.01);
  const Plan plan = *MakePlan(testing::Flood(1e6), options);
  const auto records = Expanded(plan, {})[0];
  EXPECT_EQ(records.size(), 10'000u);
  EXPECT_LT(records.back().key.due_ps, plan.duration.count);
}

TEST(Expander, RateScalesTheWholeTemplate) {
  PlanOptions options;
  options.duration = Picos::FromSeconds(0.5);
  options.rate = "50kpps";
  const Plan plan = *MakePlan(Mixed(), options);
  EXPECT_NEAR(static_cast<double>(Expanded(plan, {})[0].size()), 25'000, 500);
}

TEST(Expander, InstancesOfARateSpreadOverItsPeriod) {
  core::Scenario scenario = testing::Flood(10);
  scenario.groups[0].count = 5;
  scenario.flows[0].spread = true;
  PlanOptions options;
  options.duration = Picos::FromSeconds(0.1);
  const auto records = Expanded(*MakePlan(scenario, options), {})[0];
  ASSERT_EQ(records.size(), 5u);
  for (size_t i = 0; i < 5; ++i)
    EXPECT_EQ(records[i].key.due_ps, static_cast<int64_t>(i) * 20'000'000'000);
}

TEST(Expander, AProgramWithoutTimeIsAnErrorNotAHang) {
  core::Scenario scenario = testing::Flood(1);
  scenario.flows[0].clock.kind = core::Clock::Kind::kOnce;
  scenario.flows[0].ops = {{.code = OpCode::kTick}, {.code = OpCode::kJump, .a = 1}};
  const Plan plan = *Flatten(scenario, {});
  Expander expander(plan, Shard{});
  std::vector<Slot> slots(64);
  Lane lane{.slots = slots.data(), .used = 0, .capacity = 64};
  EXPECT_FALSE(expander.Expand({&lane, 1}));
  EXPECT_NE(std::string(expander.status().message()).find("without time passing"),
            std::string::npos);
}

TEST(Expander, PassesLimitEachInstance) {
  core::Scenario scenario = Mixed();
  scenario.flows[1].passes = 2;
  scenario.flows[0].passes = 10;
  const auto records = Expanded(*MakePlan(scenario), {})[0];
  EXPECT_EQ(records.size(), 10u + 7 * 2 * 3);
}

}  // namespace
}  // namespace spate::engine
