// The templates of configs/ that are about headers: tunnels, extension headers, scans.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "packet/bits.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/configs.h"

namespace spate::testing {
namespace {

// Offsets behind an Ethernet header: of IPv4 and UDP, or of IPv6.
constexpr size_t kNextHeader = 20, kDestination6 = 38, kExtension = 54;

TEST(PacketConfigs, VxlanCarriesEveryTenant) {
  std::set<uint32_t> networks, leaves;
  for (const Bytes& frame : FirstPackets("vxlan.yaml", 1'280)) {
    ASSERT_EQ(packet::Get16(&frame[kDestinationPort]), 4789);
    ASSERT_EQ(frame[kUdpPayload], 8);
    networks.insert(packet::Get32(&frame[kUdpPayload + 4]) >> 8);
    leaves.insert(packet::Get32(&frame[kSource]));
  }
  EXPECT_EQ(networks.size(), 64u);
  EXPECT_EQ(*networks.begin(), 5'000u);
  EXPECT_EQ(*networks.rbegin(), 5'063u);
  EXPECT_EQ(leaves.size(), 16u);
}

TEST(PacketConfigs, EverySubscriberHasATunnelOfHisOwn) {
  constexpr size_t kTunnel = kUdpPayload + 4, kInner = kUdpPayload + 16;
  std::map<uint32_t, std::set<uint32_t>> subscribers;  // by tunnel
  size_t up = 0, down = 0;
  for (const Bytes& frame : FirstPackets("gtp-u.yaml", 3'000)) {
    const bool is_up = packet::Get16(&frame[kInner + 22]) == 443;
    ++(is_up ? up : down);
    subscribers[packet::Get32(&frame[kTunnel])].insert(
        packet::Get32(&frame[kInner + (is_up ? 12 : 16)]));
  }
  EXPECT_NEAR(static_cast<double>(down), 2.0 * static_cast<double>(up), 6);
  ASSERT_EQ(subscribers.size(), 1'000u);
  for (const auto& [tunnel, addresses] : subscribers) {
    ASSERT_EQ(addresses, std::set<uint32_t>{0xc6130001 + tunnel - 4'096});
  }
}

TEST(PacketConfigs, Ipv6ExtensionHeadersComeAsAsked) {
  constexpr double kCount = 4'000;
  std::map<uint8_t, double> first;
  for (const Bytes& frame : FirstPackets("ipv6-extensions.yaml", 4'000)) {
    first[frame[kNextHeader]] += 1 / kCount;
  }
  const std::map<uint8_t, double> expected = {{17, 0.6}, {0, 0.2}, {60, 0.1}, {44, 0.1}};
  ASSERT_EQ(first.size(), expected.size());
  for (const auto& [header, share] : expected) EXPECT_NEAR(first[header], share, 0.04) << header;
}

TEST(PacketConfigs, Srv6TakesAWayForEachClass) {
  std::map<uint16_t, int> ways;  // by the first segment's node
  for (const Bytes& frame : FirstPackets("srv6.yaml", 2'000)) {
    ASSERT_EQ(frame[kNextHeader], 43);
    ASSERT_EQ(frame[kExtension + 3], 2) << "segments left";
    // The segment travelled to is the last one of the list.
    ASSERT_TRUE(
        std::equal(&frame[kDestination6], &frame[kDestination6 + 16], &frame[kExtension + 8 + 32]));
    ++ways[packet::Get16(&frame[kDestination6 + 6])];
  }
  EXPECT_EQ(ways.size(), 2u);
  EXPECT_NEAR(ways[0xa], 600, 1);
  EXPECT_NEAR(ways[0xc], 1'400, 1);
}

TEST(PacketConfigs, AScanAsksForOneNeighbourAfterTheOther) {
  constexpr uint32_t kAsked = 4'000;
  std::set<uint32_t> v4, v6;
  for (const Bytes& frame : FirstPackets("neighbour-scan.yaml", 2 * kAsked)) {
    const bool arp = packet::Get16(&frame[12]) == 0x0806;
    const uint32_t target = packet::Get32(&frame[arp ? 38 : 74]);
    ASSERT_TRUE((arp ? v4 : v6).insert(target).second) << target;
  }
  EXPECT_EQ(v4.size(), kAsked);
  EXPECT_EQ(v6.size(), kAsked);
  EXPECT_EQ(*v4.begin(), 0xc6120002u);
  EXPECT_EQ(*v4.rbegin(), 0xc6120002u + kAsked - 1);
}

}  // namespace
}  // namespace spate::testing
