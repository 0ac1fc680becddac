// What sides say, as programs: handshake, segments, acknowledgements, ends; and what is refused.
#include <gtest/gtest.h>

#include "base/text.h"
#include "sample.h"
#include "template/quantity.h"

namespace spate::tmpl {
namespace {

std::string Dialogue(const std::string& transport, const std::string& steps) {
  return Concat(R"({"spate": 1, "hosts": {"c": {"ipv4": "198.18.0.1"}, "s": {"ipv4": "198.19.0.1"}},
"messages": {"get": {"by": "client", "payload": {"text": "GET"}}},
"flows": {"f": {"client": "c", "server": "s", )",
                transport, R"(, "steps": [)", steps, "]}}}");
}

// The packets of a program in order, by name, loops once.
std::string Sends(const core::Scenario& s) {
  std::string text;
  for (const core::Op& op : s.flows[0].ops) {
    if (op.code != core::OpCode::kSend) continue;
    Append(&text, text.empty() ? "" : ", ", s.messages[op.a].name.substr(2));
  }
  return text;
}

TEST(Dialogue, BeginsAndEndsByItself) {
  const core::Scenario s = MustCompile(Dialogue(R"("tcp": {"port": 80})", R"({"client": "300B"})"));
  EXPECT_EQ(Sends(s),
            "client syn, server syn-ack, client ack, client data 300, server ack, client fin, "
            "server fin, client ack");
  // Half a millisecond lies between what one side does and the other's answer.
  for (const core::Op& op : s.flows[0].ops) {
    if (op.code != core::OpCode::kWait) continue;
    EXPECT_EQ(s.laws[s.draws[op.a].law].start, 500'000'000u);
    EXPECT_EQ(s.draws[op.a].scope, core::Scope::kPass);
  }
}

TEST(Dialogue, AnAnswerCarriesTheAcknowledgement) {
  constexpr const char* kBare = R"("tcp": {"port": 80, "handshake": false, "close": "none"})";
  EXPECT_EQ(Sends(MustCompile(Dialogue(kBare, R"({"client": 300}, {"server": 200})"))),
            "client data 300, server data 200, client ack");
  EXPECT_EQ(
      Sends(MustCompile(Dialogue(kBare, R"({"client": 300}, {"wait": "39ms"}, {"server": 200})"))),
      "client data 300, server data 200, client ack");
  // A longer pause, and the acknowledgement goes by itself.
  EXPECT_EQ(
      Sends(MustCompile(Dialogue(kBare, R"({"client": 300}, {"wait": "50ms"}, {"server": 200})"))),
      "client data 300, server ack, server data 200, client ack");
  // Pairs of segments are acknowledged at once, single ones not.
  EXPECT_EQ(Sends(MustCompile(Dialogue(kBare, R"({"server": 2920}, {"client": 1})"))),
            "server full, server data 1460, client ack, client data 1, server ack");
}

TEST(Dialogue, SegmentsFollowTheMss) {
  const core::Scenario s =
      MustCompile(Dialogue(R"("tcp": {"mss": 500, "port": 80}, "packet": [{"vlan": {"id": 7}}])",
                           R"({"server": 1200})"));
  EXPECT_EQ(Sends(s),
            "client syn, server syn-ack, client ack, server full, server full, server data 200, "
            "client part, client fin, server fin, client ack");
  const packet::Frame& syn = s.messages[0].frame;
  const size_t options = syn.header_offsets.back() + 20u;
  EXPECT_EQ(std::vector<uint8_t>(syn.bytes.begin() + static_cast<ptrdiff_t>(options),
                                 syn.bytes.begin() + static_cast<ptrdiff_t>(options) + 4),
            (std::vector<uint8_t>{2, 4, 1, 0xf4}));
}

TEST(Dialogue, DatagramsNeedNoAcknowledgement) {
  EXPECT_EQ(Sends(MustCompile(
                Dialogue(R"("udp": {"port": 53})", R"({"client": "get"}, {"server": "3kB"})"))),
            "get, server full, server full, server data 56");
}

TEST(Dialogue, Faults) {
  const auto fault = [](const std::string& transport, const std::string& steps) {
    const std::string text = FaultsOf(Dialogue(transport, steps));
    return text.substr(text.find(": found ") + 2);
  };
  constexpr const char* kTcp = R"("tcp": {"port": 80})";
  EXPECT_EQ(fault(kTcp, R"({"client": "14kX"})"),
            "found \"14kX\", expected bytes such as \"300B\", \"14kB\" or \"64KiB\"");
  EXPECT_EQ(
      fault(kTcp, R"({"server": "get"})"),
      "found the message \"get\" of another side, expected a message with \"by\": \"server\"");
  EXPECT_EQ(FaultsOf(Dialogue(kTcp, R"({"client": {"lognormal": {"median": 400, "sigma": 1}}})")),
            "")
      << "no lower end, but no size of 0 either";
  EXPECT_EQ(fault(kTcp, R"({"client": {"random": {"min": 0, "max": 5}}})"),
            "found 0 bytes, expected at least one byte");
  EXPECT_EQ(fault(kTcp, R"({"client": 0})"), "found 0 bytes, expected at least one byte");
  EXPECT_EQ(fault(kTcp, R"({"close": "client"}, {"client": 5})"),
            "found a side that speaks after it has closed, expected \"close\" behind all that the "
            "side says");
  EXPECT_EQ(
      fault(kTcp, R"({"loop": {"times": 2, "steps": [{"close": "client"}]}})"),
      "found \"client\" within another step, expected one \"close\" per side, among the steps "
      "of the flow itself");
  EXPECT_EQ(fault(R"("tcp": {"port": 80, "window_scale": 15})", R"({"client": 5})"),
            "found 15, expected a shift from 0 to 14 (RFC 7323)");
  EXPECT_EQ(
      fault(R"("tcp": {"port": 80, "rtt": "5ms"})", R"({"send": "get"})"),
      "found \"rtt\" where nobody says anything, expected steps with \"client\" or \"server\"");
  EXPECT_NE(FaultsOf(Dialogue(R"("udp": {"port": 80, "loss": 0.5})", R"({"client": 5})"))
                .find("found the unknown key \"loss\""),
            std::string::npos);
  EXPECT_NE(FaultsOf(FlowTemplate(R"("steps": [{"client": 5}])")).find("a flow without sides"),
            std::string::npos);
}

TEST(Dialogue, RetransmissionsKeepTheirNumber) {
  const core::Scenario s = MustCompile(R"({"spate": 1,
"hosts": {"c": {"ipv4": "198.18.0.1"}, "s": {"ipv4": "198.19.0.1"}},
"messages": {"data": {"by": "client", "payload": {"text": "data"}},
             "again": {"by": "client", "sequence": "repeat", "payload": {"text": "data"}},
             "alive": {"by": "client", "sequence": "keep_alive"}},
"flows": {"f": {"client": "c", "server": "s", "tcp": {"port": 80, "client_port": 5},
  "steps": [{"send": "data"}, {"send": "again"}, {"send": "alive"}]}}})");
  EXPECT_EQ(
      ProgramText(s.flows[0]),
      "tick; set $0 #0; set $1 #1; set $2 $0; send 0 $0; send 1; add $0 18446744073709551615; "
      "send 2; add $0 1; end");
  const auto number = [&](size_t message) {
    for (const core::Patch& patch : s.messages[message].patches) {
      if (patch.offset_bits == (34 + 4) * 8) return patch.index;
    }
    return core::kNone;
  };
  EXPECT_EQ(number(0), 0u);
  EXPECT_EQ(number(1), 2u);
}

TEST(Dialogue, ExchangesProbeAndAreRepeatedToo) {
  const core::Scenario s = MustCompile(R"({"spate": 1,
"hosts": {"c": {"ipv4": "198.18.0.1"}, "s": {"ipv4": "198.19.0.1"}},
"messages": {"data": {"by": "client", "payload": {"text": "data"}},
             "again": {"by": "client", "sequence": "repeat", "payload": {"text": "data"}},
             "probe": {"by": "client", "sequence": "keep_alive"},
             "ack": {"by": "server"}},
"flows": {"f": {"client": "c", "server": "s", "tcp": {"port": 80, "client_port": 5},
  "steps": [{"exchange": {"request": "data", "response": "ack", "delay": "1ms"}},
            {"send": "again"},
            {"exchange": {"request": "probe", "response": "ack", "delay": "1ms"}}]}}})");
  EXPECT_EQ(ProgramText(s.flows[0]),
            "tick; set $0 #0; set $1 #1; send 0; set $2 $0; add $0 4; wait #4; send 1; send 2; "
            "add $0 18446744073709551615; send 3; add $0 1; wait #7; send 1; end");
}

TEST(Dialogue, BytesHaveUnits) {
  EXPECT_EQ(*ParseBytes("300B"), 300u);
  EXPECT_EQ(*ParseBytes("1.5 kB"), 1500u);
  EXPECT_EQ(*ParseBytes("64KiB"), 65536u);
  EXPECT_FALSE(ParseBytes("300").ok());
  EXPECT_FALSE(ParseBytes("0.3B").ok());
}

}  // namespace
}  // namespace spate::tmpl
