#include "engine/emit/work_times.h"

#include <gtest/gtest.h>

namespace spate::engine {
namespace {

constexpr int64_t kPsInMicro = 1'000'000;

TEST(WorkTimesTest, WhatIsLongAndRareIsAnInterruption) {
  WorkTimes times;
  for (int i = 0; i < 10'000; ++i) EXPECT_FALSE(times.Interrupted(kPsInMicro));
  EXPECT_TRUE(times.Interrupted(19 * kPsInMicro));
  EXPECT_TRUE(times.Interrupted(4'000'000 * kPsInMicro));
}

TEST(WorkTimesTest, WhatIsShortIsNot) {
  WorkTimes times;
  for (int i = 0; i < 10'000; ++i) EXPECT_FALSE(times.Interrupted(kPsInMicro));
  EXPECT_FALSE(times.Interrupted(WorkTimes::kLeastPs));
}

TEST(WorkTimesTest, WhatALaneDoesNowAndThenIsItsOwnWork) {
  WorkTimes times;
  for (int refill = 0; refill < 100; ++refill) {
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(times.Interrupted(kPsInMicro));
    EXPECT_FALSE(times.Interrupted(20 * kPsInMicro)) << refill;
  }
  EXPECT_TRUE(times.Interrupted(100 * kPsInMicro)) << "longer than that it still is none";
}

TEST(WorkTimesTest, NothingIsRareAtTheStart) {
  WorkTimes times;
  EXPECT_FALSE(times.Interrupted(50 * kPsInMicro));
}

}  // namespace
}  // namespace spate::engine
