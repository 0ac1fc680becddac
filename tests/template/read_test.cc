// Reading: every construct, and every fault with its line, path and hint.
#include <gtest/gtest.h>

#include "base/text.h"
#include "packet/header.h"
#include "sample.h"
#include "template/codec.h"
#include "template/template.h"

namespace spate::tmpl {
namespace {

// The keys that an object may have, as faults list them.
template <class T>
std::string KeysOf() {
  std::vector<std::string> names;
  for (const auto& key : SpecOf<T>().keys) names.emplace_back(key.key);
  return OneOf(names);
}

TEST(Read, TakesATemplateOfEveryConstruct) {
  const Template t = MustRead(kEverything);
  EXPECT_EQ(t.name, "everything");
  ASSERT_EQ(t.hosts.size(), 4u);
  EXPECT_EQ(t.hosts[0].second.count, 10u);  // from $users
  EXPECT_EQ(t.hosts[1].second.weights, (std::vector<double>{9, 1}));
  EXPECT_EQ(t.messages.size(), 7u);
  EXPECT_EQ(t.messages[5].second.payload->data, "$GET 0");  // from "$$GET 0"
  const Flow& dns = t.groups[0].second.flows[0].second;
  ASSERT_TRUE(dns.conversation.has_value());
  EXPECT_EQ(dns.conversation->transport, "udp");
  EXPECT_EQ(dns.conversation->packet.size(), 2u);
  EXPECT_EQ(dns.clock.kind, Clock::Kind::kEvery);
  EXPECT_EQ(dns.clock.every->balanced, 16u);
  EXPECT_EQ(*dns.clock.every->max, 10);
  const auto& exchange = std::get<ExchangeStep>(dns.steps[0].what);
  EXPECT_EQ(exchange.retries, 2u);
  EXPECT_EQ(exchange.delay.kind, "lognormal");
  const Flow& web = t.groups[0].second.flows[1].second;
  EXPECT_EQ(web.clock.kind, Clock::Kind::kGrid);
  EXPECT_DOUBLE_EQ(web.clock.period_s, 10);
  ASSERT_EQ(web.steps.size(), 11u);
  EXPECT_EQ(std::get<WaitStep>(web.steps[1].what).time.parameters[0].second, 0.02);
  EXPECT_EQ(std::get<LoopStep>(web.steps[3].what).steps->size(), 3u);
  EXPECT_EQ(std::get<ChooseStep>(web.steps[4].what).choices[0].weight, 3);
  EXPECT_EQ(std::get<ChainStep>(web.steps[10].what).states[0].second.next.size(), 3u);
  EXPECT_EQ(t.duration_s, 60);
  EXPECT_EQ(t.packets, 1000u);
}

TEST(Read, PlacesTellLineAndPath) {
  const Template t = MustRead(kEverything);
  const HeaderUse& vlan = t.messages[0].second.packet[1];
  EXPECT_EQ(vlan.place.path, "$.messages.flood.packet[1]");
  EXPECT_EQ(vlan.place.line, 32u);
  EXPECT_EQ(vlan.fields[0].second.place.path, "$.messages.flood.packet[1].vlan.id");
}

TEST(Read, ReportsAllFaultsOfAFileAtOnce) {
  EXPECT_EQ(FaultsOf(R"({
  "spate": 2,
  "nmae": "x",
  "messages": {
    "a": {"packet": [{"ethernt": {}}, {"udp": {"dst_prt": 5}}], "size": [1]},
    "b": {}
  },
  "flows": {"f": {"mesage": "a", "rate": "fast", "passes": -1}},
  "duration": "1 parsec"
})"),
            R"(t.json:2: $.spate: found 2, expected 1, the version of this language
t.json:3: $.nmae: found the unknown key "nmae", expected )" +
                KeysOf<Template>() +
                R"( (did you mean "name"?)
t.json:5: $.messages.a.packet[0].ethernt: found the unknown header "ethernt", expected "ethernet", "vlan", "qinq", "llc", "snap", "arp", "mpls", "ipv4", "ipv6", "ipv6_hop_by_hop", "ipv6_destination_options", "ipv6_routing" or )" +
                Concat(packet::Headers().size() - 12) + R"( others (did you mean "ethernet"?)
t.json:5: $.messages.a.packet[1].udp.dst_prt: found the unknown field "dst_prt", expected "src_port", "dst_port", "length" or "checksum" (did you mean "dst_port"?)
t.json:5: $.messages.a.size: found a list, expected a number, text, or a law such as {"random": {"min": 1, "max": 6}}
t.json:6: $.messages.b: found neither "packet" nor "by", expected a stack of headers, or the side of a conversation that sends it
t.json:8: $.flows.f.mesage: found the unknown key "mesage", expected )" +
                KeysOf<Flow>() +
                R"( (did you mean "message"?)
