// Flows: a clock and a list of steps, perhaps over a conversation.
#include "template/surface/clock.h"
#include "template/surface/conversation.h"
#include "template/surface/port_name.h"

namespace spate::tmpl {
namespace {

struct PhaseName : Codec<std::string> {
  static inline const std::vector<std::string> kNames = {"even", "random", "same"};
  static void Read(Reader& reader, const Node& node, std::string& value) {
    Codec<std::string>::Read(reader, node, value);
    if (!node.text() || std::find(kNames.begin(), kNames.end(), value) != kNames.end()) return;
    reader.Fail(node, OneOf(kNames), Nearest(value, kNames));
  }
  static Node Schema(const SchemaOptions&) {
    return ObjectNode({{"enum", Node(Node::List{Text("even"), Text("random"), Text("same")})}});
  }
};

// How much of the flow there is.
std::vector<Key<Flow>> LimitKeys() {
  return {
      MemberKey<&Flow::schedule>(
          {.key = "schedule",
           .doc = "the rate as time goes on: steps, ramps and pauses at exact times, in place of "
                  "\"rate\" or as the mean of \"poisson\"; other clocks are sped up so that their "
                  "mean is the rate. The flow ends with it",
           .example =
               R"([{"for": "10s", "rate": "1kpps"}, {"for": "60s", "from": "1kpps", "to": "9kpps"}])"}),
      MemberKey<&Flow::share, Weight>(
          {.key = "share",
           .doc = "share of the template's \"rate\" instead of a clock, by packets or bytes (see "
                  "`shares`); passes of any length, as long as they take no longer than that "
                  "leaves them",
           .example = "3"}),
      MemberKey<&Flow::total>({.key = "total",
                               .doc = "rate and schedule are those of all instances of the group "
                                      "together instead of each one's",
                               .example = "true",
                               .fallback = "false"}),
      MemberKey<&Flow::scale>({.key = "scale",
                               .doc = "false: the flow keeps out of the template's \"rate\" and "
                                      "\"schedule\" and of --rate",
                               .example = "false",
                               .fallback = "true"}),
      MemberKey<&Flow::impairment>({.key = "impairment",
                                    .doc = "losses, copies, delays and damage of its packets",
                                    .example = R"({"loss": 0.01})"}),
      MemberKey<&Flow::packets>({.key = "packets",
                                 .doc = "packets until an instance ends; absent: no limit",
                                 .example = "100"}),
      MemberKey<&Flow::duration_s, Duration>(
          {.key = "duration",
           .doc = "time from its start after which an instance begins no more passes; absent: none",
           .example = R"("10s")"}),
  };
}

std::vector<Key<Flow>> MakeFlowKeys() {
  std::vector<Key<Flow>> keys = {
      MemberKey<&Flow::message, MessageName>({.key = "message",
                                              .doc = "short for steps that send this one message",
                                              .example = R"("query")"}),
  };
  keys.push_back(MemberKey<&Flow::capture>(
      {.key = "capture",
       .doc =
           "packets from a capture instead of steps: with a clock or schedule one packet a pass, "
           "else all of them in a pass, at their recorded times",
       .example = R"("samples/office-iot.pcapng")"}));
  for (const Key<Flow>& key : ConversationKeys()) keys.push_back(key);
  keys.push_back(MemberKey<&Flow::start>({.key = "start",
                                          .doc = "time of the first pass of each instance",
                                          .example = R"({"uniform": {"min": "0s", "max": "10s"}})",
                                          .fallback = R"("0s")"}));
  for (const Key<Flow>& key : ClockKeys()) keys.push_back(key);
  keys.push_back(MemberKey<&Flow::phase, PhaseName>(
      {.key = "phase",
       .doc = "how the first passes of a group's instances lie over one period of the clock: "
              "\"even\", \"random\" (with `poisson` a gap of its own) or all the \"same\"; absent: "
              "even for `rate` without `start`, else the same",
       .example = R"("even")"}));
  keys.push_back(MemberKey<&Flow::burst>({.key = "burst",
                                          .doc = "each pass does the steps several times in a row",
                                          .example = R"({"count": 10, "rate": "10gbps"})"}));
  keys.push_back(MemberKey<&Flow::on_off>(
      {.key = "on_off",
       .doc = "passes begin only in the on-phases; the clock stands still in the off-phases",
       .example = R"({"on": "2s", "off": {"exponential": {"mean": "8s"}}})"}));
  keys.push_back(MemberKey<&Flow::passes>(
      {.key = "passes",
       .doc = "runs through the steps per instance; absent: no limit, without a clock 1",
       .example = "100"}));
  for (const Key<Flow>& key : LimitKeys()) keys.push_back(key);
  keys.push_back(MemberKey<&Flow::variables>({.key = "vars",
                                              .doc = "variables and their values at the begin of "
                                                     "each pass",
                                              .example = R"({"seq": 0})"}));
  keys.push_back(MemberKey<&Flow::steps>({.key = "steps",
                                          .doc = "what is done in one pass",
                                          .example = R"([{"send": "query"}, {"wait": "1ms"}])"}));
  keys.push_back(MemberKey<&Flow::idle>(
      {.key = "idle",
       .doc = "does not begin by itself, but when a step of another flow of the group starts it",
       .example = "true",
       .fallback = "false"}));
  keys.push_back(MemberKey<&Flow::port, PortName>(
      {.key = "port",
       .doc = "name of the port by which its packets leave; absent: the port behind which the "
              "sender stands (`behind`), else the template's first",
       .example = R"("left")"}));
  return keys;
}

void FinishFlow(Reader& reader, const Node& node, Flow& flow) {
  const int forms =
      (flow.message.empty() ? 0 : 1) + (flow.steps.empty() ? 0 : 1) + (flow.capture ? 1 : 0);
  if (forms != 1) {
    const char* found = "both \"message\" and \"steps\"";
    if (forms == 0) found = "neither \"message\" nor \"steps\"";
    if (flow.capture) found = "\"capture\" beside \"message\" or \"steps\"";
    reader.Fail(node, found, "one of \"message\", \"steps\" (not empty) or \"capture\"", "");
  }
  if (flow.capture && flow.conversation) {
    reader.Fail(node, "\"capture\" in a conversation", "one of them", "");
  }
  FinishConversation(reader, node, flow);
}

}  // namespace

template <>
const ObjectSpec<Flow>& SpecOf<Flow>() {
  static const auto& keys = *new std::vector<Key<Flow>>(MakeFlowKeys());
  static const ObjectSpec<Flow> spec = {
      "flow", "A clock and the steps of one pass, perhaps over a conversation.", keys, FinishFlow};
  return spec;
}

}  // namespace spate::tmpl
