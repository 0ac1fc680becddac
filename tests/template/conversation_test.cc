// Conversations: addresses, ports, sequence numbers.
#include <gtest/gtest.h>

#include "base/text.h"
#include "sample.h"

namespace spate::tmpl {
namespace {

std::string ConversationOf(const std::string& flow, const std::string& messages) {
  return Concat(R"({"spate": 1, "hosts": {
"clients": {"count": 10, "ipv4": {"increment": {"start": "198.18.0.1"}}, "ipv6": {"increment": {"start": "2001:2::1"}}},
"server": {"mac": "02:00:00:00:00:99", "ipv4": "198.18.1.1", "ipv6": "2001:2::99", "port": 8080}},
"messages": {)",
                messages, R"(}, "flows": {"f": {"client": "clients", "server": "server", )", flow,
                "}}}");
}

constexpr const char* kTcpMessages = R"(
"syn": {"by": "client", "packet": [{"tcp": {"flags": "S", "options": "020405b4"}}]},
"synack": {"by": "server", "packet": [{"tcp": {"flags": "SA"}}]},
"ack": {"by": "client"},
"get": {"by": "client", "payload": {"text": "GET"}},
"page": {"by": "server", "size": {"random": {"min": 100, "max": 1518}}},
"fin": {"by": "client", "packet": [{"tcp": {"flags": "FA"}}]})";

const core::Patch* PatchAt(const core::Message& message, uint32_t offset_bits) {
  for (const core::Patch& patch : message.patches) {
    if (patch.offset_bits == offset_bits) return &patch;
  }
  return nullptr;
}

constexpr uint32_t kEthernet = 0, kIp = 14 * 8, kL4 = 34 * 8;

TEST(Conversation, SequenceNumbersFollowWhatIsSent) {
  const core::Scenario s = MustCompile(ConversationOf(
      R"("tcp": {"port": 80}, "every": "1s", "steps": [{"send": "syn"}, {"send": "synack"}, {"send": "ack"},
{"send": "get"}, {"send": "page"}, {"send": "fin"}])",
      kTcpMessages));
  EXPECT_EQ(ProgramText(s.flows[0]),
            "tick; set $2 #0; add $3 1; add $2 $3 mod 16384; add $2 49152; set $0 #1; set $1 #2; "
            "send 0 $0 +1; send 1 $1 +1; send 2; send 3 $0; send 4 $1; send 5 $0 +1; jump 0");
  // Ports go on from pass to pass from one that is the instance's own.
  EXPECT_EQ(s.draws[0].scope, core::Scope::kInstance);
  EXPECT_EQ(s.laws[s.draws[0].law].count, 65535u - 49152u + 1);
  EXPECT_EQ(s.laws[s.draws[1].law].count, uint64_t{1} << 32);
  EXPECT_EQ(s.draws[1].scope, core::Scope::kPass);
  EXPECT_NE(s.draws[1].salt, s.draws[2].salt);
}

TEST(Conversation, SequenceFieldsReadTheSidesVariables) {
  const core::Scenario s = MustCompile(ConversationOf(
      R"("tcp": {"port": 80}, "steps": [{"send": "syn"}, {"send": "synack"}, {"send": "get"}])",
      kTcpMessages));
  ASSERT_EQ(s.messages.size(), 3u);
  const auto variable = [&](size_t message, uint32_t byte) -> int {
    const core::Patch* patch = PatchAt(s.messages[message], kL4 + byte * 8);
    if (!patch) return -1;
    EXPECT_EQ(patch->source, core::Patch::Source::kVariable);
    EXPECT_EQ(patch->bits, 32);
    return static_cast<int>(patch->index);
  };
  EXPECT_EQ(s.messages[0].name, "f/syn");
  EXPECT_EQ(variable(0, 4), 0);
  EXPECT_EQ(variable(0, 8), -1);  // a SYN acknowledges nothing
  EXPECT_EQ(variable(1, 4), 1);
  EXPECT_EQ(variable(1, 8), 0);
  EXPECT_EQ(variable(2, 4), 0);
  EXPECT_EQ(variable(2, 8), 1);
  EXPECT_EQ(s.messages[0].frame.bytes[34 + 13], 0x02);
  EXPECT_EQ(s.messages[1].frame.bytes[34 + 13], 0x12);
  EXPECT_EQ(s.messages[2].frame.bytes[34 + 13], 0x18);    // PSH, ACK by default with data
  EXPECT_EQ(s.messages[0].frame.bytes[34 + 12] >> 4, 6);  // one word of options
}