t.json:8: $.flows.f.rate: found "fast", expected a rate above 0 such as "1mpps", "10gbps" or "10gbpsl1"
t.json:8: $.flows.f.passes: found -1, expected an integer ≥ 0
t.json:9: $.duration: found "1 parsec", expected a duration such as "20ms", "1.5s", "300us" or "2h" (a bare number is seconds))");
}

TEST(Read, FaultsAreThereAsData) {
  std::vector<Fault> faults;
  EXPECT_FALSE(Read(R"({"spate": 1, "flows": {"f": {"message": 7}}})", "x.json", {}, &faults).ok());
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].file, "x.json");
  EXPECT_EQ(faults[0].place.line, 1u);
  EXPECT_EQ(faults[0].place.path, "$.flows.f.message");
  EXPECT_EQ(faults[0].found, "7");
  EXPECT_EQ(faults[0].expected, "text");
}

TEST(Read, ObjectsHaveExactlyOneOfTheirForms) {
  const auto step = [](const std::string& text) {
    return FaultsOf(FlowTemplate(R"("steps": [)" + text + "]"));
  };
  const std::string verbs = KeysOf<Step>();
  EXPECT_EQ(step(R"({"send": "a", "wait": "1s"})"),
            std::string("t.json:4: $.flows.f.steps[0]: found 2 of them, expected one of ") + verbs);
  EXPECT_EQ(step("{}"),
            std::string("t.json:4: $.flows.f.steps[0]: found none of its keys, expected one of ") +
                verbs);
  EXPECT_EQ(step(R"({"sent": "a"})"),
            "t.json:4: $.flows.f.steps[0].sent: found the unknown key \"sent\", expected " + verbs +
                " (did you mean \"send\"?)");
  EXPECT_EQ(step(R"({"set": {"var": "x"}})"),
            "t.json:4: $.flows.f.steps[0].set: found none of its keys, expected one of \"to\", "
            "\"add\", \"scale\" or \"sine\"");
}

TEST(Read, KeysThatMustStandTogether) {
  const auto flow = [](const char* text) { return FaultsOf(FlowTemplate(text)); };
  EXPECT_EQ(
      flow(R"("message": "a", "steps": [{"send": "a"}])"),
      "t.json:4: $.flows.f: found both \"message\" and \"steps\", expected one of \"message\", "
      "\"steps\" (not empty) or \"capture\"");
  EXPECT_EQ(
      flow(R"("message": "a", "rate": "1pps", "every": "1s")"),
      "t.json:4: $.flows.f.every: found \"every\" beside another clock, expected one of \"rate\", "
      "\"poisson\", \"every\", \"grid\", \"at\" or \"ages\"");
  EXPECT_EQ(
      flow(R"("message": "a", "client": "x", "server": "y")"),
      "t.json:4: $.flows.f: found a conversation without \"tcp\" or \"udp\", expected \"client\", "
      "\"server\" and one of \"tcp\" or \"udp\"");
  EXPECT_EQ(
      flow(
          R"("steps": [{"exchange": {"request": "a", "response": "b", "delay": 0, "loss": 0.5}}])"),
      "t.json:4: $.flows.f.steps[0].exchange: found \"loss\" without \"timeout\", expected "
      "\"timeout\": how long an answer is awaited");
  const auto exchange = [&](const std::string& more) {
    return FaultsOf(FlowTemplate(
        R"("steps": [{"exchange": {"request": "a", "response": "b", "delay": 0, "loss": 0.5,
"timeout": "1s", )" +
        more + "}}]"));
  };
  EXPECT_EQ(
      exchange(R"("backoff": 0.5)"),
      "t.json:4: $.flows.f.steps[0].exchange: found \"backoff\": 0.5, expected a factor of at "
      "least 1");
  EXPECT_EQ(exchange(R"("max_timeout": "9s")"),
            "t.json:4: $.flows.f.steps[0].exchange: found \"max_timeout\" without \"backoff\", "
            "expected a \"backoff\" above 1 beside it");
}

