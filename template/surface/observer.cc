// {"from": ["plug"], "origin": "first", "resolution": "1us", "loss": 0.01}
#include "base/text.h"
#include "template/codec.h"

namespace spate::tmpl {
namespace {

struct Origin {
  static constexpr std::string_view kWords[] = {"first", "run"};
};

constexpr Key<Observer> kObserverKeys[] = {
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
    MemberKey<&Observer::origin, WordOf<Origin>>(
        {.key = "origin",
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

void FinishObserver(Reader& reader, const Node& node, Observer& observer) {
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
      kObserverKeys, FinishObserver};
  return spec;
}

}  // namespace spate::tmpl
