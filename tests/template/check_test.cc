// Faults that need the whole template.
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "sample.h"
#include "template/template.h"

namespace spate::tmpl {
namespace {

TEST(Check, PartsOfANameAreAHint) {
  const auto hint = [](const std::string& header) {
    const std::string text =
        FaultsOf(R"({"spate": 1, "messages": {"m": {"packet": [{"ethernet": {}}, )" + header +
                 R"(]}}, "flows": {"f": {"message": "m", "rate": "1pps"}}})");
    const size_t at = text.find("(did");
    return at == std::string::npos ? "" : text.substr(at);
  };
  EXPECT_EQ(hint(R"({"pfc": {}})"), R"((did you mean "pfcpause"?))");
  EXPECT_EQ(hint(R"({"igmpv3_report": {}})"), R"((did you mean "igmpv3"?))");
  EXPECT_EQ(hint(R"({"pppoe": {"session": 7}})"), R"((did you mean "session_id"?))");
  EXPECT_EQ(hint(R"({"ipv5": {}})"), R"((did you mean "ipv4"?))");
  EXPECT_EQ(hint(R"({"ip": {}})"), R"((did you mean "ipv4"?))");
  EXPECT_EQ(hint(R"({"udp": {"sport": 7}})"), R"((did you mean "src_port"?))");
  EXPECT_EQ(hint(R"({"ipv4": {"ttl": 7}})"), R"((did you mean "time_to_live"?))");
  EXPECT_EQ(hint(R"({"quux": {}})"), "");
}

TEST(Check, ObjectsAreShownByTheirKeys) {
  const auto fault = [](const std::string& flow) {
    const std::string text = FaultsOf(FlowTemplate(R"("message": "a", )" + flow));
    return text.substr(text.find("found"));
  };
  EXPECT_EQ(fault(R"("grid": 5)"), R"(found 5, expected an object such as {"period": "10s"})");
  EXPECT_EQ(fault(R"("client": "c", "server": "s", "tcp": 80)"),
            R"(found 80, expected an object such as {"port": 1883})");
}

TEST(Check, UndefinedNamesHaveTheNearestAsHint) {
  EXPECT_EQ(
      FaultsOf(R"({"spate": 1,
"hosts": {"clients": {"ipv4": "198.18.0.1"}, "servers": {"ipv4": "198.18.0.2"}},
"tables": {"services": {"columns": ["port"], "rows": [[53]]}},
"draws": {"txid": {"random": {"min": 0, "max": 9}}},
"messages": {"query": {"packet": [{"ethernet": {"src": {"host": "client"}}}, {"ipv4": {}},
{"udp": {"dst_port": {"row": "service", "column": "port"},
"src_port": {"row": "services", "column": "prt"}}}],
"at": [{"offset": 0, "value": {"draw": "txd"}}]}},
"groups": {"g": {"bind": {"me": "clint"}, "flows": {
"x": {"message": "querry"},
"y": {"client": "me", "server": "server", "udp": {"port": 1}, "message": "query"}}}}})"),
      R"(t.json:5: $.messages.query.packet[0].ethernet.src: found the undefined host set or role "client", expected "clients", "servers" or "me" (did you mean "clients"?)
t.json:6: $.messages.query.packet[2].udp.dst_port: found the undefined table "service", expected "services" (did you mean "services"?)
t.json:7: $.messages.query.packet[2].udp.src_port: found the undefined column "prt", expected "port" (did you mean "port"?)
t.json:8: $.messages.query.at[0].value: found the undefined draw "txd", expected "txid" (did you mean "txid"?)
t.json:9: $.groups.g.bind.me: found the undefined host set "clint", expected "clients" or "servers" (did you mean "clients"?)
t.json:10: $.groups.g.flows.x.message: found the undefined message "querry", expected "query" (did you mean "query"?)
t.json:11: $.groups.g.flows.y.server: found the undefined host set or role "server", expected "clients", "servers" or "me" (did you mean "servers"?))");
}

TEST(Check, UndefinedVariables) {
  EXPECT_EQ(
      FaultsOf(FlowTemplate(
          R"("vars": {"seq": 0}, "steps": [{"set": {"var": "sec", "add": 1}}, {"send": "a"}])")),
      "t.json:4: $.flows.f.steps[0].set: found the undefined variable \"sec\" in flow \"f\", "
      "expected "
      "\"seq\" (did you mean \"seq\"?)");
}

// Once the place, what is there, and what may be.
TEST(Check, ValuesThatDoNotFitTheirFields) {
  const auto udp = [](const std::string& fields) {
    return FaultsOf(R"({"spate": 1, "messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {}}, )"
                    R"({"udp": {)" +
                    fields + R"(}}]}}, "flows": {"f": {"message": "m"}}})");
  };
  const std::string place = "t.json:1: $.messages.m.packet[2].udp.dst_port: ";
  const std::string expected = " for \"dst_port\", expected a number from 0 to 65535";
  EXPECT_EQ(udp(R"("dst_port": 70000)"), place + "found 70000" + expected);
  EXPECT_EQ(udp(R"("dst_port": -1)"), place + "found -1" + expected);
  EXPECT_EQ(udp(R"("dst_port": 0.5)"), place + "found 0.5" + expected);
  EXPECT_EQ(udp(R"("dst_port": "dns")"), place + "found \"dns\"" + expected);
  EXPECT_EQ(udp(R"("dst_port": {"values": [80, 70000]})"), place + "found 70000" + expected);
  EXPECT_EQ(udp(R"("dst_port": {"random": {"min": 1, "max": "x"}})"),
            place + "found \"x\"" + expected);
}

