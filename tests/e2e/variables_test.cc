// What a template says with variables and laws, seen in captures that no sharding changes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "packet/bits.h"
#include "packet/frame.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/process.h"

namespace spate::testing {
namespace {

// Offsets in Ethernet frames with IPv4 without options.

std::string FileBytes(const std::string& path) {
  std::stringstream bytes;
  bytes << std::ifstream(path).rdbuf();
  return bytes.str();
}

// The packets of a template, the same for any lcores.
std::vector<Bytes> VariablesPackets(const std::string& text) {
  const TempDir dir;
  const std::string file = dir / "t.json";
  std::ofstream(file) << text;
  std::string first;
  for (const char* generation : {"0", "1", "2", "3"}) {
    for (const char* emission : {"1", "2"}) {
      const std::string capture = dir / "out.pcap";
      const Outcome run = Execute({"run", file, "--port", capture, "--quiet", "--seed", "3",
                                   "--gen", generation, "--emit", emission});
      EXPECT_EQ(run.exit_code, 0) << run.err;
      if (first.empty()) first = FileBytes(capture);
      EXPECT_TRUE(FileBytes(capture) == first) << generation << " " << emission;
    }
  }
  return ReadFrames(dir / "out.pcap");
}

std::string Udp(const std::string& name, const std::string& ip, const std::string& udp,
                const std::string& more = R"("size": 64)") {
  return "\"" + name + R"(": {"packet": [{"ethernet": {}}, {"ipv4": {)" + ip + R"(}}, {"udp": {)" +
         udp + "}}], " + more + "}";
}

TEST(Variables, RememberWhatWasSent) {
  const std::vector<Bytes> packets =
      VariablesPackets(R"({"spate": 1,
"hosts": {"crowd": {"ipv4": {"increment": {"start": "198.18.0.10", "count": 50}}, "pick": "zipf"}},
"tables": {"ports": {"columns": ["port"], "rows": [[53], [80], [443]]}},
"messages": {)" +
                       Udp("ask", R"("src": {"host": "crowd", "per": "packet"}, "dst": "198.18.0.1",
"identification": {"increment": {"start": 5, "count": 1000}})",
                           R"("src_port": {"random":
{"min": 1024, "max": 65535}}, "dst_port": {"row": "ports", "column": "port"})") +
                       ", " +
                       Udp("tell", R"("src": "198.18.0.1", "dst": {"var": "who"},
"identification": {"var": "id"})",
                           R"("src_port": {"var": "service"}, "dst_port": {"var": "port"})") +
                       R"(},
"groups": {"g": {"count": 5, "flows": {"f": {"every": "10ms", "passes": 40,
"vars": {"who": 0, "id": 0, "service": 0, "port": 0},
"steps": [{"send": "ask"}, {"wait": "1ms"},
{"remember": {"message": "ask", "field": "ipv4.src", "var": "who"}},
{"remember": {"message": "ask", "field": "ipv4.identification", "var": "id"}},
{"remember": {"message": "ask", "field": "udp.src_port", "var": "port"}},
{"remember": {"message": "ask", "field": "udp.dst_port", "var": "service"}},
{"send": "tell"}]}}}}})");
  ASSERT_EQ(packets.size(), 5u * 40 * 2);
  std::set<uint32_t> hosts;
  for (size_t i = 0; i < packets.size(); ++i) {
    if (i % 10 >= 5) continue;  // five ask at once, then five tell
    const Bytes &ask = packets[i], &tell = packets[i + 5];
    hosts.insert(packet::Get32(&ask[kSource]));
    ASSERT_EQ(packet::Get32(&tell[kDestination]), packet::Get32(&ask[kSource])) << i;
    ASSERT_EQ(packet::Get16(&tell[kIdentification]), packet::Get16(&ask[kIdentification])) << i;
    ASSERT_EQ(packet::Get16(&tell[kDestinationPort]), packet::Get16(&ask[kSourcePort])) << i;
    ASSERT_EQ(packet::Get16(&tell[kSourcePort]), packet::Get16(&ask[kDestinationPort])) << i;
  }
  EXPECT_GT(hosts.size(), 10u);
}

TEST(Variables, DistributionsAndPermutationsInPackets) {
  const std::vector<Bytes> packets =
      VariablesPackets(R"({"spate": 1, "messages": {)" +
                       Udp("m", R"("dst": "198.18.0.1",
"identification": {"permutation": {"start": 100, "count": 1000}})",
                           R"("src_port": {"normal": {"mean": 5000, "sd": 100},
"max": 6000}, "dst_port": {"permutation": {"start": 1, "count": 4}, "per": "instance"})",
                           R"("size": {"mixture": [[64, 9],
[{"lognormal": {"median": 600, "sigma": 0.3}}, 1]], "min": 64, "max": 1518})") +
                       R"(}, "groups": {"g": {"count": 4, "flows": {"f":
{"every": "1ms", "passes": 1000, "message": "m"}}}}})");
  ASSERT_EQ(packets.size(), 4000u);
  double sum = 0, squares = 0;
  size_t small = 0;
  std::set<uint32_t> pairs;
  std::set<uint16_t> ports;
  for (const Bytes& p : packets) {
    const double port = packet::Get16(&p[kSourcePort]);
    sum += port;
    squares += port * port;
    small += p.size() == 60;
    ports.insert(packet::Get16(&p[kDestinationPort]));
    pairs.insert(uint32_t{packet::Get16(&p[kIdentification])} << 16 |
                 packet::Get16(&p[kDestinationPort]));
  }
  const double mean = sum / 4000;
  EXPECT_NEAR(mean, 5000, 6);
  EXPECT_NEAR(std::sqrt(squares / 4000 - mean * mean), 100, 5);
  EXPECT_NEAR(static_cast<double>(small), 3600, 80);
  EXPECT_EQ(ports, (std::set<uint16_t>{1, 2, 3, 4}));
  // Each instance sends each of its thousand numbers once.
  EXPECT_EQ(pairs.size(), 4000u);
}

