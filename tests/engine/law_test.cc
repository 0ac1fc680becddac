#include "engine/plan/law.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/permutation.h"
#include "engine/plan/flatten.h"
#include "tests/engine/scenarios.h"

namespace spate::engine {
namespace {

TEST(Reduce, IsTheRemainder) {
  for (const uint64_t d :
       {1ull, 2ull, 3ull, 64ull, 1000ull, 15'625ull, (1ull << 32) - 1, ~0ull / 3}) {
    for (uint64_t i = 0; i < 1000; ++i) {
      const uint64_t n = Draw(d, i);
      ASSERT_EQ(Reduce(n, d, InverseOf(d)), n % d) << n << " mod " << d;
      ASSERT_EQ(Reduce(i, d, InverseOf(d)), i % d);
    }
  }
}

TEST(BalancedBits, DealsEveryStratumOnceARound) {
  for (const uint32_t strata : {2u, 4u, 16u, 64u, 1024u}) {
    std::set<std::vector<uint64_t>> orders;
    for (uint64_t round = 0; round < 4; ++round) {
      std::set<uint64_t> seen;
      std::vector<uint64_t> order;
      for (uint64_t i = 0; i < strata; ++i) {
        const uint64_t bits = BalancedBits(7, round * strata + i, strata, Draw(1, i));
        order.push_back(Below(bits, strata));
        seen.insert(order.back());
      }
      ASSERT_EQ(seen.size(), strata);
      orders.insert(order);
    }
    if (strata >= 16) {
      EXPECT_GT(orders.size(), 1u) << "rounds are shuffled anew";
    }
  }
}

Plan PlanWithLaw(core::Law law) {
  core::Scenario scenario;
  testing::AddDraw(scenario, std::move(law), core::Scope::kPacket);
  return *Flatten(scenario, {});
}

std::map<uint64_t, double> Shares(const Plan& plan, int draws) {
  std::map<uint64_t, double> shares;
  for (int i = 0; i < draws; ++i) {
    const uint64_t bits = Draw(3, static_cast<uint64_t>(i));
    shares[Outcome(plan.draws[0].law, plan.words.data(), 0, bits)] += 1.0 / draws;
  }
  return shares;
}

// Small numbers have cells of one word, large ones of three.
TEST(Outcome, AliasKeepsTheWeights) {
  for (const uint64_t unit : {1u, 1u << 20}) {
    const Plan plan = PlanWithLaw({.kind = core::Law::Kind::kAlias,
                                   .values = {64 * unit, 570 * unit, 1518 * unit},
                                   .weights = {7, 4, 1}});
    EXPECT_EQ(plan.draws[0].law.cells, unit == 1);
    const auto shares = Shares(plan, 200'000);
    EXPECT_NEAR(shares.at(64 * unit), 7.0 / 12, 0.005);
    EXPECT_NEAR(shares.at(570 * unit), 4.0 / 12, 0.005);
    EXPECT_NEAR(shares.at(1518 * unit), 1.0 / 12, 0.005);
  }
}

TEST(Outcome, AWeightOfZeroNeverComes) {
  const Plan plan =
      PlanWithLaw({.kind = core::Law::Kind::kAlias, .values = {1, 2, 3}, .weights = {1, 0, 1}});
  EXPECT_EQ(Shares(plan, 50'000).count(2), 0u);
}

TEST(Outcome, BalancedChoicesAreExactPerRound) {
  core::Law law{
      .kind = core::Law::Kind::kAlias, .values = {10, 20}, .weights = {3, 1}, .balanced = 64};
  const Plan plan = PlanWithLaw(law);
  int tens = 0;
  for (uint64_t i = 0; i < 64; ++i) {
    const uint64_t bits = BalancedBits(9, i, 64, Draw(4, i));
    tens += Outcome(plan.draws[0].law, plan.words.data(), i, bits) == 10 ? 1 : 0;
  }
  EXPECT_EQ(tens, 48);
}

TEST(Outcome, QuantilesInterpolate) {
  const Plan plan = PlanWithLaw({.kind = core::Law::Kind::kQuantiles, .values = {0, 1000, 3000}});
  const auto at = [&](uint64_t bits) {
    return Outcome(plan.draws[0].law, plan.words.data(), 0, bits);
  };
  EXPECT_EQ(at(0), 0u);
  EXPECT_NEAR(static_cast<double>(at(uint64_t{1} << 62)), 500, 1);
  EXPECT_NEAR(static_cast<double>(at(uint64_t{3} << 62)), 2000, 2);
  EXPECT_NEAR(static_cast<double>(at(~uint64_t{0})), 3000, 1);
}

TEST(MeanOutcome, MatchesTheDraws) {
  for (const core::Law& law :
       {core::Law{.kind = core::Law::Kind::kUniform, .start = 100, .count = 11},
        core::Law{.kind = core::Law::Kind::kQuantiles, .values = {0, 10, 1000, 1010}},
        core::Law{.kind = core::Law::Kind::kAlias, .values = {64, 1518}, .weights = {3, 1}}}) {
    const Plan plan = PlanWithLaw(law);
    double sum = 0;
    constexpr int kDraws = 200'000;
    for (uint64_t i = 0; i < kDraws; ++i) {
      sum += static_cast<double>(Outcome(plan.draws[0].law, plan.words.data(), i, Draw(5, i)));
    }
    EXPECT_NEAR(sum / kDraws, MeanOutcome(law), 0.01 * MeanOutcome(law));
  }
}

TEST(Flatten, RefusesStrataThatAreNoPowerOfTwo) {
  core::Scenario scenario;
  testing::AddDraw(scenario, {.kind = core::Law::Kind::kUniform, .count = 5, .balanced = 12},
                   core::Scope::kPacket);
  EXPECT_THAT(std::string(Flatten(scenario, {}).status().message()),
              ::testing::HasSubstr("power of two"));
}

TEST(Permuted, EachOnceARoundInAnotherOrder) {
  for (const uint64_t count : {2u, 3u, 7u, 64u, 100u, 1000u}) {
    std::set<std::vector<uint64_t>> orders;
    for (uint64_t round = 0; round < 4; ++round) {
      std::vector<uint64_t> order;
      for (uint64_t i = 0; i < count; ++i) order.push_back(Permuted(5, round * count + i, count));
      const std::set<uint64_t> seen(order.begin(), order.end());
      ASSERT_EQ(seen.size(), count);
      ASSERT_EQ(*seen.rbegin(), count - 1);
      orders.insert(order);
    }
    if (count > 7) {
      EXPECT_EQ(orders.size(), 4u) << count;
    }
  }
  EXPECT_NE(Permuted(5, 17, 1'000'000), Permuted(6, 17, 1'000'000));
  EXPECT_LT(Permuted(5, 17, ~uint64_t{0}), ~uint64_t{0});
}

// As often up as down, and neighbours are a third of the range apart, as in any random order.
TEST(Permuted, NeighboursHaveNothingInCommon) {
  constexpr uint64_t kCount = 10'000;
  uint64_t rises = 0, distance = 0;
  for (uint64_t i = 0; i + 1 < kCount; ++i) {
    const uint64_t a = Permuted(3, i, kCount), b = Permuted(3, i + 1, kCount);
    rises += b > a;
    distance += b > a ? b - a : a - b;
  }
  EXPECT_NEAR(static_cast<double>(rises), kCount / 2.0, 300);
  EXPECT_NEAR(static_cast<double>(distance) / kCount, kCount / 3.0, 200);
}

TEST(Law, CurvesAreGoneThroughOncePerPeriod) {
  const std::vector<uint64_t> words = {0, static_cast<uint64_t>(-10), 10, 0};
  const LawPlan law{.kind = core::Law::Kind::kQuantiles, .table = 1, .size = 3};
  const auto at = [&](uint64_t time) {
    return static_cast<int64_t>(CurveAt(law, words.data(), time, 8));
  };
  EXPECT_EQ(at(0), -10);
  EXPECT_EQ(at(1), -5);
  EXPECT_EQ(at(4), 10);
  EXPECT_EQ(at(7), 3);  // 2.5, rounded
  EXPECT_EQ(at(8), -10);
}

}  // namespace
}  // namespace spate::engine