TEST(Check, TimeMustPass) {
  EXPECT_EQ(
      FaultsOf(FlowTemplate(R"("message": "a", "every": 0)")),
      "t.json:4: $.flows.f.every: found passes that follow each other without time, expected a "
      "time above 0");
  EXPECT_EQ(FaultsOf(FlowTemplate(R"("message": "a", "grid": {"period": "0s"})")),
            "t.json:4: $.flows.f.grid.period: found 0s, expected a time above 0");
  EXPECT_EQ(
      FaultsOf(FlowTemplate(R"("message": "a", "passes": 5)")),
      "t.json:4: $.flows.f.passes: found 5 passes without a clock, expected \"rate\", "
      "\"poisson\", \"every\", \"grid\", \"at\", \"ages\", \"schedule\" or \"share\" beside it");
}

TEST(Check, WhoSpeaksSaysSomething) {
  for (const char* const says : {R"("")", R"({"message": ""})"}) {
    EXPECT_NE(FaultsOf(FlowTemplate(std::string(R"("steps": [{"client": )") + says + "}]"))
                  .find("found \"\", expected a size, or the name of a message"),
              std::string::npos)
        << says;
  }
}

TEST(Check, BurstsAreOfSomething) {
  EXPECT_NE(FaultsOf(FlowTemplate(R"("message": "a", "rate": "1kpps",
                                     "burst": {"count": {"values": [0]}, "gap": "1us"})"))
                .find("$.flows.f.burst.count: found bursts of nothing, expected a count above 0"),
            std::string::npos);
  EXPECT_EQ(FaultsOf(FlowTemplate(R"("message": "a", "rate": "1kpps",
                                     "burst": {"count": {"values": [0, 1]}, "gap": "1us"})")),
            "");
}

TEST(Check, ValuesInThePayloadKeepApart) {
  const auto values = [](const std::string& at) {
    return FaultsOf(R"({"spate": 1, "messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {}},
        {"udp": {}}], "size": 100, "at": [)" +
                    at + R"(]}}, "flows": {"f": {"message": "m"}}})");
  };
  EXPECT_EQ(values(R"({"offset": 0, "bits": 12, "value": 1}, {"offset": 2, "value": 1})"), "");
  EXPECT_EQ(values(R"({"offset": 0, "bits": 12, "value": 1}, {"offset": 1, "value": 1})"),
            "t.json:2: $.messages.m.at[1]: found 8 bits at byte 1, expected a place apart from the "
            "12 bits at byte 0, which another value takes");
}

TEST(Check, FramesMustFit) {
  const auto message = [](const std::string& keys) {
    return FaultsOf(R"({"spate": 1, "messages": {"m": {)" + keys +
                    R"(}}, "flows": {"f": {"message": "m"}}})");
  };
  constexpr const char* kStack = R"("packet": [{"ethernet": {}}, {"ipv4": {}}, {"udp": {}}])";
  EXPECT_EQ(
      message(kStack + std::string(R"(, "size": 50)")),
      "t.json:1: $.messages.m.size: found a size of 50 bytes, expected at least 64 bytes, the "
      "shortest Ethernet frame, or \"runt\"");
  EXPECT_EQ(message(kStack + std::string(R"(, "size": {"increment": {"start": 100}})")),
            "t.json:1: $.messages.m.size: found a size that counts on without end, expected "
            "\"count\": how many sizes");
  EXPECT_EQ(message(kStack + std::string(R"(, "size": 50, "runt": true)")), "");
  EXPECT_EQ(message(kStack + std::string(R"(, "size": 45, "runt": true)")),
            "t.json:1: $.messages.m.size: found a size of 45 bytes, expected at least 46 bytes: "
            "headers and FCS");
  EXPECT_EQ(message(kStack + std::string(R"(, "size": {"random": {"min": 64, "max": 70000}})")),
            "t.json:1: $.messages.m.size: found a size of 70000 bytes, expected at most 65535");
  EXPECT_EQ(
      message(kStack + std::string(R"(, "size": 64, "payload": {"text": "nineteen bytes long"})")),
      "t.json:1: $.messages.m.size: found a size of 64 bytes, expected at least 65 bytes: headers, "
      "payload and FCS");
  EXPECT_EQ(
      message(kStack + std::string(R"(, "payload": {"fill": 0})")),
      "t.json:1: $.messages.m.payload: found a pattern without end, expected a \"size\" of the "
      "message");
  EXPECT_EQ(
      message(
          kStack +
          std::string(
              R"(, "payload": {"text": "abc"}, "at": [{"offset": 2, "bits": 16, "value": 1}])")),
      "t.json:1: $.messages.m.at[0]: found 16 bits at byte 2, expected a place within the payload "
      "of 3 bytes");
  const auto wide = [&](int bits, int offset) {
    return message(
        kStack +
        absl::StrFormat(
            R"(, "size": 80, "at": [{"offset": %d, "bits": %d, "value": {"random": {"min": 0, "max": 9}}}])",
            offset, bits));
  };
  EXPECT_EQ(wide(59, 1),
            "t.json:1: $.messages.m.at[0]: found 59 bits that vary at byte 1, an odd one of the "
            "frame, expected at most 56 bits, or 64");
  EXPECT_EQ(wide(59, 2) + wide(56, 1) + wide(64, 1), "");
}

