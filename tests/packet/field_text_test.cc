#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "base/text.h"
#include "packet/addresses.h"
#include "packet/frame.h"

namespace spate::packet {
namespace {

using ::testing::HasSubstr;

const FieldSpec& Field(std::string_view header, std::string_view field) {
  return *FindHeader(header)->Find(field);
}

struct TextCase {
  std::string_view header, field, text, hex, formatted;
};

TEST(FieldTextTest, ParsesAndFormats) {
  constexpr TextCase kCases[] = {
      {"ethernet", "dst", "02:AB:00:00:00:01", "02ab00000001", "02:ab:00:00:00:01"},
      {"ethernet", "src", "02-ab-00-00-00-01", "02ab00000001", "02:ab:00:00:00:01"},
      {"ethernet", "ether_type", "0x86DD", "86dd", "0x86dd"},
      {"ethernet", "ether_type", "2048", "0800", "0x0800"},
      {"ieee802154", "dst", "0x1DE6", "1de6", "0x1de6"},
      {"zigbee_nwk", "src_ieee", "02-00-00-00-00-00-0b-04", "0200000000000b04",
       "02:00:00:00:00:00:0b:04"},
      {"zigbee_nwk", "key", "00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeeff",
       "00112233445566778899aabbccddeeff"},
      {"vlan", "id", "4095", "0fff", "4095"},
      {"vlan", "cfi", "1", "01", "1"},
      {"ipv4", "src", "198.18.255.1", "c612ff01", "198.18.255.1"},
      {"ipv4", "options", "94:04 0000", "94040000", "94040000"},
      {"ipv4", "options", "0x01", "01", "01"},
      {"ipv4", "options", "", "", ""},
      {"ipv4", "header_checksum", "0", "0000", "0x0000"},
      {"ipv6", "dst", "2001:DB8:0::1", "20010db8000000000000000000000001", "2001:db8::1"},
      {"ipv6", "dst", "::ffff:1.2.3.4", "00000000000000000000ffff01020304", "::ffff:1.2.3.4"},
      {"ipv6", "flow_label", "0xfffff", "0fffff", "1048575"},
      {"tcp", "seq_num", "4294967295", "ffffffff", "4294967295"},
      {"tcp", "flags", "AS", "12", "SA"},
      {"tcp", "flags", "FSRPAUEC", "ff", "FSRPAUEC"},
      {"tcp", "flags", "0x18", "18", "PA"},
      {"tcp", "flags", "0", "00", "0"},
  };
  for (const TextCase& c : kCases) {
    SCOPED_TRACE(absl::StrCat(AsAbsl(c.header), ".", AsAbsl(c.field), " ", AsAbsl(c.text)));
    const FieldSpec& field = Field(c.header, c.field);
    const auto bytes = ParseField(field, c.text);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    const std::string raw = absl::HexStringToBytes(AsAbsl(c.hex));
    EXPECT_EQ(*bytes, std::vector<uint8_t>(raw.begin(), raw.end()));
    EXPECT_EQ(FormatField(field, *bytes), c.formatted);
    EXPECT_EQ(*ParseField(field, c.formatted), *bytes) << "formatted text reads differently";
  }
}

struct ErrorCase {
  std::string_view header, field, text, expected;
};

TEST(FieldTextTest, SaysWhatItExpected) {
  constexpr ErrorCase kCases[] = {
      {"udp", "dst_port", "65536", "a number from 0 to 65535"},
      {"udp", "dst_port", "", "a number from 0"},
      {"udp", "dst_port", "-1", "a number from 0"},
      {"udp", "dst_port", " 5", "a number from 0"},
      {"udp", "dst_port", "0x", "a number from 0"},
      {"udp", "dst_port", "0x-1", "a number from 0"},
      {"udp", "dst_port", "99999999999999999999", "a number from 0"},
      {"ieee802154", "dst", "65536", "from 0 to 65535"},
      {"zigbee_nwk", "src_ieee", "02:00:00:00:00:01", "an EUI-64 like"},
      {"zigbee_nwk", "key", "c0c1", "16 bytes in hex"},
      {"zigbee_nwk", "mic", "bad", "a number from 0"},
      {"vlan", "priority", "8", "from 0 to 7"},
      {"ethernet", "dst", "02:00:00:00:00", "a MAC address like"},
      {"ethernet", "dst", "02:00-00:00:00:01", "a MAC address like"},
      {"ethernet", "dst", "0g:00:00:00:00:01", "a MAC address like"},
      {"ipv4", "src", "198.18.0", "an IPv4 address like"},
      {"ipv4", "src", "198.18.0.256", "an IPv4 address like"},
      {"ipv6", "src", "198.18.0.1", "an IPv6 address like"},
      {"ipv6", "src", "fe80::1%eth0", "an IPv6 address like"},
      {"ipv4", "options", "1", "pairs of hex digits"},
      {"ipv4", "options", "1 2", "pairs of hex digits"},
      {"ipv4", "options", "zz", "pairs of hex digits"},
      {"tcp", "flags", "SX", "letters of \"FSRPAUEC\""},
      {"tcp", "flags", "SS", "each at most once"},
      {"tcp", "flags", "256", "from 0 to 255"},
  };
  for (const ErrorCase& c : kCases) {
    SCOPED_TRACE(absl::StrCat(AsAbsl(c.header), ".", AsAbsl(c.field), " ", AsAbsl(c.text)));
    const auto bytes = ParseField(Field(c.header, c.field), c.text);
    ASSERT_FALSE(bytes.ok());
    EXPECT_THAT(std::string(bytes.status().message()), HasSubstr(std::string(c.expected)));
  }
}

TEST(FieldTextTest, FormatsValuesOfTheWrongWidthToo) {
  EXPECT_EQ(FormatField(Field("ipv4", "src"), {}), "0.0.0.0");
  EXPECT_EQ(FormatField(Field("udp", "dst_port"), {1, 0, 53}), "53");
  EXPECT_EQ(FormatField(Field("udp", "dst_port"), {53}), "53");
}

TEST(FieldTextTest, ReadsFieldsOutOfHeaders) {
  const std::vector<uint8_t> tag = {0xb0, 0x64, 0x08, 0x00};
  EXPECT_EQ(ReadField(*FindHeader("vlan"), Field("vlan", "priority"), tag),
            std::vector<uint8_t>{5});
  EXPECT_EQ(ReadField(*FindHeader("vlan"), Field("vlan", "cfi"), tag), std::vector<uint8_t>{1});
  EXPECT_EQ(ReadField(*FindHeader("vlan"), Field("vlan", "id"), tag),
            (std::vector<uint8_t>{0, 0x64}));
  EXPECT_EQ(ReadField(*FindHeader("vlan"), Field("vlan", "protocol"), std::span(tag).first(3)),
            std::vector<uint8_t>{});
  EXPECT_EQ(ReadField(*FindHeader("ipv4"), Field("ipv4", "options"), tag), std::vector<uint8_t>{});
  std::vector<uint8_t> header(24, 7);
  header[0] = 0x46;
  EXPECT_EQ(ReadField(*FindHeader("ipv4"), Field("ipv4", "options"), header),
            (std::vector<uint8_t>{7, 7, 7, 7}));
}

TEST(AddressTest, RejectsEmbeddedZeros) {
  EXPECT_FALSE(ParseIpv4(std::string_view("1.2.3.4\0", 8)).has_value());
  EXPECT_FALSE(ParseMac("").has_value());
}

}  // namespace
}  // namespace spate::packet
