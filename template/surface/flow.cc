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

std::vector<Key<Flow>> MakeKeys() {
  std::vector<Key<Flow>> keys = {
      MemberKey<&Flow::message, MessageName>({.key = "message",
                                              .doc = "short for steps that send this one message",
                                              .example = R"("query")"}),
  };
  for (const Key<Flow>& key : ConversationKeys()) keys.push_back(key);
  keys.push_back(MemberKey<&Flow::start>({.key = "start",
                                          .doc = "time of the first pass of each instance",
                                          .example = R"({"uniform": {"min": "0s", "max": "10s"}})",
                                          .fallback = R"("0s")"}));
  for (const Key<Flow>& key : ClockKeys()) keys.push_back(key);
  keys.push_back(MemberKey<&Flow::phase, PhaseName>(
      {.key = "phase",
       .doc = "how the first passes of a group's instances lie over one period of the clock: "
              "\"even\", \"random\" or all the \"same\"; absent: even for `rate` without "
              "`start`, else the same",
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

void Finish(Reader& reader, const Node& node, Flow& flow) {
  if (flow.message.empty() == flow.steps.empty()) {
    reader.Fail(
        node,
        flow.steps.empty() ? "neither \"message\" nor \"steps\"" : "both \"message\" and \"steps\"",
        "one of \"message\" or \"steps\" (not empty)", "");
  }
  FinishConversation(reader, node, flow);
}

}  // namespace

template <>
const ObjectSpec<Flow>& SpecOf<Flow>() {
  static const auto& keys = *new std::vector<Key<Flow>>(MakeKeys());
  static const ObjectSpec<Flow> spec = {
      "flow", "A clock and the steps of one pass, perhaps over a conversation.", keys, Finish};
  return spec;
}

}  // namespace spate::tmpl
