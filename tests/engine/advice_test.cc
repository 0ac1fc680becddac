// What is said about a machine, by trees of files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/port/system_advice.h"
#include "tests/engine/machine.h"

namespace spate::engine {
namespace {

using spate::testing::Machine;
using ::testing::HasSubstr;

const std::vector<int> kAll = {0, 1, 2, 3, 4, 5, 6, 7};

PortAdvice LineOf(const Machine& machine, std::string_view name,
                  const std::vector<int>& mask = kAll) {
  SystemAdvice advice;
  SurveySystem(advice, machine.sysfs(), mask);
  const auto line = std::ranges::find(advice.system, name, &PortAdvice::name);
  if (line != advice.system.end()) return *line;
  ADD_FAILURE() << "no line " << name;
  return {};
}

TEST(Advice, IsolatesAllButTheFirstCore) {
  const PortAdvice line = LineOf(Machine(""), "lcores");
  EXPECT_EQ(line.state, "8 CPUs allowed, 4 cores, 2 NUMA nodes, none isolated");
  EXPECT_THAT(line.mend, HasSubstr("isolcpus=managed_irq,domain,1-3,5-7 nohz_full=1-3,5-7"));
}

TEST(Advice, SaysWhatIsIsolatedAlready) {
  const PortAdvice line = LineOf(Machine("2-3"), "lcores", {0, 1, 4, 5, 6, 7});
  EXPECT_EQ(line.state, "8 CPUs allowed, 4 cores, 2 NUMA nodes, isolated: 2-3");
  EXPECT_EQ(line.mend, "");
}

TEST(Advice, NamesTheCpusOfASlowGovernor) {
  const Machine machine("");
  for (int cpu = 0; cpu < 8; ++cpu) {
    machine.Write(absl::StrCat("devices/system/cpu/cpu", cpu, "/cpufreq/scaling_governor"),
                  cpu < 6 ? "performance" : "powersave");
  }
  const PortAdvice line = LineOf(machine, "governor");
  EXPECT_FALSE(line.usable);
  EXPECT_EQ(line.state, "powersave on CPUs 6-7");
  EXPECT_EQ(line.mend, "cpupower -c 6-7 frequency-set -g performance");
}

TEST(Advice, TellsOfSiblingsAndClock) {
  const Machine machine("");
  machine.Write("devices/system/clocksource/clocksource0/current_clocksource", "hpet");
  EXPECT_THAT(LineOf(machine, "SMT").mend, HasSubstr("smt/control"));
  EXPECT_TRUE(LineOf(machine, "SMT", {0, 1}).usable) << "one CPU of each core";
  EXPECT_FALSE(LineOf(machine, "clock").usable);
}

TEST(Advice, CountsHugepages) {
  const Machine machine("");
  EXPECT_THAT(LineOf(machine, "hugepages 2 MiB").state, HasSubstr("not offered"));
  machine.Write("kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "64");
  machine.Write("kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0");
  EXPECT_THAT(LineOf(machine, "hugepages 2 MiB").mend, HasSubstr("echo 512"));
}

TEST(Advice, PutsLcoresOnTheNodeOfTheCard) {
  const Machine machine("");
  SystemAdvice advice;
  advice.ports = {
      {.name = "null", .kind = "null", .usable = true, .state = {}, .mend = {}},
      {.name = "eth1", .kind = "af_packet", .usable = true, .state = {}, .mend = {}, .node = 1}};
  SurveySystem(advice, machine.sysfs(), kAll);
  ASSERT_EQ(advice.lcores.size(), 1u);
  EXPECT_EQ(advice.lcores[0].port, "eth1");
  EXPECT_EQ(advice.lcores[0].emission, 2);
  EXPECT_EQ(advice.lcores[0].generation, 3);
}

}  // namespace
}  // namespace spate::engine
