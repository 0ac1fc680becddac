// The templates of configs/ that test devices as RFCs ask for it: bursts, meshes, multicast, floods
// of combinations, connections that stay.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "packet/bits.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/configs.h"

namespace spate::testing {
namespace {

using packet::Get16;
using packet::Get32;

// Frames that follow each other by less than `gap` nanoseconds, and the time of the first one.
struct Burst {
  int64_t begin = 0, end = 0;
  size_t frames = 0;
};
std::vector<Burst> BurstsOf(const std::vector<Stamped>& packets, int64_t gap) {
  std::vector<Burst> bursts;
  for (const Stamped& packet : packets) {
    if (bursts.empty() || packet.ns - bursts.back().end >= gap) bursts.push_back({packet.ns, 0, 0});
    bursts.back().end = packet.ns;
    ++bursts.back().frames;
  }
  return bursts;
}

TEST(BenchmarkConfigs, BackToBackBurstsFillTheLine) {
  const std::vector<Stamped> packets =
      AllPackets("back-to-back.yaml", {"--set", "frames=100", "--set", "size=512"});
  const std::vector<Burst> bursts = BurstsOf(packets, 1'000'000);
  ASSERT_EQ(bursts.size(), 50u);
  // 532 bytes of line for each frame at 10 Gbit/s.
  constexpr double kFrame = 532 * 0.8;
  for (size_t i = 0; i < bursts.size(); ++i) {
    EXPECT_EQ(bursts[i].frames, 100u);
    EXPECT_NEAR(static_cast<double>(bursts[i].end - bursts[i].begin), 99 * kFrame, 1) << i;
    if (i > 0) {
      EXPECT_NEAR(static_cast<double>(bursts[i].begin - bursts[i - 1].end), 2e9, 1e3) << i;
    }
  }
}

TEST(BenchmarkConfigs, PolicersMeetBurstsAndAnExcess) {
  const std::vector<Burst> bursts =
      BurstsOf(AllPackets("policer.yaml", {"--duration", "100ms"}), 1'000'000);
  ASSERT_EQ(bursts.size(), 6u);
  for (size_t i = 0; i < bursts.size(); ++i) {
    constexpr size_t kFrames[] = {25, 50, 400};
    constexpr double kRate[] = {9.8e9, 9.8e9, 110e6};  // of frames with FCS
    EXPECT_EQ(bursts[i].frames, kFrames[i % 3]);
    const auto time = static_cast<double>(bursts[i].end - bursts[i].begin);
    const double bits = static_cast<double>(bursts[i].frames - 1) * 8'000;
    EXPECT_NEAR(bits / time * 1e9, kRate[i % 3], kRate[i % 3] * 1e-3);
  }
}

TEST(BenchmarkConfigs, AMeshGoesRoundAllPorts) {
  std::map<std::pair<int, int>, int> frames;  // by the last bytes of source and destination
  std::vector<Stamped> of_first;
  size_t learned = 0;
  for (const Stamped& packet : AllPackets("switch-mesh.yaml", {"--duration", "1100us"})) {
    const int to = packet.data[5], from = packet.data[11];
    if (packet.data[0] == 0xff) {
      ASSERT_LT(packet.ns, 1'000'000);
      ++learned;
      continue;
    }
    const int earlier = frames[{from, to}]++;
    const int next = to == 4 ? 1 : to + 1, turned = next == from ? from % 4 + 1 : next;
    ASSERT_LE((frames[{from, turned}]), earlier + 1) << from << " to " << to;
    if (from == 1) of_first.push_back(packet);
  }
  EXPECT_EQ(learned, 4u);
  EXPECT_EQ(frames.size(), 12u);
  const std::vector<Burst> bursts = BurstsOf(of_first, 1'000);
  ASSERT_GT(bursts.size(), 30u);
  for (size_t i = 0; i + 1 < bursts.size(); ++i) {
    EXPECT_EQ(bursts[i].frames, 24u);
    EXPECT_NEAR(static_cast<double>(bursts[i].end - bursts[i].begin), 23 * 67.2, 1);
    EXPECT_NEAR(static_cast<double>(bursts[i + 1].begin - bursts[i].begin), 48 * 67.2, 1);
  }
}

TEST(BenchmarkConfigs, StreamsGoToGroupsThatWereJoined) {
  constexpr size_t kOption = 4;                            // router alert
  std::map<uint32_t, std::pair<int64_t, int64_t>> member;  // by group
  std::map<uint32_t, size_t> streamed;
  for (const Stamped& packet : AllPackets("multicast.yaml", {"--set", "stream=1kpps"})) {
    const Bytes& data = packet.data;
    uint32_t group = Get32(&data[kDestination]);
    if (data[kProtocol] == 2) {
      const uint8_t type = data[kSourcePort + kOption];
      group = Get32(&data[kSourcePort + kOption + 4]);
      (type == 0x16 ? member[group].first : member[group].second) = packet.ns;
    } else {
      ASSERT_LT(member.at(group).first, packet.ns);
      ++streamed[group];
    }
    if (group != Get32(&data[kDestination])) continue;  // a leave, to all routers
    ASSERT_EQ(Get16(&data[0]), 0x0100);
    ASSERT_EQ(Get32(&data[2]), 0x5e000000 | (group & 0x7fffff));
  }
  EXPECT_EQ(streamed.size(), 100u);
  EXPECT_EQ(member.size(), 100u);
  for (const auto& [group, times] : member) EXPECT_GT(times.second, times.first + 2'000'000'000);
  for (const auto& [group, frames] : streamed) EXPECT_EQ(frames, 40u);
}

TEST(BenchmarkConfigs, EveryCombinationComesOnce) {
  constexpr size_t kVlan = 14, kClass = 19, kTo = 34;  // behind the tag
  std::set<std::tuple<uint8_t, uint16_t, uint32_t>> seen;
  for (const Bytes& frame : FirstPackets("every-combination.yaml", 8 * 16 * 250)) {
    seen.emplace(frame[kClass], Get16(&frame[kVlan]), Get32(&frame[kTo]));
  }
  EXPECT_EQ(seen.size(), 8u * 16 * 250);
  EXPECT_EQ(*seen.begin(), std::tuple(0, 100, 0xc6130001));
  EXPECT_EQ(*seen.rbegin(), std::tuple(0xe0, 115, 0xc61300fa));
}

TEST(BenchmarkConfigs, QuietConnectionsAreProbed) {
  struct Connection {
    uint32_t next = 0;  // the client's number
    size_t probes = 0, questions = 0;
    int64_t last = 0;
  };
  std::map<uint32_t, Connection> connections;  // by client
  for (const Stamped& packet :
       AllPackets("quiet-connections.yaml",
                  {"--set", "connections=50", "--set", "ramp=1s", "--duration", "300s"})) {
    const Bytes& data = packet.data;
    if (Get16(&data[kDestinationPort]) != 443) continue;
    Connection& c = connections[Get32(&data[kSource])];
    const uint32_t number = Get32(&data[kTcpSequence]);
    const uint32_t length = Get16(&data[16]) - 20u - (data[46] >> 4) * 4u;
    const bool probe = length == 0 && number + 1 == c.next;
    if (c.next != 0 && !probe) {
      ASSERT_EQ(number, c.next);
    }
    if (!probe) c.next = number + length + (data[kTcpFlags] & 2 ? 1 : 0);
    EXPECT_LE(packet.ns - c.last, 40'000'000'000) << "no longer silent than a firewall waits";
    c.last = packet.ns;
    c.probes += probe;
    c.questions += length > 0;
  }
  ASSERT_EQ(connections.size(), 50u);
  for (const auto& [client, c] : connections) {
    EXPECT_GE(c.probes, 6u);
    EXPECT_LE(c.probes, 15u);
    EXPECT_GE(c.questions, 3u);
  }
}

TEST(BenchmarkConfigs, PingsFollowAnAnswerOfArp) {
  struct Neighbour {
    bool asked = false, known = false;
    uint16_t id = 0, number = 0;
    size_t answers = 0;
  };
  std::map<uint32_t, Neighbour> neighbours;
  size_t pings = 0, answers = 0;
  for (const Stamped& packet : AllPackets("ping.yaml", {"--duration", "60s"})) {
    const Bytes& data = packet.data;
    if (Get16(&data[12]) == 0x0806) {
      const bool asks = Get16(&data[20]) == 1;
      Neighbour& neighbour = neighbours[Get32(&data[asks ? 38 : 28])];
      ASSERT_EQ(asks, !neighbour.asked);
      (asks ? neighbour.asked : neighbour.known) = true;
      continue;
    }
    const bool asks = data[kSourcePort] == 8;
    Neighbour& neighbour = neighbours[Get32(&data[asks ? kDestination : kSource])];
    ASSERT_TRUE(neighbour.known);
    if (asks) {
      neighbour.id = Get16(&data[38]);
      ASSERT_EQ(Get16(&data[40]), ++neighbour.number);
    }
    ASSERT_EQ(Get32(&data[38]), uint32_t{neighbour.id} << 16 | neighbour.number);
    ++(asks ? pings : answers);
  }
  EXPECT_EQ(neighbours.size(), 50u);
  EXPECT_NEAR(static_cast<double>(pings), 50 * 59.5, 30);
  EXPECT_NEAR(static_cast<double>(answers) / static_cast<double>(pings), 0.99, 0.008);
}

}  // namespace
}  // namespace spate::testing
