#include <gtest/gtest.h>

#include "packet/frame.h"
#include "packet/services.h"
#include "tests/packet/stack_text.h"

namespace spate::packet {
namespace {

struct Case {
  std::string_view stack;
  size_t payload;
  std::string_view source, destination, protocol, info;
};

// Texts as tshark prints them where it prints only what these headers hold (sequence numbers raw).
constexpr Case kCases[] = {
    {"ethernet / ipv4 / tcp src_port=51234 dst_port=1883 seq_num=1 ack_num=1 flags=PA window=502",
     42, "198.18.0.1", "198.18.0.2", "MQTT", "51234 → 1883 [PSH, ACK] Seq=1 Ack=1 Win=502 Len=42"},
    {"ethernet / ipv4 / tcp src_port=51234 dst_port=1883 flags=S options=020405b4", 0, "198.18.0.1",
     "198.18.0.2", "TCP", "51234 → 1883 [SYN] Seq=0 Win=65535 Len=0 MSS=1460"},
    {"ethernet / ipv4 / tcp flags=0", 0, "198.18.0.1", "198.18.0.2", "TCP",
     "49152 → 9 [<None>] Seq=0 Win=65535 Len=0"},
    {"ethernet / ipv6 / udp src_port=40000 dst_port=53", 30, "2001:2::1", "2001:2::2", "DNS",
     "40000 → 53 Len=30"},
    {"ethernet / ipv4 / udp src_port=40000 dst_port=40001", 12, "198.18.0.1", "198.18.0.2", "UDP",
     "40000 → 40001 Len=12"},
    {"ethernet / ipv4 / icmp identifier=7 sequence_number=3", 8, "198.18.0.1", "198.18.0.2", "ICMP",
     "Echo (ping) request id=0x0007, seq=3"},
    {"ethernet / ipv4 / icmp type=0 identifier=7", 8, "198.18.0.1", "198.18.0.2", "ICMP",
     "Echo (ping) reply id=0x0007, seq=0"},
    {"ethernet / ipv4 / icmp type=3 code=1", 28, "198.18.0.1", "198.18.0.2", "ICMP",
     "Destination unreachable (code 1)"},
    {"ethernet / ipv6 / icmpv6 type=129 identifier=7 sequence_number=1", 8, "2001:2::1",
     "2001:2::2", "ICMPv6", "Echo (ping) reply id=0x0007, seq=1"},
    {"ethernet / ipv6 / icmpv6 type=135", 0, "2001:2::1", "2001:2::2", "ICMPv6",
     "Neighbor Solicitation for 2001:2::2"},
    {"ethernet / ipv6 / icmpv6 type=133", 0, "2001:2::1", "2001:2::2", "ICMPv6",
     "Router Solicitation"},
    {"ethernet dst=ff:ff:ff:ff:ff:ff / arp", 0, "02:00:00:00:00:01", "Broadcast", "ARP",
     "Who has 198.18.0.2? Tell 198.18.0.1"},
    {"ethernet / arp operation=2", 0, "02:00:00:00:00:01", "02:00:00:00:00:02", "ARP",
     "198.18.0.1 is at 02:00:00:00:00:01"},
    {"ethernet / ipv4", 4, "198.18.0.1", "198.18.0.2", "IPv4", "Protocol 253"},
    {"ethernet / ipv4 fragment_offset=185 identification=0xd0fe / udp", 24, "198.18.0.1",
     "198.18.0.2", "IPv4", "Fragmented IP protocol (proto=17, off=1480, ID=d0fe)"},
    {"ethernet", 4, "02:00:00:00:00:01", "02:00:00:00:00:02", "0x88b5", "Ethernet type 0x88b5"},
    {"ethernet / vlan id=5", 4, "02:00:00:00:00:01", "02:00:00:00:00:02", "0x88b5",
     "PRI: 0  DEI: 0  ID: 5"},
    {"ethernet ether_type=38", 38, "02:00:00:00:00:01", "02:00:00:00:00:02", "LLC",
     "LLC DSAP 0x00, SSAP 0x00, control 0x00"},
    {"ethernet / ipv4 / ipv6 src=2001:db8::1 / udp dst_port=4789", 4, "2001:db8::1", "2001:2::2",
     "VXLAN", "49152 → 4789 Len=4"},
};

TEST(SummaryTest, SaysWhatPeopleExpect) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.stack);
    const Frame frame = MakeFrame(c.stack, std::vector<uint8_t>(c.payload));
    const Summary summary = Summarize(frame.bytes.data(), frame.bytes.size(), LinkType::kEthernet);
    EXPECT_EQ(summary.source, c.source);
    EXPECT_EQ(summary.destination, c.destination);
    EXPECT_EQ(summary.protocol, c.protocol);
    EXPECT_EQ(summary.info, c.info);
  }
}

TEST(SummaryTest, NamesLinksItCannotRead) {
  const std::vector<uint8_t> bytes(5);
  EXPECT_EQ(Summarize(bytes.data(), 5, LinkType::kIeee802154).protocol, "IEEE 802.15.4");
  EXPECT_EQ(Summarize(bytes.data(), 5, static_cast<LinkType>(104)).protocol, "Link type 104");
  EXPECT_EQ(Summarize(bytes.data(), 5, LinkType::kEthernet).info, "5 bytes");
  EXPECT_EQ(Summarize(nullptr, 0, LinkType::kRawIp).info, "0 bytes");
}

TEST(ServiceTest, PrefersTheLowerPort) {
  EXPECT_EQ(ServiceName(Transport::kTcp, 51234, 502), "Modbus/TCP");
  EXPECT_EQ(ServiceName(Transport::kTcp, 1883, 51234), "MQTT");
  EXPECT_EQ(ServiceName(Transport::kTcp, 8080, 53), "DNS");
  EXPECT_EQ(ServiceName(Transport::kUdp, 443, 50000), "QUIC");
  EXPECT_EQ(ServiceName(Transport::kTcp, 443, 50000), "TLS");
  EXPECT_EQ(ServiceName(Transport::kUdp, 1883, 50000), "");
}

}  // namespace
}  // namespace spate::packet
