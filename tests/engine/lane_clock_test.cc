// The clock of pacing against the clock that it stands for.
#include "engine/emit/lane_clock.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/emit/emitter.h"

namespace spate::engine {
namespace {

// The least of several looks: whoever is interrupted between two readings looks again.
int64_t Difference(LaneClock& clock) {
  int64_t least = INT64_MAX;
  for (int i = 0; i < 100; ++i) {
    const int64_t before = MonotonicClock::NowPs();
    const int64_t now = clock.NowPs();
    const int64_t after = MonotonicClock::NowPs();
    const int64_t outside = std::max({before - now, now - after, int64_t{0}});
    least = std::min(least, outside + (after - before) / 2);
  }
  return least;
}

TEST(LaneClock, AgreesWithTheClockBeforeAndAfterItsAnchors) {
  const TscRate rate = CalibrateTsc();
  if (rate.hz == 0) GTEST_SKIP() << rate.reason;
  LaneClock clock(rate);
  EXPECT_LT(Difference(clock), 1'000'000);
  const int64_t until = MonotonicClock::NowPs() + 25'000'000'000;
  while (MonotonicClock::NowPs() < until) clock.NowPs();
  EXPECT_LT(Difference(clock), 1'000'000);
}

TEST(LaneClock, IsTheClockItselfWhereTheTscIsNone) {
  LaneClock clock({.hz = 0, .reason = "a test"});
  const int64_t before = MonotonicClock::NowPs();
  const int64_t now = clock.NowPs();
  EXPECT_LE(before, now);
  EXPECT_LE(now, MonotonicClock::NowPs());
}

TEST(PacedBurst, IsWhatHalfAMicrosecondBrings) {
  EXPECT_EQ(PacedBurst(10'000), 1);
  EXPECT_EQ(PacedBurst(1e6), 1);
  EXPECT_EQ(PacedBurst(14.88e6), 7);
  EXPECT_EQ(PacedBurst(1e9), kBurst);
}

}  // namespace
}  // namespace spate::engine
