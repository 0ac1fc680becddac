#include "cli/interrupt.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace spate::cli {
namespace {

TEST(Interrupt, TheFirstSignalAsks) {
  const Interrupt interrupt;
  EXPECT_FALSE(interrupt.flag());
  raise(SIGTERM);
  EXPECT_TRUE(interrupt.flag());
}

TEST(Interrupt, ANewOneStartsAfresh) {
  {
    const Interrupt interrupt;
    raise(SIGINT);
  }
  const Interrupt interrupt;
  EXPECT_FALSE(interrupt.flag());
}

TEST(InterruptDeathTest, TheSecondSignalKills) {
  EXPECT_EXIT(
      {
        const Interrupt interrupt;
        raise(SIGINT);
        raise(SIGINT);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace spate::cli
