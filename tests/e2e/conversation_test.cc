// Conversations on the wire, judged by a checker of our own and by tshark.
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/random.h"
#include "packet/frame.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/process.h"
#include "tests/e2e/tcp_checker.h"
#include "tests/golden/tshark.h"

namespace spate::testing {
namespace {

// A template of these flows between hosts with both kinds of addresses.
std::string Template(const std::string& flows) {
  return absl::StrCat(R"({"spate": 1, "hosts": {
"c4": {"count": 4, "ipv4": {"increment": {"start": "198.18.0.1"}}},
"s4": {"ipv4": "198.19.0.1"},
"c6": {"count": 4, "ipv6": {"increment": {"start": "2001:2::1"}}},
"s6": {"ipv6": "2001:2:0:1::1"}}, "flows": {)",
                      flows, "}}");
}

class Conversations : public ::testing::Test {
 protected:
  // Runs the template to its end and returns the capture's path.
  std::string Run(const std::string& text, const std::string& seed = "1") {
    const std::string capture = dir_ / "out.pcap";
    const Outcome run =
        Execute({"run", dir_.Write("t.json", text), "--port", capture, "--seed", seed, "--quiet"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    frames_ = ReadFrames(capture);
    for (const Bytes& frame : frames_) {
      const absl::Status sums =
          packet::VerifyChecksums(frame.data(), frame.size(), packet::LinkType::kEthernet);
      EXPECT_TRUE(sums.ok()) << sums;
      EXPECT_GE(frame.size(), 60u);
      if (!sums.ok()) break;
    }
    return capture;
  }

  // What tshark's analysis says of the capture: how often each field is there.
  std::map<std::string, size_t> Analyse(const std::string& capture) const {
    const std::vector<std::string> fields = {"frame.number",
                                             "tcp.analysis.flags",
                                             "tcp.analysis.retransmission",
                                             "tcp.analysis.duplicate_ack",
                                             "tcp.analysis.fast_retransmission",
                                             "tcp.analysis.out_of_order",
                                             "tcp.analysis.spurious_retransmission",
                                             "tcp.analysis.lost_segment",
                                             "tcp.analysis.window_full",
                                             "tcp.analysis.reused_ports",
                                             "_ws.malformed"};
    std::map<std::string, size_t> counts;
    for (const std::vector<std::string>& row : TsharkFields(capture, fields)) {
      for (size_t i = 0; i < fields.size() && i < row.size(); ++i) {
        counts[fields[i]] += !row[i].empty();
      }
    }
    EXPECT_EQ(counts["frame.number"], frames_.size());
    counts.erase("frame.number");
    return counts;
  }

  const TempDir dir_;
  std::vector<Bytes> frames_;
};

std::string Faults(const TcpVerdict& verdict) { return absl::StrJoin(verdict.faults, "\n"); }

TEST_F(Conversations, AnySizeArrivesWholeWithoutAFlag) {
  const int sizes[] = {1,     5,     6,     100,   1439,  1440,   1441,  1459,
                       1460,  1461,  2880,  2920,  2921,  4380,   14400, 14600,
                       14601, 43800, 43801, 64000, 65535, 100000, 250000};
  std::string flows;
  int port = 1000;
  for (const char* version : {"4", "6"}) {
    for (const bool drawn : {false, true}) {
      for (const int size : sizes) {
        const std::string bytes =
            drawn ? absl::StrCat("{\"weighted\": [[", size, ", 1], [", size, ", 1]]}")
                  : absl::StrCat(size);
        absl::StrAppend(&flows, flows.empty() ? "" : ", ", "\"", version, drawn ? "drawn" : "",
                        size, R"(": {"client": "c)", version, R"(", "server": "s)", version,
                        R"(", "tcp": {"port": )", ++port,
                        R"(}, "steps": [{"client": "300B"}, {"wait": "5ms"}, {"server": )", bytes,
                        R"(}, {"wait": "300ms"}, {"client": )", bytes, "}]}");
      }
    }
  }
  const std::string capture = Run(Template(flows));
  const TcpVerdict verdict = JudgeTcp(frames_);
  EXPECT_EQ(Faults(verdict), "");
  ASSERT_EQ(verdict.conversations.size(), 4 * std::size(sizes));
  EXPECT_EQ(verdict.packets, frames_.size());
  std::multiset<uint64_t> said;
  for (const auto& [name, c] : verdict.conversations) {
    EXPECT_TRUE(c.client.syn && c.server.syn && c.client.fin && c.server.fin) << name;
    EXPECT_TRUE(c.client.all_acknowledged && c.server.all_acknowledged) << name;
    EXPECT_EQ(c.client.retransmissions + c.server.retransmissions, 0u) << name;
    EXPECT_EQ(c.client.data, c.server.data + 300) << name;
    said.insert(c.server.data);
  }
  for (const int size : sizes) EXPECT_EQ(said.count(static_cast<uint64_t>(size)), 4u) << size;
  if (!HaveTshark()) GTEST_SKIP() << "no tshark to judge the capture";
  for (const auto& [field, count] : Analyse(capture)) EXPECT_EQ(count, 0u) << field;
}

TEST_F(Conversations, LossShowsAsWhatWasAskedFor) {
  const std::string capture = Run(Template(R"("f": {"client": "c4", "server": "s4",
"tcp": {"port": 80, "loss": 0.05, "rtt": "10ms", "sack": true, "timestamps": true}, "every": "20s", "passes": 40,
"steps": [{"client": "300B"}, {"server": {"random": {"min": "1kB", "max": "60kB"}}}]})"));
  const TcpVerdict verdict = JudgeTcp(frames_);
  EXPECT_EQ(Faults(verdict), "");
  uint64_t again = 0, duplicates = 0, sacks = 0;
  for (const auto& [name, c] : verdict.conversations) {
    EXPECT_TRUE(c.client.all_acknowledged && c.server.all_acknowledged) << name;
    EXPECT_EQ(c.client.data, 300u);
    again += c.client.retransmissions + c.server.retransmissions;
    duplicates += c.client.duplicate_acks + c.server.duplicate_acks;
    sacks += c.client.sacks + c.server.sacks;
  }
  EXPECT_GT(again, 20u);
  EXPECT_GT(duplicates, 10u);
  EXPECT_EQ(sacks, duplicates);
  if (!HaveTshark()) GTEST_SKIP() << "no tshark to judge the capture";
  std::map<std::string, size_t> counts = Analyse(capture);
  EXPECT_EQ(counts["tcp.analysis.retransmission"], again);
  EXPECT_EQ(counts["tcp.analysis.duplicate_ack"], duplicates);
  EXPECT_GT(counts["tcp.analysis.fast_retransmission"], 0u);
  for (const char* other :
       {"out_of_order", "spurious_retransmission", "lost_segment", "window_full", "reused_ports"}) {
    EXPECT_EQ(counts[absl::StrCat("tcp.analysis.", other)], 0u) << other;
  }
}

TEST_F(Conversations, TimestampsTellBothClocks) {
  const std::string capture = Run(Template(R"(
"v4": {"client": "c4", "server": "s4", "every": "2s", "passes": 3,
  "tcp": {"port": 80, "timestamps": true, "sack": true, "window_scale": 7, "rtt": "30ms"},
  "steps": [{"client": "300B"}, {"wait": "70ms"}, {"server": "90kB"}, {"client": "3kB"}]},
"v6": {"client": "c6", "server": "s6",
  "tcp": {"port": 81, "timestamps": true, "close": "server_reset"},
  "steps": [{"client": "5kB"}, {"server": {"random": {"min": 1, "max": 90000}}}]})"));
  const TcpVerdict verdict = JudgeTcp(frames_);
  EXPECT_EQ(Faults(verdict), "");
  ASSERT_EQ(verdict.conversations.size(), 4u);
  uint64_t stamps = 0;
  for (const auto& [name, c] : verdict.conversations) stamps += c.client.stamps + c.server.stamps;
  EXPECT_EQ(stamps, frames_.size());
  if (!HaveTshark()) GTEST_SKIP() << "no tshark to judge the capture";
  for (const auto& [field, count] : Analyse(capture)) EXPECT_EQ(count, 0u) << field;
  // A clock advances by as many milliseconds as go by.
  std::map<std::string, std::pair<double, double>> begins;
  for (const auto& row : TsharkFields(
           capture, {"tcp.stream", "tcp.srcport", "frame.time_relative",
                     "tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr", "tcp.flags"})) {
    const double at = std::stod(row[2]) * 1e3, stamp = std::stod(row[3]);
    const auto begin = begins.try_emplace(row[0] + " " + row[1], at, stamp).first;
    EXPECT_NEAR(stamp - begin->second.second, at - begin->second.first, 1) << row[0];
    EXPECT_EQ(row[4] == "0", row[5] == "0x0002") << row[0];
  }
  EXPECT_EQ(begins.size(), 8u);
}

TEST_F(Conversations, ADeadServerIsGivenUpAfterTheRetries) {
  Run(Template(
      R"("f": {"client": "c4", "server": "s4", "tcp": {"port": 80, "loss": 1, "retries": 3},
"steps": [{"client": "300B"}]})"));
  ASSERT_EQ(frames_.size(), 4u);  // SYNs at 0, 1, 3 and 7 s
  for (const Bytes& frame : frames_) EXPECT_EQ(frame[47], 2);
}

TEST_F(Conversations, EndsAsAsked) {
  const auto ends = [&](const std::string& transport, const std::string& steps) {
    Run(Template(absl::StrCat(R"("f": {"client": "c4", "server": "s4", "tcp": {"port": 80)",
                              transport, R"(}, "steps": [{"client": "300B"}, {"server": "9kB"})",
                              steps, "]}")));
    const TcpVerdict verdict = JudgeTcp(frames_);
    EXPECT_EQ(Faults(verdict), "");
    EXPECT_EQ(verdict.conversations.size(), 1u);
    std::string flags;
    for (const Bytes& frame : frames_) {
      if (frame[47] & 5) {
        absl::StrAppend(&flags, frame[26 + 1] == 18 ? "c" : "s", frame[47] & 1 ? "F" : "R");
      }
    }
    return flags;
  };
  EXPECT_EQ(ends("", ""), "cFsF");
  EXPECT_EQ(ends(R"(, "close": "server")", ""), "sFcF");
  EXPECT_EQ(ends(R"(, "close": "client_reset")", ""), "cR");
  EXPECT_EQ(ends(R"(, "close": "none")", ""), "");
  EXPECT_EQ(ends("", R"(, {"close": "client"}, {"wait": "1s"}, {"server": "5kB"})"), "cFsF");
  EXPECT_EQ(ends("", R"(, {"choose": [{"steps": [{"close": "server_reset"}]}]}, {"client": 9})"),
            "sR");
}

TEST_F(Conversations, GoThroughTunnelsAndLargeWindows) {
  const std::string capture = Run(Template(R"(
"vlan": {"client": "c4", "server": "s4", "tcp": {"port": 81, "window": 1000000, "mss": 536},
  "packet": [{"vlan": {"id": 7}}, {"vlan": {"id": 8}}, {"ipv4": {"time_to_live": 3}}],
  "steps": [{"client": "1kB"}, {"server": "3MB"}]},
"datagrams": {"client": "c4", "server": "s4", "udp": {"port": 82}, "packet": [{"vlan": {"id": 9}}],
  "steps": [{"client": "3kB"}, {"server": {"random": {"min": 1, "max": 9000}}}]})"));
  const TcpVerdict verdict = JudgeTcp(frames_);
  EXPECT_EQ(Faults(verdict), "");
  ASSERT_EQ(verdict.conversations.size(), 1u);
  const TcpConversation& c = verdict.conversations.begin()->second;
  EXPECT_EQ(c.server.data, 3'000'000u);
  // That of the SYN-ACK, one per pair of the 5598 segments, that of the server's FIN.
  EXPECT_EQ(c.client.pure_acks, 1 + 5'598 / 2 + 1u);
  if (!HaveTshark()) GTEST_SKIP() << "no tshark to judge the capture";
  for (const auto& [field, count] : Analyse(capture)) EXPECT_EQ(count, 0u) << field;
}

// Numbers as they come.
class Dice {
 public:
  explicit Dice(uint64_t key) : key_(key) {}
  uint64_t operator()() { return Draw(key_, count_++) >> 8; }

 private:
  uint64_t key_, count_ = 0;
};

std::string RandomSteps(Dice& random, int depth);

// A chain of two states that speak and one that waits.
std::string RandomChain(Dice& random, int depth) {
  const auto pause = [&] { return absl::StrCat("\"after\": \"", random() % 60, "ms\""); };
  const auto state = [&](const char* next) {
    return absl::StrCat("{\"steps\": [", RandomSteps(random, depth - 1),
                        "], \"next\": [{\"to\": \"", next, "\", ", pause(), "}, {\"to\": \"a\"}]}");
  };
  return absl::StrCat("{\"chain\": {\"start\": \"a\", \"length\": ", 1 + random() % 6,
                      ", \"states\": {\"a\": ", state("b"), ", \"b\": ", state("silent"),
                      R"(, "silent": {"next": [{"to": "a", )", pause(), "}]}}}}");
}

// A random list of steps with sizes, pauses, loops, choices and chains.
std::string RandomSteps(Dice& random, int depth) {
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  std::string steps;
  for (unsigned i = 0, n = 1 + below(4); i < n; ++i) {
    std::string step;
    const char* side = below(2) ? "client" : "server";
    switch (below(depth > 0 ? 7 : 4)) {
      case 0:
        step = absl::StrCat("{\"wait\": \"", 1 + below(90), "ms\"}");
        break;
      case 1:
        step = absl::StrCat("{\"", side, "\": {\"random\": {\"min\": ", 1 + below(2000),
                            ", \"max\": ", 2001 + below(90'000), "}}}");
        break;
      case 2:
        step = absl::StrCat("{\"", side, "\": {\"text\": \"", std::string(1 + below(4000), 'x'),
                            "\"}}");
        break;
      case 3:
        step = absl::StrCat("{\"", side, "\": ", 1 + below(60'000), "}");
        break;
      case 4:
        step = absl::StrCat(
            "{\"loop\": {\"times\": {\"random\": {\"min\": 0, \"max\": 4}}, "
            "\"steps\": [",
            RandomSteps(random, depth - 1), "]}}");
        break;
      case 5:
        step = RandomChain(random, depth);
        break;
      default:
        step = absl::StrCat("{\"choose\": [{\"steps\": [", RandomSteps(random, depth - 1),
                            "]}, {\"weight\": 2, \"steps\": [", RandomSteps(random, depth - 1),
                            "]}]}");
    }
    absl::StrAppend(&steps, i == 0 ? "" : ", ", step);
  }
  return steps;
}

TEST_F(Conversations, RandomOnesAreCoherent) {
  Dice random(5);
  constexpr int kFlows = 60;
  std::string flows;
  for (int i = 0; i < kFlows; ++i) {
    const char* version = random() % 2 ? "4" : "6";
    const std::string loss = random() % 3 == 0 ? absl::StrCat(", \"loss\": 0.0", random() % 9) : "";
    const std::string options = absl::StrCat(i % 2 == 0 ? R"(, "timestamps": true)" : "",
                                             i % 3 == 0 ? R"(, "sack": true)" : "");
    const std::string ending = random() % 2 ? R"(, "close": "server")" : "";
    absl::StrAppend(&flows, i == 0 ? "" : ",\n", "\"f", i, "\": {\"client\": \"c", version,
                    "\", \"server\": \"s", version, "\", \"tcp\": {\"port\": ", 2000 + i,
                    ", \"rtt\": {\"uniform\": {\"min\": \"1ms\", \"max\": \"", 2 + random() % 40,
                    "ms\"}}, \"initial_window\": ", 1 + random() % 12,
                    ", \"window\": ", 3000 + random() % 200'000,
                    ", \"mss\": ", 100 + random() % 1300, loss, options, ending,
                    "}, \"every\": \"9s\", \"passes\": 3, \"steps\": [{\"client\": 1}, ",
                    RandomSteps(random, 2), "]}");
  }
  Run(Template(flows), "11");
  const TcpVerdict verdict = JudgeTcp(frames_);
  EXPECT_EQ(Faults(verdict), "");
  EXPECT_EQ(verdict.conversations.size(), 3u * kFlows);
  EXPECT_EQ(verdict.packets, frames_.size());
  for (const auto& [name, c] : verdict.conversations) {
    EXPECT_TRUE(c.client.syn && c.server.syn && c.client.fin && c.server.fin) << name;
    EXPECT_TRUE(c.client.all_acknowledged && c.server.all_acknowledged) << name;
  }
}

}  // namespace
}  // namespace spate::testing
