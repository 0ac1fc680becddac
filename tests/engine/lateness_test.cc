#include "engine/emit/lateness.h"

#include <gtest/gtest.h>

namespace spate::engine {
namespace {

constexpr int64_t kLatePs = 50 * Lateness::kOnTimePs;

TEST(LatenessTest, IsTheLanesOwnAsLongAsNothingKeepsIt) {
  Lateness lateness;
  EXPECT_EQ(&lateness.Of(0), &lateness.own_ns());
  EXPECT_TRUE(lateness.on_time());
  EXPECT_EQ(&lateness.Of(kLatePs), &lateness.own_ns());
  EXPECT_FALSE(lateness.on_time());
}

TEST(LatenessTest, IsTheInterruptionsUntilTheLaneHasCaughtUp) {
  Lateness lateness;
  const measure::Histogram* const of_interruptions = &lateness.interruptions().lateness_ns;
  lateness.NoteInterruption(kLatePs);
  EXPECT_EQ(lateness.interruptions().count, 1u);
  for (const int64_t late : {kLatePs, kLatePs / 2, Lateness::kOnTimePs + 1}) {
    EXPECT_EQ(&lateness.Of(late), of_interruptions) << late;
    EXPECT_FALSE(lateness.on_time());
  }
  EXPECT_EQ(&lateness.Of(Lateness::kOnTimePs), &lateness.own_ns());
  EXPECT_TRUE(lateness.on_time());
  EXPECT_EQ(&lateness.Of(kLatePs), &lateness.own_ns()) << "that is the lane's own again";
}

}  // namespace
}  // namespace spate::engine
