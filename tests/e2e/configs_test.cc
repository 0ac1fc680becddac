// The templates of configs/ do what they say.
#include "tests/e2e/configs.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "packet/bits.h"
#include "packet/frame.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/process.h"

namespace spate::testing {
namespace {

// Offsets in Ethernet frames with IPv4 without options.

TEST(Configs, UdpFloodHasAFlowAPacketUntilAllHaveSpoken) {
  const std::vector<Bytes> frames = FirstPackets("udp-flood-1m.json", 20'000);
  std::set<std::pair<uint32_t, uint16_t>> flows;
  for (size_t i = 0; i < frames.size(); ++i) {
    ASSERT_EQ(frames[i].size(), 60u);
    const uint32_t source = packet::Get32(&frames[i][kSource]);
    const uint16_t port = packet::Get16(&frames[i][kSourcePort]);
    EXPECT_TRUE(flows.emplace(source, port).second) << "packet " << i;
    if (i == 0) continue;
    EXPECT_NE(source, packet::Get32(&frames[i - 1][kSource])) << "packet " << i;
    EXPECT_NE(port, packet::Get16(&frames[i - 1][kSourcePort])) << "packet " << i;
  }
}

// Each meter counts its own packets from 0; few come twice before all have come once.
TEST(Configs, MetersHaveAClockAndACounterEach) {
  std::map<std::pair<uint32_t, uint16_t>, uint32_t> sent;
  for (const Bytes& frame : FirstPackets("meters-1m.json", 20'000)) {
    ASSERT_EQ(frame.size(), 60u);
    uint32_t& count = sent[{packet::Get32(&frame[kSource]), packet::Get16(&frame[kSourcePort])}];
    ASSERT_EQ(packet::Get32(&frame[kUdpPayload]), count++);
    ASSERT_LT(packet::Get16(&frame[kUdpPayload + 4]), 10'000u);
  }
  EXPECT_GT(sent.size(), 19'000u);
  EXPECT_LT(sent.size(), 20'000u) << "some have come again";
}

TEST(Configs, ImixMixesSevenFourOne) {
  std::map<size_t, int> sizes;
  for (const Bytes& frame : FirstPackets("imix.json", 12'000)) ++sizes[frame.size() + 4];
  EXPECT_EQ(sizes.size(), 3u);
  // Five standard deviations of independent draws.
  EXPECT_NEAR(sizes[64], 7'000, 270);
  EXPECT_NEAR(sizes[570], 4'000, 260);
  EXPECT_NEAR(sizes[1518], 1'000, 152);
}

TEST(Configs, GenomesKeepTheirOrder) {
  constexpr size_t kOrder[] = {64, 64, 64, 64, 1024, 128, 1518};
  const std::vector<Bytes> frames = FirstPackets("imix-genome.yaml", 7'000);
  ASSERT_EQ(frames.size(), 7'000u);
  for (size_t i = 0; i < frames.size(); ++i) ASSERT_EQ(frames[i].size() + 4, kOrder[i % 7]) << i;
}

TEST(Configs, DnsAnswersCarryTheirQuestionsId) {
  std::map<std::pair<uint32_t, uint16_t>, int> asked;  // by client and id
  size_t answers = 0;
  for (const Bytes& frame : FirstPackets("dns.json", 4'000)) {
    const uint16_t id = packet::Get16(&frame[kUdpPayload]);
    if (packet::Get16(&frame[kDestinationPort]) == 53) {
      ++asked[{packet::Get32(&frame[kSource]), id}];
      continue;
    }
    ++answers;
    ASSERT_GT((asked[{packet::Get32(&frame[kDestination]), id}]), 0);
  }
  EXPECT_GT(answers, 1'900u);
  EXPECT_LE(answers, 2'000u);
}

TEST(Configs, MqttSensorsTalkToOneBroker) {
  size_t to = 0, from = 0;
  for (const Bytes& frame : FirstPackets("mqtt-sensors.json", 4'000)) {
    to += packet::Get16(&frame[kDestinationPort]) == 1883;
    from += packet::Get16(&frame[kSourcePort]) == 1883;
  }
  EXPECT_EQ(to + from, 4'000u);
  EXPECT_GT(to, 1'000u);
  EXPECT_GT(from, 1'000u);
}

}  // namespace
}  // namespace spate::testing
