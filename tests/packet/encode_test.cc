#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "packet/bits.h"
#include "packet/frame.h"
#include "tests/packet/stack_text.h"

namespace spate::packet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Bytes = std::vector<uint8_t>;

std::string ErrorOf(std::string_view stack, const Bytes& payload = {}, uint32_t size = 0) {
  const auto frame = Encode(Stack(stack), payload, size);
  return frame.ok() ? "no error" : std::string(frame.status().message());
}

TEST(EncodeTest, NamesTheSitesOfEveryLengthAndSum) {
  const Frame frame = MakeFrame("ethernet / vlan / ipv4 / udp", Bytes(100, 1));
  EXPECT_EQ(frame.bytes.size(), 14u + 4 + 20 + 8 + 100);
  EXPECT_EQ(frame.header_offsets, (std::vector<uint16_t>{0, 14, 18, 38}));
  EXPECT_EQ(frame.payload_offset, 46);
  EXPECT_EQ(frame.data_end, 146);
  ASSERT_EQ(frame.lengths.size(), 2u);
  EXPECT_EQ(frame.lengths[0].offset, 20);
  EXPECT_EQ(frame.lengths[0].from, 18);
  EXPECT_EQ(frame.lengths[1].offset, 42);
  EXPECT_EQ(frame.lengths[1].from, 38);
  ASSERT_EQ(frame.checksums.size(), 2u);
  const ChecksumSite& udp = frame.checksums[0];
  EXPECT_EQ(udp.offset, 44);
  EXPECT_EQ(udp.begin, 38);
  EXPECT_EQ(udp.end, 0);
  EXPECT_EQ(udp.pseudo_begin, 30);
  EXPECT_EQ(udp.pseudo_end, 38);
  EXPECT_EQ(udp.protocol, 17);
  EXPECT_TRUE(udp.zero_as_ones);
  const ChecksumSite& ipv4 = frame.checksums[1];
  EXPECT_EQ(ipv4.offset, 28);
  EXPECT_EQ(ipv4.begin, 18);
  EXPECT_EQ(ipv4.end, 38);
  EXPECT_EQ(ipv4.pseudo_end, 0);
  EXPECT_FALSE(ipv4.zero_as_ones);
}

TEST(EncodeTest, CountsIpv6LengthFromTheEndOfItsHeader) {
  const Frame frame = MakeFrame("ethernet / ipv6 / tcp", Bytes(3));
  ASSERT_EQ(frame.lengths.size(), 1u);
  EXPECT_EQ(frame.lengths[0].from, 54);
  EXPECT_EQ(Get16(&frame.bytes[18]), 23);
  ASSERT_EQ(frame.checksums.size(), 1u);
  EXPECT_EQ(frame.checksums[0].pseudo_begin, 22);
  EXPECT_EQ(frame.checksums[0].pseudo_end, 54);
  EXPECT_FALSE(frame.checksums[0].zero_as_ones);
}

TEST(EncodeTest, KeepsWhatTheUserGave) {
  const Frame frame = MakeFrame(
      "ethernet ether_type=0x1234 / ipv4 total_length=9 header_checksum=0xabcd protocol=99 / "
      "udp length=1 checksum=0");
  EXPECT_TRUE(frame.lengths.empty());
  EXPECT_TRUE(frame.checksums.empty());
  EXPECT_EQ(Get16(&frame.bytes[12]), 0x1234);
  EXPECT_EQ(Get16(&frame.bytes[16]), 9);
  EXPECT_EQ(frame.bytes[23], 99);
  EXPECT_EQ(Get16(&frame.bytes[24]), 0xabcd);
  EXPECT_EQ(Get16(&frame.bytes[38]), 1);
  EXPECT_EQ(Get16(&frame.bytes[40]), 0);
}

TEST(EncodeTest, SizeCutsAndExtendsThePayload) {
  const Bytes payload = {1, 2, 3, 4};
  const Frame cut = MakeFrame("ethernet / ipv4 / udp", payload, 44);
  EXPECT_EQ(cut.data_end, 44);
  EXPECT_EQ(cut.bytes.size(), 60u);
  EXPECT_EQ(Get16(&cut.bytes[38]), 10);
  EXPECT_EQ(Bytes(cut.bytes.begin() + 42, cut.bytes.end()), [] {
    Bytes rest(18);
    rest[0] = 1;
    rest[1] = 2;
    return rest;
  }());
  const Frame extended = MakeFrame("ethernet / ipv4 / udp", payload, 100);
  EXPECT_EQ(extended.bytes.size(), 100u);
  EXPECT_EQ(extended.data_end, 100);
  EXPECT_EQ(Get16(&extended.bytes[38]), 66);
}

