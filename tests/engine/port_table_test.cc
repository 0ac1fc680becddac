#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/port/dpdk_names.h"
#include "engine/port/file_port.h"
#include "engine/port/pci.h"
#include "engine/port/rows_port.h"
#include "engine/port/table.h"

namespace spate::engine {
namespace {

using ::testing::HasSubstr;

TEST(PortTableTest, EveryKindExplainsItself) {
  for (const PortKind& kind : PortKinds()) {
    EXPECT_FALSE(kind.pattern.empty()) << kind.name;
    EXPECT_FALSE(kind.help.empty()) << kind.name;
  }
}

TEST(PortTableTest, UnknownNamesSayWhatIsThere) {
  const absl::Status status = OpenPort("nul").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(status.message(), HasSubstr("unknown port \"nul\""));
  EXPECT_THAT(status.message(), HasSubstr("*.pcap"));
  EXPECT_THAT(status.message(), HasSubstr("interfaces here: "));
  EXPECT_THAT(status.message(), HasSubstr("did you mean \"null\"?"));
  EXPECT_EQ(OpenPort("").status().code(), absl::StatusCode::kNotFound);
}

TEST(PortTableTest, NamesOfEachKind) {
  EXPECT_TRUE(IsPciDevice("0000:01:00.0"));
  EXPECT_TRUE(IsPciDevice("af:00.1"));
  EXPECT_TRUE(IsPciDevice("0000:01:00.0,txq_inline_max=128"));
  EXPECT_FALSE(IsPciDevice("0000:01:00"));
  EXPECT_FALSE(IsPciDevice("02:00:00:00:00:01"));
  EXPECT_FALSE(IsPciDevice("00000:01:00.0"));
  EXPECT_TRUE(IsVirtualDevice("net_af_packet0,iface=eth0"));
  EXPECT_TRUE(IsVirtualDevice("net_pcap0,tx_pcap=/tmp/a.pcap"));
  EXPECT_FALSE(IsVirtualDevice("net_trace.pcap"));
  EXPECT_FALSE(IsVirtualDevice("eth0"));
  EXPECT_TRUE(IsCaptureFile("net_trace.pcap"));
  EXPECT_TRUE(IsCaptureFile("dir/a.pcapng"));
  EXPECT_FALSE(IsCaptureFile("a.txt"));
  EXPECT_TRUE(IsRowsFile("a.jsonl"));
  EXPECT_TRUE(IsRowsFile("dir/a.csv"));
  EXPECT_FALSE(IsRowsFile("a.json"));
}

TEST(PciTest, TheKernelKeepsWhatTheMachineLivesBy) {
  const PciDevice device{.address = "0000:01:00.0", .driver = "ixgbe", .interfaces = {"eth0"}};
  const std::vector<std::string> none, one = {"eth0"}, two = {"eth0", "eth1"}, other = {"eth1"};
  EXPECT_EQ(ReasonToKeep(device, one, none), "eth0 is the machine's only interface");
  EXPECT_EQ(ReasonToKeep(device, two, one), "eth0 has addresses");
  EXPECT_EQ(ReasonToKeep(device, two, other), "");
  EXPECT_EQ(ReasonToKeep({.address = "0000:01:00.1"}, one, one), "") << "has no interface";
}

TEST(SurveyTest, HasALineForEachKindOfPort) {
  const SystemAdvice advice = SurveyPorts();
  for (const PortKind& kind : PortKinds()) {
    EXPECT_THAT(advice.ports,
                ::testing::Contains(::testing::Field(&PortAdvice::kind, std::string(kind.name))));
  }
}

TEST(SurveyTest, ListsPortsAndSystemWithWhatMendsThem) {
  const SystemAdvice advice = SurveyPorts();
  const auto usable = [](const PortAdvice& line) { return line.name == "null" && line.usable; };
  EXPECT_TRUE(std::ranges::any_of(advice.ports, usable));
  EXPECT_THAT(advice.ports, ::testing::Contains(::testing::Field(&PortAdvice::name, "lo")));
  EXPECT_THAT(advice.system,
              ::testing::Contains(::testing::Field(&PortAdvice::name, "hugepages 2 MiB")));
  for (const auto* lines : {&advice.ports, &advice.system}) {
    for (const PortAdvice& line : *lines) {
      EXPECT_FALSE(line.name.empty() || line.kind.empty() || line.state.empty()) << line.name;
    }
  }
}

}  // namespace
}  // namespace spate::engine
