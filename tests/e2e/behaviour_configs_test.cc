// The templates of configs/ whose devices act on each other, come and go, or act all at once.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "packet/bits.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/configs.h"

namespace spate::testing {
namespace {

// Offsets in Ethernet frames with IPv4 without options.
constexpr int64_t kSecond = 1'000'000'000;

uint32_t SourceOf(const Stamped& packet) { return packet::Get32(&packet.data[kSource]); }
uint16_t PortOf(const Stamped& packet) { return packet::Get16(&packet.data[kDestinationPort]); }

TEST(BehaviourConfigs, BurstsAtTenTimesTheMean) {
  const std::vector<Stamped> packets = AllPackets("bursts.json", {"--duration", "1s"});
  double bits = 0;        // of all bursts but the one at hand
  double burst_bits = 0;  // of that one
  size_t in_burst = 1;
  int64_t last_begin = 0;
  for (size_t i = 1; i < packets.size(); ++i) {
    const double frame_bits = static_cast<double>(packets[i - 1].data.size() + 4) * 8;
    const auto gap = static_cast<double>(packets[i].ns - packets[i - 1].ns);
    burst_bits += frame_bits;
    if (gap < 20'000) {
      ASSERT_NEAR(gap, frame_bits, 1.1) << "1 Gbit/s is a bit a nanosecond; packet " << i;
      ++in_burst;
      continue;
    }
    EXPECT_EQ(in_burst, 100u);
    in_burst = 1;
    bits += burst_bits;
    burst_bits = 0;
    last_begin = packets[i].ns;
  }
  ASSERT_GT(last_begin, kSecond / 2);
  EXPECT_NEAR(bits / (static_cast<double>(last_begin) * 1e-9), 100e6, 100e3);
}

TEST(BehaviourConfigs, IncastOfAThousandWorkersAtOnce) {
  std::map<int64_t, std::map<uint32_t, int>> rounds;  // frames by period and worker
  for (const Stamped& packet : AllPackets("incast.json", {"--duration", "25ms"})) {
    ASSERT_LE(packet.ns % 10'000'000, 11'074) << "9 frames of 1538 bytes with gap at 10 Gbit/s";
    ++rounds[packet.ns / 10'000'000][SourceOf(packet)];
  }
  ASSERT_EQ(rounds.size(), 3u);
  for (const auto& [round, workers] : rounds) {
    EXPECT_EQ(workers.size(), 1'000u);
    for (const auto& [worker, frames] : workers) ASSERT_EQ(frames, 10) << worker;
  }
}

TEST(BehaviourConfigs, RetryStormWhileTheServiceIsDown) {
  size_t before = 0, during = 0, after = 0, answers_while_down = 0;
  for (const Stamped& packet : AllPackets("retry-storm.json", {})) {
    const bool request = PortOf(packet) == 8125;
    before += request && packet.ns >= 10 * kSecond && packet.ns < 18 * kSecond;
    during += request && packet.ns >= 31 * kSecond && packet.ns < 39 * kSecond;
    after += request && packet.ns >= 42 * kSecond && packet.ns < 50 * kSecond;
    answers_while_down += !request && packet.ns > 21 * kSecond && packet.ns < 39 * kSecond;
  }
  EXPECT_NEAR(static_cast<double>(before), 400, 100);
  EXPECT_NEAR(static_cast<double>(during), 4'000, 400);
  EXPECT_LT(after, 800u);
  EXPECT_GT(after, 100u);
  EXPECT_EQ(answers_while_down, 0u);
}

TEST(BehaviourConfigs, FirmwareReachesEverySensorAfterItsAnnouncement) {
  // Behind CoAP's header, path and payload marker.
  constexpr size_t kVersion = kUdpPayload + 4 + 6 + 1;
  struct Sensor {
    size_t blocks = 0, old_reports = 0, new_reports = 0, reports_while_loading = 0;
  };
  std::map<uint32_t, Sensor> sensors;
  for (const Stamped& packet :
       AllPackets("firmware-rollout.json", {"--set", "sensors=20", "--set", "blocks=30"})) {
    const uint16_t port = PortOf(packet);
    if (port == 5684 && packet.data.size() > 1'000) {
      EXPECT_GT(packet.ns, 29 * kSecond);
      ++sensors[packet::Get32(&packet.data[kDestination])].blocks;
    } else if (port == 5683) {
      Sensor& sensor = sensors[SourceOf(packet)];
      const bool updated = packet.data[kVersion] == 2;
      sensor.old_reports += !updated;
      sensor.new_reports += updated;
      sensor.reports_while_loading += sensor.blocks > 0 && !updated;
    }
  }
  EXPECT_EQ(sensors.size(), 20u);
  for (const auto& [address, sensor] : sensors) {
    EXPECT_EQ(sensor.blocks, 30u);
    EXPECT_GT(sensor.old_reports, 4u);
    EXPECT_GT(sensor.new_reports, 3u);
    EXPECT_EQ(sensor.reports_while_loading, 0u);
  }
}

TEST(BehaviourConfigs, SensorsThatGiveOutAreReplaced) {
  std::map<uint32_t, int> connected;  // SYNs by sensor
  std::map<uint32_t, int64_t> last;
  for (const Stamped& packet :
       AllPackets("mqtt-churn.json", {"--set", "sensors=50", "--set", "life=2s", "--set",
                                      "arrivals=100pps", "--duration", "20s"})) {
    if (PortOf(packet) != 1883) continue;
    if (packet.data[kTcpFlags] == 0x02) ++connected[SourceOf(packet)];
    last[SourceOf(packet)] = packet.ns;
  }
  // Fifty lives of two seconds at any time for twenty seconds.
  EXPECT_NEAR(static_cast<double>(connected.size()), 50 + 50 * 10, 120);
  EXPECT_EQ(connected.size(), last.size());
  for (const auto& [sensor, times] : connected) EXPECT_EQ(times, 1) << sensor;
}

TEST(BehaviourConfigs, SensorsBackOffAndTheirTemperatureWanders) {
  struct Report {
    std::vector<int64_t> times;
    int centidegrees = 0, acks = 0;
  };
  // Offsets behind UDP: the message's number; behind token, path and marker the temperature.
  constexpr size_t kId = kUdpPayload + 2, kValue = kUdpPayload + 4 + 1 + 12 + 1;
  std::map<std::pair<uint32_t, uint16_t>, Report> reports;
  for (const Stamped& packet : AllPackets("coap-sensors.json", {})) {
    const bool asks = PortOf(packet) == 5683 && SourceOf(packet) != 0xc613001e;
    const uint32_t sensor = packet::Get32(&packet.data[asks ? kSource : kDestination]);
    Report& report = reports[{sensor, packet::Get16(&packet.data[kId])}];
    report.acks += !asks;
    if (!asks) continue;
    const int centidegrees = packet::Get16(&packet.data[kValue]);
    if (!report.times.empty()) {
      EXPECT_EQ(centidegrees, report.centidegrees);
    }
    report.centidegrees = centidegrees;
    report.times.push_back(packet.ns);
  }
  EXPECT_NEAR(static_cast<double>(reports.size()), 1'000, 20);
  size_t again = 0, twice = 0, unanswered = 0;
  for (const auto& [key, report] : reports) {
    ASSERT_FALSE(report.times.empty()) << "an answer to nothing";
    EXPECT_TRUE(report.centidegrees >= 1600 && report.centidegrees <= 2600);
    again += report.times.size() > 1;
    twice += report.acks == 2;
    unanswered += report.acks == 0;
    for (size_t i = 1; i < report.times.size(); ++i) {
      const int64_t gap = (report.times[i] - report.times[i - 1]) >> (i - 1);
      EXPECT_TRUE(gap >= 2 * kSecond && gap <= 3 * kSecond) << "try " << i << ": " << gap;
    }
    const auto next = reports.find({key.first, static_cast<uint16_t>(key.second + 1)});
    if (next != reports.end()) {
      EXPECT_LE(std::abs(next->second.centidegrees - report.centidegrees), 30);
    }
  }
  EXPECT_NEAR(static_cast<double>(again), 100, 35);
  EXPECT_NEAR(static_cast<double>(twice), 20, 15);
  EXPECT_LE(unanswered, 5u);  // one in ten thousand, and what the end of the run cuts off
}

// A client reports from the address of its last lease, and asks anew when that is over.
TEST(BehaviourConfigs, ALeaseIsRememberedForItsTime) {
  struct Lease {
    uint32_t address = 0;
    int64_t since_ns = 0;
    int count = 0;
  };
  constexpr size_t kSourceMac = 6, kYourAddress = 58, kMessageType = 284;
  std::map<Bytes, Lease> leases;  // by MAC address
  size_t reports = 0;
  for (const Stamped& packet : AllPackets("dhcp-lease.yaml", {"--duration", "200s"})) {
    const auto mac = [&](size_t at) {
      return Bytes(packet.data.begin() + static_cast<ptrdiff_t>(at),
                   packet.data.begin() + static_cast<ptrdiff_t>(at) + 6);
    };
    if (PortOf(packet) == 68 && packet.data[kMessageType] == 5) {
      Lease& lease = leases[mac(0)];
      EXPECT_TRUE(lease.count == 0 || packet.ns - lease.since_ns > 60 * kSecond);
      lease = {packet::Get32(&packet.data[kYourAddress]), packet.ns, lease.count + 1};
    } else if (PortOf(packet) == 40'000) {
      const Lease& lease = leases[mac(kSourceMac)];
      ASSERT_EQ(SourceOf(packet), lease.address) << reports;
      ASSERT_LE(packet.ns - lease.since_ns, 60 * kSecond);
      ++reports;
    }
  }
  EXPECT_GT(reports, 1'500u);
  ASSERT_EQ(leases.size(), 50u);
  for (const auto& [mac, lease] : leases) EXPECT_GE(lease.count, 3);
}

}  // namespace
}  // namespace spate::testing