TEST(EncodeTest, PadsShortFramesOutsideTheLengths) {
  const Frame frame = MakeFrame("ethernet / ipv4 / udp", {7});
  EXPECT_EQ(frame.bytes.size(), 60u);
  EXPECT_EQ(frame.data_end, 43);
  EXPECT_EQ(Get16(&frame.bytes[16]), 29);
  EXPECT_TRUE(VerifyChecksums(frame.bytes.data(), frame.bytes.size(), LinkType::kEthernet).ok());
}

TEST(EncodeTest, PadsWhatCarriesNoPayload) {
  const Frame frame = MakeFrame("ethernet / arp", {}, 100);
  EXPECT_EQ(frame.bytes.size(), 100u);
  EXPECT_EQ(frame.data_end, 42);
}

TEST(EncodeTest, ExtendsOptionsToWords) {
  const Frame frame = MakeFrame("ethernet / ipv4 options=01 / tcp options=0101010101", Bytes(6));
  EXPECT_EQ(frame.bytes[14], 0x46);
  EXPECT_EQ(frame.header_offsets[2], 14 + 24);
  EXPECT_EQ(frame.bytes[14 + 24 + 12] >> 4, 7);
  EXPECT_EQ(frame.payload_offset, 14 + 24 + 28);
}

TEST(EncodeTest, WritesZeroUdpSumAsOnes) {
  // A payload word of the plain sum's value brings the checksum to zero.
  const Frame plain = MakeFrame("ethernet / ipv4 / udp", {0, 0}, 0);
  const Bytes word = {plain.bytes[40], plain.bytes[41]};
  EXPECT_EQ(Get16(&MakeFrame("ethernet / ipv4 / udp", word).bytes[40]), 0xffff);
}

TEST(EncodeTest, RefusesWrongOrder) {
  EXPECT_THAT(ErrorOf("ethernet / udp"),
              AllOf(HasSubstr("udp cannot follow ethernet; allowed: vlan, "),
                    HasSubstr(" ipv4, ipv6"), Not(HasSubstr(" tcp"))));
  EXPECT_EQ(ErrorOf("ipv4 / udp"), "ipv4 cannot begin a frame; allowed: ethernet, ieee802154");
  EXPECT_EQ(ErrorOf("ethernet / arp / ipv4"), "no header may follow arp, found ipv4");
  EXPECT_THAT(ErrorOf("ethernet / ipv6 / icmp"),
              AllOf(HasSubstr("icmp cannot follow ipv6; allowed: "), HasSubstr(" udp, tcp")));
  EXPECT_FALSE(Encode({}, {}, 0).ok());
}

TEST(EncodeTest, RefusesWhatDoesNotFit) {
  EXPECT_EQ(ErrorOf("ethernet / ipv4 / udp", {}, 41),
            "a frame of 41 bytes (without FCS) is too small for its headers: 42");
  EXPECT_THAT(ErrorOf("ethernet / ipv4 / udp", {}, 65536), HasSubstr("at most 65535"));
  EXPECT_THAT(ErrorOf("ethernet / ipv4 / udp", Bytes(65500)), HasSubstr("at most 65535"));
  EXPECT_EQ(ErrorOf("ethernet / arp", {1, 2}), "arp carries no payload, found 2 bytes of it");
  EXPECT_EQ(ErrorOf("ethernet / ipv4 options=" + std::string(82, '0')),
            "ipv4.header_length: a header of 64 bytes; at most 60");
  auto stack = Stack("ethernet / vlan");
  stack[1].fields.push_back({stack[1].spec->Find("id"), {0x10, 0x00}});
  EXPECT_EQ(Encode(stack, {}, 0).status().message(),
            "vlan.id: a value of 13 bits does not fit 12 bits");
  stack[1].fields[0].bytes = {0, 0, 0, 0x0f, 0xff};  // wide in bytes only
  EXPECT_TRUE(Encode(stack, {}, 0).ok());
}

TEST(EncodeTest, TakesTheLongestFrame) {
  const Frame frame = MakeFrame("ethernet / ipv6 / udp", {}, kMaxFrameBytes);
  EXPECT_EQ(frame.bytes.size(), kMaxFrameBytes);
  EXPECT_EQ(Get16(&frame.bytes[18]), kMaxFrameBytes - 54);
}

}  // namespace
}  // namespace spate::packet
