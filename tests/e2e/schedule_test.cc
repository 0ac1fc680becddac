// Rates over time, measured from the stamps of captures: within 0.1 % of what was asked at every
// step, and the wish of the cookbook that ramps, loses and prefers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "packet/bits.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/process.h"

namespace spate::testing {
namespace {

using Words = std::vector<std::string>;

std::vector<Stamped> TraceOf(const std::string& file, const Words& more) {
  const TempDir dir;
  Words words = {"run", file, "--port", dir / "out.pcapng", "--quiet"};
  words.insert(words.end(), more.begin(), more.end());
  const Outcome outcome = Execute(words);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return ReadPackets(dir / "out.pcapng");
}

std::vector<Stamped> ScheduleTrace(const std::string& config, const Words& more) {
  return TraceOf(SourceFile("configs/" + config), more);
}

using Filter = std::function<bool(const Bytes&)>;

bool All(const Bytes&) { return true; }

double CountIn(const std::vector<Stamped>& trace, double from, double to, const Filter& filter) {
  const auto stamp = [](const Stamped& s, double at) { return s.seconds() < at; };
  const auto begin = std::lower_bound(trace.begin(), trace.end(), from - 1e-9, stamp);
  const auto end = std::lower_bound(trace.begin(), trace.end(), to - 1e-9, stamp);
  return static_cast<double>(
      std::count_if(begin, end, [&](const Stamped& s) { return filter(s.data); }));
}

// Packets of a rate that changes evenly from `begin` to `end` within [from, to): 0.1 %, and one
// packet at either end.
void ExpectRate(const std::vector<Stamped>& trace, double from, double to, double begin, double end,
                const Filter& filter) {
  constexpr int kWindows = 5;
  for (int i = 0; i < kWindows; ++i) {
    const double a = from + (to - from) * i / kWindows, b = a + (to - from) / kWindows;
    const double middle = ((a + b) / 2 - from) / (to - from);
    const double expected = (begin + (end - begin) * middle) * (b - a);
    EXPECT_NEAR(CountIn(trace, a, b, filter), expected, expected * 0.001 + 1)
        << "from " << a << " s to " << b << " s";
  }
}

TEST(ScheduleE2e, StepsAndRampsOfTheTotalAreMet) {
  const std::vector<Stamped> trace = ScheduleTrace("load-ramp.json", {"--duration", "14s"});
  const auto scaled = [](const Bytes& frame) { return frame[kProtocol] != 1; };
  // Three even flows: each may be a packet off.
  const double flows = 3 / 2e3;
  EXPECT_NEAR(CountIn(trace, 0, 1, scaled), 9'990, 10 * (1 + flows));
  ExpectRate(trace, 0, 10, 9'990, 9'990, scaled);
  ExpectRate(trace, 10, 14, 9'990, 21'990, scaled);
  const auto of = [&](uint8_t protocol, size_t size) {
    return CountIn(trace, 0, 14, [&](const Bytes& frame) {
      return frame[kProtocol] == protocol && frame.size() + 4 == size;
    });
  };
  const double all = CountIn(trace, 0, 14, scaled);
  EXPECT_NEAR(of(6, 570) / all, 0.6, 0.0006);
  EXPECT_NEAR(of(17, 80) / all, 0.3, 0.0003);
  EXPECT_NEAR(of(17, 218) / all, 0.1, 0.0001);
  // What keeps out of the schedule stays at its ten a second.
  EXPECT_EQ(CountIn(trace, 0, 14, [&](const Bytes& frame) { return !scaled(frame); }), 140);
}

TEST(ScheduleE2e, SharesOfTheLineAreMetAtEverySize) {
  const std::vector<Stamped> trace =
      ScheduleTrace("frame-size-sweep.json", {"--set", "load=0.02%"});
  double from = 0;
  for (const size_t size : {64, 128, 256, 512, 1024, 1280, 1518}) {
    const auto sized = [&](const Bytes& frame) { return frame.size() + 4 == size; };
    const double pps = 10e9 * 0.0002 / (static_cast<double>(size + 20) * 8);
    ExpectRate(trace, from, from + 10, pps, pps, sized);
    EXPECT_EQ(CountIn(trace, from + 10, from + 11, All), 0);
    from += 11;
  }
}

// Nobody knows beforehand what a conversation sends: it is paced by what it has sent. All
// begin with a pass at once, of which nothing is left after some seconds.
TEST(ScheduleE2e, SharesHoldForConversationsOfAnyLength) {
  const std::string text = R"({
  "spate": 1, "rate": "5kpps", "shares": "UNIT",
  "hosts": {"c": {"ipv4": {"increment": {"start": "198.18.0.1", "count": 100}}}, "s": {"ipv4": "198.19.0.1"}},
  "messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {"dst": "198.19.0.2"}}, {"udp": {"dst_port": 9}}], "size": 256}},
  "groups": {"g": {"count": 100, "bind": {"client": "c"}, "flows": {"web": {
    "share": 3, "client": "client", "server": "s", "tcp": {"port": 80, "rtt": "2ms"},
    "steps": [{"client": {"uniform": {"min": 100, "max": 900}}}, {"loop": {"times": {"uniform": {"min": 1, "max": 5}}, "steps": [{"server": {"exponential": {"mean": "4kB"}}}]}}]
  }}}},
  "flows": {"udp": {"share": 1, "message": "m"}}
})";
  for (const bool bytes : {false, true}) {
    const TempDir dir;
    std::string half = text;
    half.replace(half.find("UNIT"), 4, bytes ? "bytes" : "packets");
    const std::string capture = dir / "out.pcap";
    const Outcome outcome = Execute(
        {"run", dir.Write("t.json", half), "--port", capture, "--duration", "14s", "--quiet"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    double web = 0, udp = 0;
    for (const Stamped& packet : ReadPackets(capture)) {
      if (packet.seconds() < 4) continue;
      constexpr size_t kFcs = 4;
      (packet.data[kProtocol] == 6 ? web : udp) +=
          bytes ? static_cast<double>(packet.data.size() + kFcs) : 1;
    }
    EXPECT_NEAR(web / udp, 3, 0.09);
  }
}

TEST(ScheduleE2e, WebRampGrantsTheWish) {
  const std::vector<Stamped> trace = ScheduleTrace("web-ramp.json", {"--set", "ramp=500ms"});
  const auto flags = [](uint8_t wanted) {
    return [wanted](const Bytes& frame) { return frame[kTcpFlags] == wanted; };
  };
  constexpr uint8_t kSyn = 0x02, kData = 0x18;
  ExpectRate(trace, 0, 0.5, 1'000, 100'000, flags(kSyn));
  std::set<uint32_t> clients;
  std::map<uint32_t, double> servers;
  double requests = 0, answers = 0;
  for (const Stamped& packet : trace) {
    const uint32_t source = packet::Get32(&packet.data[kSource]);
    const bool from_server = source >> 16 == 0xc613;
    if (packet.data[kTcpFlags] == kSyn) {
      clients.insert(source);
      ++servers[packet::Get32(&packet.data[kDestination])];
    }
    if (packet.data[kTcpFlags] == kData) (from_server ? answers : requests) += 1;
  }
  EXPECT_EQ(clients.size(), 10'000u);
  EXPECT_EQ(servers.size(), 20u);
  // One answer in a hundred is lost; its request comes again.
  EXPECT_NEAR((requests - answers) / requests, 0.01, 0.003);
  // Zipf: the most popular server has 1 / H(20) of all conversations.
  const double all = CountIn(trace, 0, 1, flags(kSyn));
  EXPECT_NEAR(servers[0xc6130001] / all, 1 / 3.5977, 0.015);
  EXPECT_NEAR(servers[0xc6130002] / all, 0.5 / 3.5977, 0.012);
}

// The same over its whole minute, with a hundredth of the requests.
TEST(ScheduleE2e, WebRampRisesForAWholeMinute) {
  const std::vector<Stamped> trace =
      ScheduleTrace("web-ramp.json", {"--set", "from=10pps", "--set", "to=1kpps"});
  const auto syn = [](const Bytes& frame) { return frame[kTcpFlags] == 0x02; };
  for (int second = 0; second < 60; ++second) {
    const double from = 10 + 16.5 * second;
    ExpectRate(trace, second, second + 1, from, from + 16.5, syn);
  }
  EXPECT_NEAR(CountIn(trace, 0, 61, syn), 30'300, 1);
  EXPECT_EQ(CountIn(trace, 60.001, 61, syn), 0);
}

constexpr char kShareOfLine[] = R"({
  "spate": 1,
  "line": "100mbps",
  "messages": {"m": {
    "packet": [{"ethernet": {}}, {"ipv4": {"src": "198.18.0.1", "dst": "198.19.0.1"}}, {"udp": {"dst_port": 9}}],
    "size": 105
  }},
  "flows": {"f": {"message": "m", "schedule": [
    {"for": "1s", "rate": "10%"},
    {"for": "2s", "from": "10%", "to": "90%"},
    {"for": "500ms", "rate": "0%"},
    {"steps": [{"for": "250ms", "rate": "100%"}, {"for": "250ms", "rate": "1mbps"}], "repeat": 3}
  ]}}
})";

TEST(ScheduleE2e, SharesOfTheLineAreMetAtEveryStep) {
  const TempDir dir;
  const std::vector<Stamped> trace = TraceOf(dir.Write("t.json", kShareOfLine), {});
  // 125 bytes with preamble and gap: a thousand bits.
  ExpectRate(trace, 0, 1, 10'000, 10'000, All);
  ExpectRate(trace, 1, 3, 10'000, 90'000, All);
  EXPECT_EQ(CountIn(trace, 3, 3.5, All), 0);
  const double mbit = 1e6 / (105 * 8);
  for (const double at : {3.5, 4.0, 4.5}) {
    ExpectRate(trace, at, at + 0.25, 100'000, 100'000, All);
    ExpectRate(trace, at + 0.25, at + 0.5, mbit, mbit, All);
  }
}

constexpr char kThousandFlows[] = R"({
  "spate": 1,
  "hosts": {"h": {"count": 1000, "ipv4": {"increment": {"start": "198.18.0.1"}}}},
  "messages": {"m": {
    "packet": [{"ethernet": {}}, {"ipv4": {"src": {"host": "me"}, "dst": "198.19.0.1"}}, {"udp": {"dst_port": 9}}]
  }},
  "groups": {"g": {"count": 1000, "bind": {"me": "h"}, "flows": {"f": {"message": "m", "rate": "100pps"}}}}
})";

TEST(ScheduleE2e, AThousandFlowsComeOutEvenly) {
  const TempDir dir;
  const std::string file = dir.Write("t.json", kThousandFlows);
  for (const Words& lcores : {Words{"--gen", "0"}, Words{"--gen", "2", "--emit", "2"}}) {
    Words more = {"--duration", "200ms"};
    more.insert(more.end(), lcores.begin(), lcores.end());
    const std::vector<Stamped> trace = TraceOf(file, more);
    ASSERT_EQ(trace.size(), 20'000u);
    std::map<uint32_t, int64_t> last;
    for (size_t i = 0; i < trace.size(); ++i) {
      // All together they are one even stream, of whose places each flow has every thousandth.
      ASSERT_NEAR(static_cast<double>(trace[i].ns), static_cast<double>(i) * 1e4, 1) << i;
      const uint32_t flow = packet::Get32(&trace[i].data[kSource]);
      const auto [place, is_new] = last.try_emplace(flow, trace[i].ns);
      ASSERT_EQ(is_new, i < 1'000) << i;
      if (!is_new) {
        ASSERT_NEAR(static_cast<double>(trace[i].ns - place->second), 1e7, 1) << i;
      }
      place->second = trace[i].ns;
    }
  }
}

TEST(ScheduleE2e, AnIncludedTemplateRunsUnderASchedule) {
  const std::vector<Stamped> trace = ScheduleTrace("dns-day.json", {"--duration", "300s"});
  // The users begin one after the other; then the rate is what the schedule says, at random times.
  EXPECT_NEAR(CountIn(trace, 200, 300, All), 100 * (50 + 350 * 250 / 300.0), 1'000);
  for (const Stamped& packet : trace) {
    const uint16_t source = packet::Get16(&packet.data[34]);
    const uint16_t destination = packet::Get16(&packet.data[36]);
    EXPECT_TRUE(source == 53 || destination == 53);
  }
}

}  // namespace
}  // namespace spate::testing
