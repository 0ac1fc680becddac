#include "engine/expand/ladder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/random.h"

namespace spate::engine {
namespace {

constexpr int64_t kGap = 1'000'000;

// Gaps of every kind at once: none, tiny, about the mean, far beyond all buckets.
int64_t GapOf(uint64_t key, uint64_t n) {
  const uint64_t bits = Draw(key, n);
  switch (bits % 8) {
    case 0:
      return 0;
    case 1:
      return 1;
    case 2:
      return 1'000 * kGap;
    default:
      return static_cast<int64_t>(Below(Mix(bits), 2 * kGap));
  }
}

std::vector<Timer> Timers(uint32_t count, int64_t spread) {
  std::vector<Timer> timers;
  for (uint32_t n = 0; n < count; ++n) {
    const int64_t due = static_cast<int64_t>(Below(Draw(9, n), spread)) - 100;
    timers.push_back({.due_ps = due, .id = n % 3 * count + n});
  }
  return timers;
}

// Gaps that grow from tiny to vast and shrink again: the buckets' width follows them.
int64_t ChangingGapOf(uint64_t key, uint64_t n) {
  const unsigned scale = n % 32 < 16 ? 2 * (n % 32) : 2 * (31 - n % 32);
  return static_cast<int64_t>(Below(Draw(key, n), uint64_t{1'000} << scale));
}

// `passes`: how often each acts.
void ExpectSameAsASet(uint32_t count, int64_t spread, int64_t (*gap_of)(uint64_t, uint64_t) = GapOf,
                      uint64_t passes = 8) {
  const std::vector<Timer> timers = Timers(count, spread);
  Ladder<Timer> ladder;
  ladder.Reserve(count);
  for (const Timer& timer : timers) ladder.Add(timer);
  ladder.Start();
  const auto before = [](const Timer& a, const Timer& b) { return a.event() < b.event(); };
  std::set<Timer, decltype(before)> set(timers.begin(), timers.end(), before);
  for (uint64_t event = 0; !set.empty(); ++event) {
    ASSERT_FALSE(ladder.empty());
    Timer timer = *ladder.First();
    ASSERT_EQ(timer.event(), set.begin()->event()) << "event " << event << " of " << count;
    if (set.size() > 1) {
      ASSERT_LE(ladder.Bound().event(), std::next(set.begin())->event());
      ASSERT_GE(ladder.Bound().due_ps, timer.due_ps);
    }
    ladder.Pop();
    ASSERT_EQ(timer.packets, set.begin()->packets);
    set.erase(set.begin());
    timer.due_ps += gap_of(timer.id, timer.packets++);
    if (timer.packets < passes) {
      ladder.Push(timer);
      set.insert(timer);
    }
    ladder.Advance();
  }
  EXPECT_TRUE(ladder.empty());
  EXPECT_EQ(ladder.First(), nullptr);
}

TEST(Ladder, YieldsTheOrderOfASet) {
  for (const uint32_t count : {1u, 2u, 31u, 1'500u}) {
    ExpectSameAsASet(count, 3 * kGap);
    ExpectSameAsASet(count, 1);                 // all at one time
    ExpectSameAsASet(count, kGap / 1'000);      // gaps far above what is seen at first …
    ExpectSameAsASet(count, 1'000'000 * kGap);  // … and far below
  }
}

TEST(Ladder, ItsBucketsFollowWhatWaits) {
  for (const uint32_t count : {100u, 1'500u}) ExpectSameAsASet(count, kGap, ChangingGapOf, 64);
}

TEST(Ladder, HoldsNothingAtFirst) {
  Ladder<Event> ladder;
  ladder.Reserve(0);
  ladder.Start();
  EXPECT_TRUE(ladder.empty());
  EXPECT_EQ(ladder.First(), nullptr);
}

}  // namespace
}  // namespace spate::engine
