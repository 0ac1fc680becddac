// Where lcores go, on machines that are trees of files.
#include "engine/port/cpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/engine/machine.h"
#include "tests/engine/port_testing.h"

namespace spate::engine {
namespace {

using spate::testing::Machine;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<int> TakeAll(std::vector<Cpu> cpus, int node, int count) {
  CpuPool pool(std::move(cpus));
  std::vector<int> taken;
  for (int i = 0; i < count; ++i) taken.push_back(pool.Take(node));
  return taken;
}

TEST(Cpus, AreReadWithNodeAndCore) {
  const Machine machine("2-3");
  const std::vector<Cpu> cpus = machine.cpus();
  ASSERT_EQ(cpus.size(), 8u);
  EXPECT_EQ(cpus[5], (Cpu{.id = 5, .node = 0, .core = 1}));
  EXPECT_EQ(cpus[3], (Cpu{.id = 3, .node = 1, .core = 3, .isolated = true}));
  EXPECT_EQ(CountCores(cpus), 4u);
}

TEST(Cpus, LcoresStayOnThePortsNodeAndHaveCoresOfTheirOwn) {
  const std::vector<Cpu> cpus = Machine("").cpus();
  EXPECT_THAT(TakeAll(cpus, 1, 5), ElementsAre(2, 3, 6, 7, 1)) << "the first core comes last";
  EXPECT_THAT(TakeAll(cpus, 0, 2), ElementsAre(1, 0));
  EXPECT_THAT(TakeAll(cpus, -1, 4), ElementsAre(1, 2, 3, 0));
}

TEST(Cpus, IsolatedOnesComeFirst) {
  EXPECT_THAT(TakeAll(Machine("3,7").cpus(), 1, 3), ElementsAre(3, 2, 7));
}

TEST(Cpus, AreDealtAgainWhenAllAreTaken) {
  EXPECT_THAT(TakeAll({{.id = 0, .core = 0}, {.id = 1, .core = 1}}, -1, 5),
              ElementsAre(1, 0, 1, 0, 1));
}

// isolcpus= takes CPUs out of every mask; taskset takes out others as well.
TEST(Cpus, IsolatedOnesCountUnlessTheMaskWasNarrowed) {
  const std::vector<Cpu> cpus = Machine("2-3").cpus();
  EXPECT_EQ(CpusForLcores(cpus, {0, 1, 4, 5, 6, 7}).size(), 8u);
  const std::vector<Cpu> narrowed = CpusForLcores(cpus, {0, 1});
  ASSERT_EQ(narrowed.size(), 2u);
  EXPECT_EQ(narrowed[1].id, 1);
}

TEST(Cpus, AMachineWithoutSysfsHasThoseOfTheMask) {
  const spate::testing::ScratchDirectory empty;
  EXPECT_THAT(ReadCpus(empty.File("")), IsEmpty());
  EXPECT_EQ(CpusForLcores({}, {3, 4}).back().id, 4);
}

TEST(Cpus, ThoseThatAreNotThereCannotBeBound) {
  EXPECT_TRUE(CanBind(MaskedCpus().front()));
  EXPECT_FALSE(CanBind(1'000'000));
  EXPECT_FALSE(CanBind(-1));
}

TEST(Cpus, ListsAreReadAndWritten) {
  EXPECT_THAT(ParseCpuRanges("0-2,8"), ElementsAre(0, 1, 2, 8));
  EXPECT_THAT(ParseCpuRanges(""), IsEmpty());
  EXPECT_THAT(ParseCpuRanges("x"), IsEmpty());
  EXPECT_EQ(CpuRanges({0, 1, 2, 8}), "0-2,8");
  EXPECT_EQ(CpuRanges({}), "");
}

}  // namespace
}  // namespace spate::engine