TEST(Variables, RuntsAreNotPadded) {
  const std::vector<Bytes> packets = VariablesPackets(
      R"({"spate": 1, "messages": {)" +
      Udp("drawn", "", "", R"("runt": true, "size": {"random": {"min": 46, "max": 80}})") + ", " +
      Udp("short", "", "", R"("runt": true, "payload": {"text": "four"})") + ", " +
      Udp("padded", "", "", R"("payload": {"text": "four"})") + R"(}, "flows": {
"a": {"message": "drawn", "rate": "1kpps", "passes": 1000},
"b": {"message": "short", "every": "1ms", "passes": 10},
"c": {"message": "padded", "every": "1ms", "passes": 10}}})");
  std::map<size_t, int> sizes;
  for (const Bytes& packet : packets) {
    ++sizes[packet.size()];
    EXPECT_TRUE(
        packet::VerifyChecksums(packet.data(), packet.size(), packet::LinkType::kEthernet).ok());
    EXPECT_LE(kUdpPayload - 8 + packet::Get16(&packet[kUdpPayload - 4]), packet.size());
  }
  EXPECT_EQ(sizes.begin()->first, 42u);
  EXPECT_EQ(sizes.size(), 35u) << "each of 46 to 80 bytes, without FCS";
  EXPECT_GE(sizes[46], 10) << "headers and four bytes";
  EXPECT_GE(sizes[60], 10);
}

TEST(Variables, NamesThatAreNotThere) {
  const TempDir dir;
  const std::string file = dir / "t.json";
  const auto fault = [&](const std::string& remember) {
    std::ofstream(file) << R"({"spate": 1, "messages": {)" +
                               Udp("a", R"("dst": "198.18.0.1")", R"("src_port": 7)") + ", " +
                               Udp("b", R"("dst": "198.18.0.1")", R"("src_port": 7)") +
                               R"(}, "flows": {"f": {"vars": {"x": 0}, "steps": [{"send": "a"},
{"remember": {)" + remember + "}}]}}}";
    const Outcome check = Execute({"check", file});
    EXPECT_NE(check.exit_code, 0);
    return check.err;
  };
  const auto has = [&](const std::string& remember, const std::string& part) {
    const std::string text = fault(remember);
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(R"("message": "a", "field": "udp.src_prt", "var": "x")", "did you mean \"udp.src_port\"?");
  has(R"("message": "a", "field": "udp.src_port", "var": "y")", "the undefined variable \"y\"");
  has(R"("message": "b", "field": "udp.src_port", "var": "x")", "which the flow does not send");
  has(R"("message": "c", "field": "udp.src_port", "var": "x")", "\"c\"");
}

TEST(Variables, AVariableIsTheSizeOfFrames) {
  const std::vector<Bytes> packets = VariablesPackets(R"({"spate": 1,
"messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {"dst": "198.18.0.1"}}, {"udp": {"dst_port": 9}}],
                   "payload": {"fill": 90}, "size": {"var": "bytes"}}},
"groups": {"g": {"vars": {"bytes": 0}, "flows": {"f": {"every": "1ms", "passes": 20, "steps": [
  {"send": "m"}, {"set": {"var": "bytes", "add": 100}}]}}}}})");
  ASSERT_EQ(packets.size(), 20u);
  for (size_t i = 0; i < packets.size(); ++i) {
    const size_t size = std::clamp<size_t>(100 * i, 64, 1'518) - 4;
    ASSERT_EQ(packets[i].size(), size) << i;
    const size_t datagram = std::max<size_t>(100 * i, 46) - 4 - 14;
    ASSERT_EQ(packet::Get16(&packets[i][16]), std::min<size_t>(datagram, 1'500)) << i;
    if (i > 0) {
      ASSERT_EQ(packets[i].back(), 90) << i;
    }
  }
}

}  // namespace
}  // namespace spate::testing
