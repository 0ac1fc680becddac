#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/text.h"
#include "packet/bits.h"
#include "packet/frame.h"
#include "tests/packet/stack_text.h"

namespace spate::packet {
namespace {

using Bytes = std::vector<uint8_t>;

// "ethernet/ipv4/udp+12": the layers and the payload bytes.
std::string Outline(const Bytes& bytes, LinkType link = LinkType::kEthernet) {
  const Dissection found = Dissect(bytes.data(), bytes.size(), link);
  std::vector<std::string> names;
  for (const Layer& layer : found.layers) names.emplace_back(layer.spec->name);
  return absl::StrCat(absl::StrJoin(names, "/"), "+", found.payload_bytes);
}

Bytes WithoutEthernet(const Frame& frame, const Bytes& instead) {
  Bytes bytes = instead;
  bytes.insert(bytes.end(), frame.bytes.begin() + 14, frame.bytes.begin() + frame.data_end);
  return bytes;
}

TEST(DissectTest, StartsWhereTheLinkSays) {
  const Frame v4 = MakeFrame("ethernet / ipv4 / udp", Bytes(4));
  const Frame v6 = MakeFrame("ethernet / ipv6 / udp", Bytes(4));
  EXPECT_EQ(Outline(v4.bytes), "ethernet/ipv4/udp+4");
  EXPECT_EQ(Outline(WithoutEthernet(v4, {}), LinkType::kRawIp), "ipv4/udp+4");
  EXPECT_EQ(Outline(WithoutEthernet(v6, {}), LinkType::kRawIp), "ipv6/udp+4");
  EXPECT_EQ(Outline(WithoutEthernet(v4, {2, 0, 0, 0}), LinkType::kNull), "ipv4/udp+4");
  EXPECT_EQ(Outline(WithoutEthernet(v6, {0, 0, 0, 30}), LinkType::kNull), "ipv6/udp+4");
  EXPECT_EQ(Outline(WithoutEthernet(v6, {0, 0, 0, 99}), LinkType::kNull), "+56");
  Bytes cooked(16);
  cooked[14] = 0x08;
  EXPECT_EQ(Outline(WithoutEthernet(v4, cooked), LinkType::kLinuxSll), "ipv4/udp+4");
  const Frame radio = MakeFrame("ieee802154 / zigbee_nwk security=0 / zigbee_aps", Bytes(4));
  EXPECT_EQ(Outline(radio.bytes, LinkType::kIeee802154),
            "ieee802154/zigbee_nwk/zigbee_aps/zigbee_zcl+1");
  EXPECT_EQ(Outline(Bytes(5), LinkType::kIeee802154), "+5");
  EXPECT_EQ(Outline(v4.bytes, static_cast<LinkType>(104)), "+60");
}

TEST(DissectTest, IsTotalOnAnyPrefix) {
  const Frame wired =
      MakeFrame("ethernet / vlan / ipv4 options=0101 / ipv6 / tcp options=0101", Bytes(9, 3));
  const Frame radio = MakeFrame("ieee802154 / zigbee_nwk / zigbee_aps / zigbee_zcl", Bytes(9, 3));
  const std::vector<Key> keys = {radio.seals.at(0).key};
  for (LinkType link : {LinkType::kNull, LinkType::kEthernet, LinkType::kRawIp, LinkType::kLinuxSll,
                        LinkType::kIeee802154}) {
    const Frame& frame = link == LinkType::kIeee802154 ? radio : wired;
    for (size_t size = 0; size <= frame.bytes.size(); ++size) {
      const Bytes prefix(frame.bytes.begin(), frame.bytes.begin() + static_cast<ptrdiff_t>(size));
      const Dissection found = Dissect(prefix.data(), size, link);
      ASSERT_LE(found.payload_offset + found.payload_bytes, size);
      Summarize(prefix.data(), size, link, keys);
      // A radio frame says nothing of its length, so a cut one only has a wrong check sequence.
      const bool right = VerifyChecksums(prefix.data(), size, link).ok();
      ASSERT_TRUE(right || size > 38 || link == LinkType::kIeee802154) << size;
    }
  }
}

TEST(DissectTest, StopsAtTruncatedAndImpossibleHeaders) {
  Bytes bytes = MakeFrame("ethernet / ipv4 / tcp", Bytes(20)).bytes;
  EXPECT_EQ(Outline(Bytes(bytes.begin(), bytes.begin() + 40)), "ethernet/ipv4+6");
  bytes[46] = 0x10;  // data offset of one word
  EXPECT_EQ(Outline(bytes), "ethernet/ipv4+40");
  bytes[14] = 0x4f;  // options that run over the length
  EXPECT_EQ(Outline(bytes), "ethernet/ipv4+0");
  bytes[14] = 0x44;
  EXPECT_EQ(Outline(bytes), "ethernet+60");
}

TEST(DissectTest, BoundsThePayloadByTheInnermostLength) {
  Bytes bytes = MakeFrame("ethernet / ipv4 / udp", Bytes(30)).bytes;
  bytes.resize(bytes.size() + 10);  // a trailer
  EXPECT_EQ(Outline(bytes), "ethernet/ipv4/udp+30");
  Put16(&bytes[38], 8 + 5);
  EXPECT_EQ(Outline(bytes), "ethernet/ipv4/udp+5");
  Put16(&bytes[38], 7);  // shorter than its header: not plausible
  EXPECT_EQ(Outline(bytes), "ethernet/ipv4/udp+30");
  Put16(&bytes[16], 0);  // captured before segmentation offload
  EXPECT_EQ(Outline(bytes), "ethernet/ipv4/udp+40");
  EXPECT_EQ(Outline(MakeFrame("ethernet / arp").bytes), "ethernet/arp+0");
  EXPECT_EQ(Outline(MakeFrame("ethernet / ipv6").bytes), "ethernet/ipv6+0");
}

TEST(DissectTest, TakesLaterFragmentsAsPayload) {
  EXPECT_EQ(Outline(MakeFrame("ethernet / ipv4 more_fragments=1 / udp", Bytes(24)).bytes),
            "ethernet/ipv4/udp+24");
  EXPECT_EQ(Outline(MakeFrame("ethernet / ipv4 fragment_offset=3 / udp", Bytes(24)).bytes),
            "ethernet/ipv4+32");
}

TEST(DissectTest, KnowsProviderTags) {
  EXPECT_EQ(Outline(MakeFrame("ethernet / qinq / vlan / arp").bytes), "ethernet/qinq/vlan/arp+0");
  EXPECT_EQ(Outline(MakeFrame("ethernet ether_type=0x9100 / qinq / arp").bytes),
            "ethernet/qinq/arp+0");
}

TEST(VerifyTest, NamesTheWrongSum) {
  Bytes bytes = MakeFrame("ethernet / ipv4 / udp", Bytes(30, 1)).bytes;
  bytes[50] ^= 1;
  const absl::Status status = VerifyChecksums(bytes.data(), bytes.size(), LinkType::kEthernet);
  EXPECT_EQ(std::string(status.message()).substr(0, 29), "udp.checksum at byte 40 is 0x");
}

TEST(VerifyTest, LeavesPartialDatagramsAlone) {
  Bytes bytes = MakeFrame("ethernet / ipv4 / udp", Bytes(30, 1)).bytes;
  bytes.resize(60);
  EXPECT_TRUE(VerifyChecksums(bytes.data(), bytes.size(), LinkType::kEthernet).ok());
  const Frame fragment = MakeFrame("ethernet / ipv4 more_fragments=1 / udp checksum=5", Bytes(24));
  EXPECT_TRUE(
      VerifyChecksums(fragment.bytes.data(), fragment.bytes.size(), LinkType::kEthernet).ok());
}

}  // namespace
}  // namespace spate::packet
