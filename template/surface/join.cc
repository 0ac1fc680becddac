// {"join": ["fetch", "upload"]}, {"join": {"flows": ["fetch", "upload"], "count": 1}}
#include "base/text.h"
#include "template/surface/verb.h"

namespace spate::tmpl {
namespace {

constexpr Key<JoinStep> kJoinKeys[] = {
    MemberKey<&JoinStep::flows>({.key = "flows",
                                 .doc = "flows of the same instance",
                                 .example = R"(["fetch", "upload"])",
                                 .required = true}),
    MemberKey<&JoinStep::count>(
        {.key = "count", .doc = "how many of them must have ended; absent: all", .example = "1"}),
};

void FinishJoin(Reader& reader, const Node& node, JoinStep& step) {
  if (step.flows.empty()) reader.Fail(node, "no flows", "at least one flow to wait for", "");
  if (step.count && (*step.count == 0 || *step.count > step.flows.size())) {
    reader.Fail(node, Concat("\"count\": ", *step.count),
                Concat("from 1 to ", step.flows.size(), ", the number of flows"), "");
  }
}

struct JoinCodec {
  static void Read(Reader& reader, const Node& node, JoinStep& step) {
    if (node.object()) {
      ReadObject(reader, node, SpecOf<JoinStep>(), step);
      return;
    }
    Codec<std::vector<std::string>>::Read(reader, node, step.flows);
    if (node.list()) FinishJoin(reader, node, step);
  }
  static Node Write(const JoinStep& step, bool full) {
    return step.count ? WriteObject(step, SpecOf<JoinStep>(), full)
                      : Codec<std::vector<std::string>>::Write(step.flows, full);
  }
  static Node Schema(const SchemaOptions& options) {
    return ObjectNode({{"anyOf", Node(Node::List{Codec<std::vector<std::string>>::Schema(options),
                                                 Codec<JoinStep>::Schema(options)})}});
  }
  static std::string Type() { return "list of text, or join"; }
};

}  // namespace

template <>
const ObjectSpec<JoinStep>& SpecOf<JoinStep>() {
  static constexpr ObjectSpec<JoinStep> spec = {"join", "Flows that are waited for.", kJoinKeys,
                                                FinishJoin};
  return spec;
}

Key<Step> JoinKey() {
  return VerbKey<JoinStep, JoinCodec>(
      {.key = "join",
       .doc = "waits until other flows of the group's instance have ended",
       .example = R"(["fetch", "upload"])"});
}

}  // namespace spate::tmpl
