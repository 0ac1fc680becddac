// Flows: a clock and a list of steps, perhaps over a conversation.
#include "template/surface/clock.h"
#include "template/surface/conversation.h"

namespace spate::tmpl {
namespace {

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