TEST(Check, HeadersMustFollowEachOther) {
  const std::string fault = FaultsOf(
      R"({"spate": 1, "messages": {"m": {"packet": [{"ethernet": {}}, {"udp": {}}]}}, "flows": {"f": {"message": "m"}}})");
  EXPECT_EQ(fault.find("t.json:1: $.messages.m.packet[1]: found the header \"udp\" after "
                       "\"ethernet\", expected \"vlan\", \"qinq\", \"llc\", \"arp\", "),
            0u)
      << fault;
}

TEST(Check, ValuesMustFitTheirFields) {
  const auto udp = [](const std::string& law) {
    return FaultsOf(
        R"({"spate": 1, "messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {}}, {"udp": {"dst_port": )" +
        law + R"(}}]}}, "flows": {"f": {"message": "m"}}})");
  };
  EXPECT_EQ(udp("65535"), "");
  for (const char* law :
       {"65536", "-1", "1.5", "\"http\"", R"({"values": [1, 70000]})",
        R"({"increment": {"start": 65000, "count": 1000}})",
        R"({"decrement": {"start": 10, "count": 12}})", R"({"random": {"min": 9, "max": 1}})",
        R"({"random": {"min": 9, "max": 70000}})", R"({"var": "x"})"}) {
    const std::string fault = udp(law);
    EXPECT_EQ(fault.find("t.json:1: $.messages.m.packet[2].udp.dst_port: found "), 0u)
        << law << fault;
  }
  EXPECT_EQ(
      udp(R"({"increment": {"start": 65000, "count": 1000}})"),
      "t.json:1: $.messages.m.packet[2].udp.dst_port: found 1000 values from 65000 in steps of 1, "
      "expected at most 536 for \"dst_port\" of 16 bits");
}

TEST(Check, SidesNeedAConversation) {
  EXPECT_EQ(
      FaultsOf(
          R"({"spate": 1, "messages": {"m": {"by": "client"}}, "flows": {"f": {"message": "m"}}})"),
      "t.json:1: $.flows.f.message: found the message \"m\" with \"by\", expected a flow with "
      "\"client\" and \"server\", or a message without \"by\"");
}

TEST(Check, FaultsOfSharedMessagesAreToldOnce) {
  const std::string fault = FaultsOf(
      R"({"spate": 1, "messages": {"m": {"packet": [{"ethernet": {"dst": "nowhere"}}]}},
"flows": {"f": {"message": "m"}, "g": {"message": "m"}}})");
  EXPECT_EQ(fault.find('\n'), std::string::npos) << fault;
  EXPECT_NE(fault, "");
}

TEST(Check, BitRatesNeedKnownPasses) {
  EXPECT_EQ(
      FaultsOf(FlowTemplate(R"("poisson": "1mbps", "steps": [{"chain": {"start": "x", "length": 2,
"states": {"x": {"send": "a", "next": [{"to": "x"}]}}}}])")),
      "t.json:4: $.flows.f.poisson: found \"1mbps\", expected a rate in pps: the bits of a pass "
      "are "
      "not "
      "known beforehand");
}

TEST(Check, FlowsThatSendNothingAreRefused) {
  EXPECT_EQ(FaultsOf(FlowTemplate(R"("every": "1s", "steps": [{"wait": "1ms"}])")),
            "t.json:4: $.flows.f: found a flow whose steps send nothing, expected a step that "
            "sends a message, or acts on other flows of its group");
}

TEST(Check, TemplatesBuiltByProgramsAreCheckedToo) {
  Template t;
  t.flows.emplace_back("f", Flow{});
  t.flows.emplace_back("f", Flow{});
  const auto scenario = Compile(t);
  EXPECT_EQ(scenario.status().message(),
            "found the flow \"f\" a second time, expected each name once\n"
            "found a flow without steps, expected \"message\" or \"steps\"");
}

}  // namespace
}  // namespace spate::tmpl
