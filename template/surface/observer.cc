// {"from": ["plug"], "origin": "first", "resolution": "1us", "loss": 0.01}
#include "base/text.h"
#include "template/codec.h"

namespace spate::tmpl {
namespace {

constexpr std::string_view kOrigins[] = {"first", "run"};

struct Origin : Codec<std::string> {
  static void Read(Reader& reader, const Node& node, std::string& value) {
    const std::vector<std::string> names(std::begin(kOrigins), std::end(kOrigins));
    if (!node.text() || std::find(names.begin(), names.end(), *node.text()) == names.end()) {
      return reader.Fail(node, OneOf(names), node.text() ? Nearest(*node.text(), names) : "");
    }
    value = *node.text();
  }
  static Node Write(const std::string& value, bool full) {
    return value == "run" && !full ? Node() : Text(value);
  }
  static Node Schema(const SchemaOptions&) {
    Node::List names;
    for (std::string_view origin : kOrigins) names.push_back(Text(origin));
    return ObjectNode({{"enum", Node(std::move(names))}});
  }
};

constexpr Key<Observer> kKeys[] = {
    MemberKey<&Observer::from, ListOf<HostName>>(
        {.key = "from",
         .doc = "only packets that one of these host sets or roles sends; absent: any",
         .example = R"(["clients"])"}),
    MemberKey<&Observer::to, ListOf<HostName>>(
        {.key = "to",
         .doc = "only packets that go to one of these; absent: any",
         .example = R"(["servers"])"}),
    MemberKey<&Observer::with, ListOf<HostName>>(
        {.key = "with",
         .doc = "only packets that one of these sends or gets; absent: any",
         .example = R"(["clients"])"}),
    MemberKey<&Observer::origin, Origin>({.key = "origin",
                                          .doc = "what time counts from: the begin of the run, or "
                                                 "the first packet seen",
                                          .example = R"("first")",
                                          .fallback = R"("run")"}),
    MemberKey<&Observer::resolution_s, Duration>(
        {.key = "resolution",
         .doc = "stamps are whole multiples of it; absent: as fine as the file's format",
         .example = R"("1us")"}),
    MemberKey<&Observer::loss, Probability>({.key = "loss",
                                             .doc = "probability that a packet is missed",
                                             .example = "0.01",
                                             .fallback = "0"}),
};

void Finish(Reader& reader, const Node& node, Observer& observer) {
  if (observer.resolution_s && *observer.resolution_s < 1e-9) {
    const Reader::Inside inside(reader, "resolution");
    reader.Fail(*node.Find("resolution"), "at least \"1ns\"");
  }
  if (observer.loss >= 1) {
    const Reader::Inside inside(reader, "loss");
    reader.Fail(*node.Find("loss"), "a probability below 1");
  }
}

}  // namespace

template <>
const ObjectSpec<Observer>& SpecOf<Observer>() {
  static constexpr ObjectSpec<Observer> spec = {
      "observer",
      "How a trace is seen where it is recorded: in files and by `spate show`. Ports that send get "
      "every packet.",
      kKeys, Finish};
  return spec;
}

}  // namespace spate::tmpl