TEST(Read, BoundsOfVariables) {
  const auto set = [](const std::string& keys) {
    return FaultsOf(
        FlowTemplate(Concat(R"("vars": {"x": 0}, "steps": [{"set": {"var": "x", )", keys, "}}]")));
  };
  const std::string at = "t.json:4: $.flows.f.steps[0].set: found ";
  EXPECT_EQ(set(R"("add": 1, "min": 2, "max": 1)"),
            Concat(at, "a \"min\" of 2 and a \"max\" of 1, expected \"min\" at most \"max\""));
  EXPECT_EQ(set(R"("add": 1, "max": 1, "beyond": "wrap")"),
            Concat(at, "\"wrap\" without two bounds, expected both \"min\" and \"max\""));
  EXPECT_EQ(set(R"("add": 1, "beyond": "wrap")"),
            Concat(at, "\"wrap\" without two bounds, expected both \"min\" and \"max\""));
  EXPECT_EQ(set(R"("scale": 1e10)"),
            Concat(at, "\"scale\": 1e+10, expected a factor between -2^31 and 2^31"));
  EXPECT_EQ(
      set(R"("sine": {"mean": 1, "amplitude": 1, "period": 0})"),
      "t.json:4: $.flows.f.steps[0].set.sine: found a \"period\" that takes no time, expected "
      "a time above 1ns");
}

TEST(Read, ParamsAreSubstituted) {
  constexpr std::string_view kText =
      R"({"spate": 1, "params": {"n": 5, "gap": "1s"}, "messages": {"a": {"packet": [{"ethernet": {}}]}},
"groups": {"g": {"count": "$n", "flows": {"f": {"message": "a", "every": "$gap"}}}}})";
  EXPECT_EQ(MustRead(kText).groups[0].second.count, 5u);
  ReadOptions options;
  options.set = {{"n", "7"}, {"gap", "3s"}};
  const auto t = Read(kText, "t.json", options);
  ASSERT_TRUE(t.ok()) << t.status().message();
  EXPECT_EQ(t->groups[0].second.count, 7u);
  EXPECT_DOUBLE_EQ(t->groups[0].second.flows[0].second.clock.every->parameters[0].second, 3);

  options.set = {{"m", "7"}, {"n", "many"}};
  const auto wrong = Read(kText, "t.json", options);
  EXPECT_EQ(
      wrong.status().message(),
      "t.json:1: $.params: found --set m=7, expected a param of the template: \"n\" or \"gap\" "
      "(did you mean \"n\"?)\n"
      "t.json:1: $.params.n: found --set n=many, expected a number, as its default is one");
}

TEST(Read, UndefinedParamsAreFaults) {
  EXPECT_NE(FaultsOf(R"({"spate": 1, "params": {"users": 1}, "packets": "$user"})")
                .find("t.json:1: $.packets: found \"$user\", expected a param: \"$users\" (did you "
                      "mean \"$users\"?)"),
            std::string::npos);
}

TEST(Read, FilesThatCannotBeRead) {
  const auto t = ReadFile("/nonexistent/t.json");
  EXPECT_EQ(t.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(std::string(t.status().message()).find("/nonexistent/t.json"), std::string::npos);
}

}  // namespace
}  // namespace spate::tmpl