TEST(Conversation, AddressesFollowTheSide) {
  const core::Scenario s = MustCompile(ConversationOf(
      R"("udp": {}, "every": "1s", "steps": [{"send": "q"}, {"send": "r"}])",
      R"("q": {"by": "client", "payload": {"text": "?"}}, "r": {"by": "server", "payload": {"text": "!"}})"));
  const core::Message& q = s.messages[0];
  const core::Message& r = s.messages[1];
  const std::vector<uint8_t> server_ip = {198, 18, 1, 1};
  EXPECT_EQ(std::vector<uint8_t>(q.frame.bytes.begin() + 30, q.frame.bytes.begin() + 34),
            server_ip);
  EXPECT_EQ(std::vector<uint8_t>(r.frame.bytes.begin() + 26, r.frame.bytes.begin() + 30),
            server_ip);
  EXPECT_EQ(q.frame.bytes[5], 0x99);
  // The client's MAC, address and port vary; both messages read the same draws.
  for (const auto& [there, back] :
       {std::pair{kEthernet + 48, kEthernet}, {kIp + 96, kIp + 128}, {kL4, kL4 + 16}}) {
    const core::Patch* out = PatchAt(q, there);
    const core::Patch* in = PatchAt(r, back);
    ASSERT_TRUE(out && in) << there;
    EXPECT_EQ(out->index, in->index);
    EXPECT_EQ(out->column, in->column);
  }
  // Conversations at top level take a client per pass.
  EXPECT_EQ(s.draws[PatchAt(q, kIp + 96)->index].scope, core::Scope::kPass);
  const core::Draw& port = s.draws[PatchAt(q, kL4)->index];
  EXPECT_EQ(port.scope, core::Scope::kPass);
  EXPECT_EQ(s.laws[port.law].count, 65535u - 49152u + 1);
  EXPECT_EQ(q.frame.bytes[36] << 8 | q.frame.bytes[37], 8080);  // the server's column
}

TEST(Conversation, HeadersCanBeAddedAndOverridden) {
  const core::Scenario s = MustCompile(ConversationOf(
      R"("udp": {"port": 53, "client_port": 4000}, "packet": [{"vlan": {"id": 7}}, {"ipv6": {"hop_limit": 3}}], "message": "q")",
      R"("q": {"by": "client", "packet": [{"ipv6": {"hop_limit": 9}}], "payload": {"text": "?"}})"));
  const packet::Frame& frame = s.messages[0].frame;
  ASSERT_EQ(frame.header_offsets.size(), 4u);
  EXPECT_EQ(frame.bytes[12] << 8 | frame.bytes[13], 0x8100);
  EXPECT_EQ(frame.bytes[15], 7);
  EXPECT_EQ(frame.bytes[18 + 7], 9);
  EXPECT_EQ(frame.bytes[58] << 8 | frame.bytes[59], 4000);
  EXPECT_EQ(frame.bytes[60] << 8 | frame.bytes[61], 53);
  // Only the lower half of the client's IPv6 address varies.
  const core::Patch* source = PatchAt(s.messages[0], (18 + 8 + 8) * 8);
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(source->bits, 64);
  EXPECT_EQ(PatchAt(s.messages[0], (18 + 8) * 8), nullptr);
  EXPECT_EQ(frame.bytes[18 + 8], 0x20);
}

TEST(Conversation, RepeatedRequestsKeepTheirSequenceNumber) {
  const core::Scenario s = MustCompile(ConversationOf(
      R"("tcp": {"port": 80}, "steps": [{"exchange": {"request": "get", "response": "page", "delay": "1ms",
"loss": 0.5, "timeout": "1s", "retries": 1}}])",
      kTcpMessages));
  EXPECT_EQ(ProgramText(s.flows[0]),
            "tick; set $2 #0; add $3 1; add $2 $3 mod 16384; add $2 49152; set $0 #1; set $1 #2; "
            "send 0; choose #7; wait #8; send 0; choose #9; wait #10; add $0 3; jump 18; "
            "add $0 3; wait #11; send 1 $1; end");
}

TEST(Conversation, Faults) {
  EXPECT_EQ(
      FaultsOf(ConversationOf(R"("udp": {"port": 53}, "packet": [{"ipv6": {}}], "message": "q")",
                              R"("q": {"by": "client", "packet": [{"tcp": {}}]})")),
      "t.json:4: $.messages.q.packet[0]: found the header \"tcp\", expected a header of the "
      "conversation (\"ethernet\", \"ipv6\" or \"udp\") or one that may follow it");
  const std::string same = FaultsOf(R"({"spate": 1, "hosts": {"x": {"ipv4": "198.18.0.1"}},
"messages": {"q": {"by": "client"}}, "flows": {"f": {"client": "x", "server": "x", "udp": {"port": 1}, "message": "q"}}})");
  EXPECT_EQ(
      same,
      "t.json:2: $.flows.f.server: found \"x\", the client too, expected another host set or role");
}

}  // namespace
}  // namespace spate::tmpl
