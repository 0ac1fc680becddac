// Schedules: the moments at which passes begin follow from the integral of the rate.
#include "engine/plan/time_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/expand/expander.h"
#include "engine/make_plan.h"
#include "tests/engine/scenarios.h"

namespace spate::engine {
namespace {

constexpr int64_t kSecond = kPicosPerSecond;

TEST(TimeMap, ConstantSpeedsAreStraightLines) {
  const TimeMap map = TimeMap::Of({{{10, 0.5, 0.5}, {10, 2, 2}}, 1}, 1);
  EXPECT_EQ(map.TimeOf(0), 0);
  EXPECT_EQ(map.TimeOf(2 * kSecond), 4 * kSecond);
  EXPECT_EQ(map.TimeOf(5 * kSecond), 10 * kSecond);
  EXPECT_EQ(map.TimeOf(15 * kSecond), 15 * kSecond);
  EXPECT_EQ(map.TimeOf(25 * kSecond - 2), 20 * kSecond - 1);
  EXPECT_EQ(map.TimeOf(25 * kSecond), TimeMap::kNever);
}

TEST(TimeMap, RampsFollowTheSquare) {
  // Speed t: clock time t²/2.
  const TimeMap map = TimeMap::Of({{{10, 0, 10}}, 1}, 1);
  for (double t : {1e-6, 0.5, 1.0, 3.0, 9.999}) {
    const double clock = t * t / 2 * 1e12;
    EXPECT_NEAR(static_cast<double>(map.TimeOf(static_cast<int64_t>(clock))), t * 1e12,
                1 + 1e12 / (t * 1e12))
        << t;
  }
  const TimeMap down = TimeMap::Of({{{10, 10, 0}}, 1}, 1);
  EXPECT_EQ(down.TimeOf(50 * kSecond - 2) / kSecond, 9);
  EXPECT_EQ(down.TimeOf(50 * kSecond), TimeMap::kNever);
}

TEST(TimeMap, PausesAreSkipped) {
  const TimeMap map = TimeMap::Of({{{1, 1, 1}, {5, 0, 0}, {1, 1, 1}}, 2}, 1);
  EXPECT_EQ(map.TimeOf(kSecond - 2), kSecond - 2);
  EXPECT_EQ(map.TimeOf(kSecond), 6 * kSecond);
  EXPECT_EQ(map.TimeOf(2 * kSecond), 7 * kSecond);
  EXPECT_EQ(map.TimeOf(3 * kSecond), 13 * kSecond);
  EXPECT_EQ(map.TimeOf(4 * kSecond), TimeMap::kNever);
}

TEST(TimeMap, NeverGoesBackAndNeverDrifts) {
  const TimeMap map =
      TimeMap::Of({{{0.37, 0.1, 7}, {0.11, 7, 0.3}, {0.02, 0, 0}, {0.5, 3, 3}}, 0}, 1);
  int64_t last = 0;
  for (int64_t clock = 0; clock < 400 * kSecond; clock += 777'777'777'777) {
    const int64_t time = map.TimeOf(clock, 1u << 31);
    ASSERT_GE(time, last);
    last = time;
  }
  // A billion cycles on, the same place within the cycle.
  const double cycle_clock = 0.37 * 3.55 + 0.11 * 3.65 + 0.5 * 3;
  const auto whole = static_cast<int64_t>(std::llround(cycle_clock * 1e12));
  EXPECT_EQ(map.TimeOf(1'000'000 * whole + 12'345) - 1'000'000 * kSecond, map.TimeOf(12'345));
}

std::vector<int64_t> DueTimes(const Plan& plan) {
  Expander expander(plan, Shard{});
  std::vector<Slot> slots(512);
  std::vector<int64_t> due;
  for (bool more = true; more;) {
    Lane lane{.slots = slots.data(), .used = 0, .capacity = 512};
    more = expander.Expand({&lane, 1});
    for (uint32_t at = 0; at < lane.used; at += SlotsOf(plan, slots[at].descriptor)) {
      due.push_back(slots[at].descriptor.due_ps);
    }
  }
  return due;
}

size_t Between(const std::vector<int64_t>& due, double from, double to) {
  size_t count = 0;
  for (const int64_t at : due) {
    const double s = static_cast<double>(at) * 1e-12;
    count += s >= from && s < to ? 1 : 0;
  }
  return count;
}

// 1 kpps for 2 s, up to 9 kpps within 4 s, a pause of 1 s, 5 kpps for 1 s; twice.
core::Scenario Scheduled() {
  core::Scenario scenario = testing::Flood(30'000.0 / 8);
  const double mean = 27'000.0 / 8;
  scenario.flows[0].clock.pps = mean;
  scenario.flows[0].map = 0;
  scenario.maps.push_back({{{2, 1000 / mean, 1000 / mean},
                            {4, 1000 / mean, 9000 / mean},
                            {1, 0, 0},
                            {1, 5000 / mean, 5000 / mean}},
                           2});
  return scenario;
}

void ExpectSchedule(const std::vector<int64_t>& due, double from, double scale = 1) {
  EXPECT_NEAR(Between(due, from, from + 2), 2000 * scale, 1);
  for (int i = 0; i < 40; ++i) {
    const double t = from + 2 + i * 0.1;
    const double rate = 1000 + 2000 * (t + 0.05 - from - 2);
    EXPECT_NEAR(Between(due, t, t + 0.1), rate * 0.1 * scale, 1.001) << i;
  }
  EXPECT_EQ(Between(due, from + 6, from + 7), 0u);
  EXPECT_NEAR(Between(due, from + 7, from + 8), 5000 * scale, 1);
}

TEST(Schedule, OfAStreamAndOfAProgram) {
  core::Scenario scenario = Scheduled();
  const Plan stream = *MakePlan(scenario);
  EXPECT_TRUE(stream.flows[0].stream);
  EXPECT_NEAR(stream.mean_pps, 27'000.0 / 8, 1e-6);
  const std::vector<int64_t> due = DueTimes(stream);
  EXPECT_EQ(due.size(), 54'000u);
  ExpectSchedule(due, 0);
  ExpectSchedule(due, 8);
  // A variable makes it a program; its times are the same.
  scenario.flows[0].variables = 1;
  const Plan program = *MakePlan(scenario);
  EXPECT_FALSE(program.flows[0].stream);
  EXPECT_EQ(DueTimes(program), due);
}

TEST(Schedule, CountsFromTheStartAndEndsWithPackets) {
  core::Scenario scenario = Scheduled();
  scenario.flows[0].start = testing::AddDraw(
      scenario, {.kind = core::Law::Kind::kConstant, .start = 3 * uint64_t{kSecond}},
      core::Scope::kInstance);
  scenario.flows[0].packets = 20'000;
  const std::vector<int64_t> due = DueTimes(*MakePlan(scenario));
  EXPECT_EQ(due.size(), 20'000u);
  EXPECT_EQ(due.front(), 3 * kSecond);
  EXPECT_NEAR(Between(due, 3, 5), 2000, 1);
}

TEST(Schedule, OfTheWholeMeetsTheTotalRate) {
  core::Scenario scenario = testing::Flood(300);
  scenario.flows.push_back(scenario.flows[0]);
  scenario.flows.push_back(scenario.flows[0]);
  scenario.flows[1].name = "slow";
  scenario.flows[1].clock.pps = 100;
  scenario.flows[2].name = "fixed";
  scenario.flows[2].clock.pps = 500;
  scenario.flows[2].scale = false;
  scenario.schedule = {{2, "1500pps", "1500pps"},
                       {4, "1500pps", "9500pps"},
                       {1, "500pps", "500pps"},
                       {1, "5500pps", "5500pps"}};
  const Plan plan = *MakePlan(scenario);
  EXPECT_EQ(plan.duration.count, 8 * kSecond);
  std::vector<int64_t> scaled, fixed;
  Expander expander(plan, Shard{});
  std::vector<Slot> slots(512);
  for (bool more = true; more;) {
    Lane lane{.slots = slots.data(), .used = 0, .capacity = 512};
    more = expander.Expand({&lane, 1});
    for (uint32_t at = 0; at < lane.used; at += SlotsOf(plan, slots[at].descriptor)) {
      const Descriptor& d = slots[at].descriptor;
      (plan.messages[d.message].flow == 2 ? fixed : scaled).push_back(d.due_ps);
    }
  }
  EXPECT_EQ(fixed.size(), 4000u);
  EXPECT_EQ(fixed[501] - fixed[500], kSecond / 500);
  EXPECT_NEAR(static_cast<double>(scaled.size()), 27'000, 2);
  EXPECT_NEAR(Between(scaled, 0, 2), 2000, 2);
  EXPECT_NEAR(Between(scaled, 5, 5.5), 1000 * 0.5 + 2000 * 3.25 * 0.5, 2);
  EXPECT_EQ(Between(scaled, 6, 7), 0u);
}

TEST(Schedule, RatesLeaveFixedFlowsAlone) {
  core::Scenario scenario = testing::Flood(300);
  scenario.flows.push_back(scenario.flows[0]);
  scenario.flows[1].name = "fixed";
  scenario.flows[1].clock.pps = 500;
  scenario.flows[1].scale = false;
  PlanOptions options;
  options.rate = "2kpps";
  const Plan plan = *MakePlan(scenario, options);
  EXPECT_DOUBLE_EQ(plan.mean_pps, 2000);
  EXPECT_NEAR(plan.scale, 0.2, 1e-12);
  EXPECT_EQ(plan.flows[1].period_q, kSecond / 500);
  options.rate = "400pps";
  EXPECT_NE(MakePlan(scenario, options).status().message().find("alone send more"),
            std::string::npos);
}

TEST(Schedule, IsTheSameForAnySharding) {
  core::Scenario scenario = Scheduled();
  scenario.groups[0].count = 5;
  scenario.flows[0].variables = 1;
  const Plan plan = *MakePlan(scenario);
  const std::vector<int64_t> whole = DueTimes(plan);
  std::vector<int64_t> parts;
  for (uint32_t shard = 0; shard < 3; ++shard) {
    Expander expander(plan, {.index = shard, .count = 3, .lanes = 1});
    std::vector<Slot> slots(512);
    for (bool more = true; more;) {
      Lane lane{.slots = slots.data(), .used = 0, .capacity = 512};
      more = expander.Expand({&lane, 1});
      for (uint32_t at = 0; at < lane.used; at += SlotsOf(plan, slots[at].descriptor)) {
        parts.push_back(slots[at].descriptor.due_ps);
      }
    }
  }
  std::sort(parts.begin(), parts.end());
  EXPECT_EQ(parts, whole);
}

}  // namespace
}  // namespace spate::engine
