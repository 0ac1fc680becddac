// Sealed frames: their check sequence, encryption and integrity code, and the way back.
#include "packet/seal.h"

#include <gtest/gtest.h>

#include "packet/frame.h"
#include "tests/packet/stack_text.h"

namespace spate::packet {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr Key kDefaultKey = {0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7,
                             0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf};

Frame Request(std::string_view nwk = "") {
  return MakeFrame("ieee802154 / zigbee_nwk dst=0x1de6 src=0xd7a7 " + std::string(nwk) +
                       " / zigbee_aps / zigbee_zcl sequence=216",
                   {0x05, 0x05, 0x08, 0x05});
}

Summary Read(const Bytes& frame, std::span<const Key> keys) {
  return Summarize(frame.data(), frame.size(), LinkType::kIeee802154, keys);
}

bool Sound(const Bytes& frame) {
  return VerifyChecksums(frame.data(), frame.size(), LinkType::kIeee802154).ok();
}

TEST(SealTest, KnowsTheCheckValueOfItsPolynomial) {
  // The catalogue of parametrised CRC algorithms calls it CRC-16/KERMIT: check value 0x2189.
  const std::string text = "123456789";
  EXPECT_EQ(Fcs16(reinterpret_cast<const uint8_t*>(text.data()), text.size()), 0x2189);
}

TEST(SealTest, HidesAndGivesBack) {
  const Frame frame = Request();
  const Summary closed = Read(frame.bytes, {});
  EXPECT_EQ(closed.protocol, "ZigBee");
  EXPECT_EQ(closed.info, "Data, Dst: 0x1de6, Src: 0xd7a7");
  const Summary open = Read(frame.bytes, {&kDefaultKey, 1});
  EXPECT_EQ(open.source, "0xd7a7");
  EXPECT_EQ(open.destination, "0x1de6");
  EXPECT_EQ(open.protocol, "ZigBee HA");
  EXPECT_EQ(open.info, "ZCL: Read Attributes, Seq: 216");
  EXPECT_EQ(frame.bytes.size(), 52u);
}

TEST(SealTest, OpensWhatASnifferSendsOn) {
  const Frame frame = MakeFrame(
      "ethernet / ipv4 / udp / zep / ieee802154 / zigbee_nwk dst=0xfffd src=0xd7a7 / "
      "zigbee_aps / zigbee_zcl sequence=9 command=10",
      {0x05, 0x05});
  const std::span<const uint8_t> bytes = frame.bytes;
  const Summary open =
      Summarize(bytes.data(), bytes.size(), LinkType::kEthernet, {&kDefaultKey, 1});
  EXPECT_EQ(open.source, "0xd7a7");
  EXPECT_EQ(open.destination, "Broadcast");
  EXPECT_EQ(open.info, "ZCL: Report Attributes, Seq: 9");
  EXPECT_TRUE(VerifyChecksums(bytes.data(), bytes.size(), LinkType::kEthernet).ok());
}

TEST(SealTest, OtherKeysAndChangedFramesStayClosed) {
  Frame frame = Request("key=000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(Read(frame.bytes, {&kDefaultKey, 1}).protocol, "ZigBee");
  frame = Request();
  frame.bytes[40] ^= 1;
  EXPECT_EQ(
      Unseal(frame.bytes.data(), frame.bytes.size(), LinkType::kIeee802154, {&kDefaultKey, 1}),
      frame.bytes);
}

TEST(SealTest, TheCounterIsInTheNonce) {
  const Frame first = Request("frame_counter=1"), second = Request("frame_counter=2");
  const auto text = [](const Frame& frame) {
    return Bytes(frame.bytes.begin() + 31, frame.bytes.end() - 2);
  };
  EXPECT_NE(text(first), text(second));
  EXPECT_EQ(Read(second.bytes, {&kDefaultKey, 1}).info, "ZCL: Read Attributes, Seq: 216");
}

TEST(SealTest, FramesInTheClearHaveNoCode) {
  const Frame frame = Request("security=0");
  EXPECT_EQ(frame.bytes.size(), 52u - 14 - 4);
  EXPECT_EQ(Read(frame.bytes, {}).info, "ZCL: Read Attributes, Seq: 216");
  EXPECT_TRUE(Sound(frame.bytes));
}

TEST(SealTest, WrongCheckSequencesAreFound) {
  Bytes frame = Request().bytes;
  EXPECT_TRUE(Sound(frame));
  frame[5] ^= 0x10;
  EXPECT_FALSE(Sound(frame));
  EXPECT_FALSE(Sound(MakeFrame("ieee802154 fcs=0x1234", {1, 2}).bytes));
}

TEST(SealTest, LinkStatusWantsWholeNeighbours) {
  const auto frame = Encode(
      Stack("ieee802154 / zigbee_nwk / zigbee_command / zigbee_link_status neighbours=00001100"),
      {}, 0);
  ASSERT_FALSE(frame.ok());
  EXPECT_EQ(frame.status().message(), "zigbee_link_status.neighbours: 4 bytes; entries are of 3");
}

}  // namespace
}  // namespace spate::packet
