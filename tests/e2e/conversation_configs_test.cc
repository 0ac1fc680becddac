// The templates of configs/ that hold conversations do what they say.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "packet/bits.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/configs.h"
#include "tests/e2e/tcp_checker.h"

namespace spate::testing {
namespace {

using packet::Get16;
using packet::Get32;

// Offsets in Ethernet frames with IPv4 without options.

TcpVerdict Judged(const std::vector<Bytes>& frames) {
  TcpVerdict verdict = JudgeTcp(frames);
  EXPECT_EQ(absl::StrJoin(verdict.faults, "\n"), "");
  EXPECT_EQ(verdict.packets, frames.size());
  return verdict;
}

TEST(ConversationConfigs, SynFloodComesFromEverywhere) {
  std::set<std::pair<uint32_t, uint16_t>> sources;
  std::set<uint32_t> numbers;
  for (const Bytes& frame : FirstPackets("syn-flood.json", 20'000)) {
    ASSERT_EQ(frame[kTcpFlags], 2);
    ASSERT_EQ(Get16(&frame[kDestinationPort]), 80);
    ASSERT_EQ(Get16(&frame[kSource]), 198 << 8 | 18);
    sources.emplace(Get32(&frame[kSource]), Get16(&frame[kSourcePort]));
    numbers.insert(Get32(&frame[kTcpSequence]));
  }
  EXPECT_GT(sources.size(), 19'990u);
  EXPECT_GT(numbers.size(), 19'990u);
}

TEST(ConversationConfigs, FirewallSeesWholeConversationsAndAFewAborts) {
  size_t closed = 0, aborted = 0;
  for (const auto& [name, c] : Judged(FirstPackets("tcp-firewall.json", 60'000)).conversations) {
    EXPECT_TRUE(c.client.syn) << name;
    EXPECT_LE(c.client.segments, 3u) << name;
    closed += c.client.fin && c.server.fin;
    aborted += c.client.rst;
  }
  EXPECT_GT(closed, 200u);
  EXPECT_GT(aborted, 0u);
  EXPECT_LT(aborted, closed / 10);
}

TEST(ConversationConfigs, AWebPageIsSeveralConversations) {
  std::map<std::string, size_t> of_site;
  std::map<std::string, std::set<std::string>> of_reader;
  for (const auto& [name, c] : Judged(FirstPackets("web-users.json", 80'000)).conversations) {
    const std::string reader = name.substr(0, name.find(':'));
    const std::string site = name.substr(name.find(' ') + 1, 8);
    ++of_site[site];
    of_reader[reader].insert(name);
  }
  // Page, style, pictures, script: readers who have read one have four conversations or more.
  size_t whole = 0;
  for (const auto& [reader, names] : of_reader) whole += names.size() >= 4;
  EXPECT_GT(whole, 40u);
  // Zipf: the first site has twice the visits of the second, ten times those of the tenth.
  EXPECT_GT(of_site["c6130001"], of_site["c6130002"]);
  EXPECT_GT(of_site["c6130001"], 4 * of_site["c613000a"]);
}

TEST(ConversationConfigs, EachFileOfFtpHasAConnection) {
  struct User {
    int passive = 0, open = 0, done = 0;
  };
  std::map<uint32_t, User> users;
  std::vector<Bytes> frames;
  for (Stamped& packet : AllPackets("ftp.yaml", {})) frames.push_back(std::move(packet.data));
  for (const Bytes& frame : frames) {
    const bool to_server = Get32(&frame[kDestination]) == 0xc6130001;
    User& user = users[Get32(&frame[to_server ? kSource : kDestination])];
    const std::string_view text(reinterpret_cast<const char*>(&frame[kTcpPayload]),
                                frame.size() - kTcpPayload);
    if (to_server && Get16(&frame[kDestinationPort]) == 20'000 && frame[kTcpFlags] == 2) {
      ASSERT_EQ(++user.open, user.passive);
    }
    user.passive += text.starts_with("227 ");
    if (text.starts_with("226 ")) {
      ASSERT_EQ(++user.done, user.open);
    }
  }
  EXPECT_EQ(users.size(), 10u);
  for (const auto& [address, user] : users) EXPECT_EQ(user.done, 3);
  size_t files = 0;
  for (const auto& [name, c] : Judged(frames).conversations) {
    EXPECT_TRUE(c.client.fin && c.server.fin) << name;
    files += c.client.data == 0 && c.server.data > 1'000;
  }
  EXPECT_EQ(files, 30u);
}

TEST(ConversationConfigs, ApplicationsKeepToTheirConnectionsASecond) {
  std::map<uint16_t, double> begun;  // by port
  std::set<uint32_t> voices, clients, servers;
  for (const Stamped& packet : AllPackets("application-mix.yaml", {"--duration", "8s"})) {
    const Bytes& frame = packet.data;
    const uint16_t port = Get16(&frame[kDestinationPort]);
    const bool tcp = frame[kProtocol] == 6;
    if (tcp ? frame[kTcpFlags] == 2 : port == 53) ++begun[port];
    if (port == 5004) voices.insert(Get32(&frame[kUdpPayload + 8]));
    if (port > 5004) continue;
    clients.insert(Get32(&frame[kSource]));
    servers.insert(Get32(&frame[kDestination]));
  }
  EXPECT_NEAR(begun[80], 404 * 8, 250);
  EXPECT_NEAR(begun[443], 130 * 8, 150);
  EXPECT_NEAR(begun[110], 34 * 8, 75);
  EXPECT_NEAR(begun[53], 441 * 8, 270);
  EXPECT_NEAR(static_cast<double>(voices.size()), 24, 18);
  EXPECT_EQ(clients.size(), 255u);
  EXPECT_GT(servers.size(), 3'500u);
}

TEST(ConversationConfigs, VideoComesInChunksOfThreeQualities) {
  std::map<uint32_t, std::map<uint32_t, uint64_t>> chunks;  // by viewer and question's number
  std::vector<Bytes> frames;
  for (Stamped& packet : AllPackets("video.yaml", {"--set", "viewers=8", "--duration", "30s"})) {
    frames.push_back(std::move(packet.data));
  }
  for (const Bytes& frame : frames) {
    if (Get16(&frame[kDestinationPort]) == 443) continue;
    // What the server says acknowledges the question that it answers.
    uint64_t& said = chunks[Get32(&frame[kDestination])][Get32(&frame[kTcpSequence + 4])];
    said += Get16(&frame[16]) - 20u - (frame[kTcpFlags - 1] >> 4) * 4u;
  }
  EXPECT_EQ(chunks.size(), 8u);
  std::map<uint64_t, size_t> qualities;
  for (const auto& [viewer, of_viewer] : chunks) {
    for (const auto& [question, bytes] : of_viewer) ++qualities[bytes / 250'000];
  }
  // Retransmissions add a little to 250 kB, 750 kB and 2 MB.
  EXPECT_GT(qualities[1], 8u);
  EXPECT_GT(qualities[3], 30u);
  EXPECT_GT(qualities[8], 10u);
  Judged(frames);
}

TEST(ConversationConfigs, ModbusAnswersCarryTheirQueriesId) {
  const std::vector<Bytes> frames = FirstPackets("modbus-polling.json", 4'000);
  EXPECT_EQ(Judged(frames).conversations.size(), 16u);
  std::map<uint32_t, uint16_t> asked;  // by device
  size_t answers = 0;
  for (const Bytes& frame : frames) {
    if (!(frame[kTcpFlags] & 8)) continue;  // no data
    const uint16_t id = Get16(&frame[kTcpPayload]);
    if (Get16(&frame[kDestinationPort]) == 502) {
      uint16_t& last = asked[Get32(&frame[kDestination])];
      ASSERT_EQ(id, last + 1);
      last = id;
    } else {
      ASSERT_EQ(id, asked[Get32(&frame[kSource])]);
      ++answers;
    }
  }
  EXPECT_GT(answers, 1'000u);
}

TEST(ConversationConfigs, CallsAreSetUpSpokenAndEnded) {
  struct Stream {
    uint16_t number = 0;
    uint32_t stamp = 0, packets = 0;
  };
  std::map<std::pair<uint32_t, uint32_t>, Stream> streams;
  std::map<std::string, size_t> said;
  std::map<uint32_t, std::string> call_of;  // by caller
  for (const Bytes& frame : FirstPackets("rtp-calls.json", 40'000)) {
    const uint32_t from = Get32(&frame[kSource]), to = Get32(&frame[kDestination]);
    if (Get16(&frame[kDestinationPort]) == 5060) {
      const std::string_view text(reinterpret_cast<const char*>(&frame[kUdpPayload]),
                                  frame.size() - kUdpPayload);
      ++said[std::string(text.substr(0, text.find("\r\n")))];
      const std::string id(text.substr(text.find("Call-ID: ") + 9, 4));
      std::string& call = call_of[std::min(from, to)];
      if (text.starts_with("INVITE")) call = id;
      ASSERT_EQ(call, id);
      continue;
    }
    ASSERT_EQ(frame.size(), 214u);
    Stream& stream = streams[{from, to}];
    const uint16_t number = Get16(&frame[kUdpPayload + 2]);
    const uint32_t stamp = Get32(&frame[kUdpPayload + 4]);
    if (stream.packets++ > 0) {
      ASSERT_EQ(number, static_cast<uint16_t>(stream.number + 1));
      ASSERT_EQ(stamp, stream.stamp + 160);
    }
    stream.number = number;
    stream.stamp = stamp;
  }
  EXPECT_GT(streams.size(), 40u);
  EXPECT_GT(said["INVITE sip:callee@example.net SIP/2.0"], 20u);
  EXPECT_GT(said["BYE sip:callee@example.net SIP/2.0"], 5u);
  EXPECT_GT(said["SIP/2.0 180 Ringing"], 20u);
}

}  // namespace
}  // namespace spate::testing
