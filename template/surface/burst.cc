// {"burst": {"count": 10, "rate": "10gbps", "pause": "1ms"}}
#include "template/codec.h"

namespace spate::tmpl {
namespace {

constexpr Key<Burst> kBurstKeys[] = {
    MemberKey<&Burst::count>({.key = "count",
                              .doc = "how often the steps of a pass are done",
                              .example = R"({"random": {"min": 5, "max": 50}})",
                              .required = true}),
    MemberKey<&Burst::gap>({.key = "gap",
                            .doc = "time from the end of one to the next; absent: none",
                            .example = R"("2us")"}),
    MemberKey<&Burst::rate, RateText>(
        {.key = "rate",
         .doc = "instead of `gap`: as long as the frames just sent take at this bit rate, or that "
                "many of them a second",
         .example = R"("10gbps")"}),
    MemberKey<&Burst::pause>({.key = "pause",
                              .doc = "instead of a clock: time from the end of a burst to the "
                                     "begin of the next one (`passes` says how many there are)",
                              .example = R"({"exponential": {"mean": "10ms"}})"}),
};

void FinishBurst(Reader& reader, const Node& node, Burst& burst) {
  if (burst.gap && !burst.rate.empty()) {
    reader.Fail(node, "both \"gap\" and \"rate\"", "one of them", "");
  }
}

}  // namespace

template <>
const ObjectSpec<Burst>& SpecOf<Burst>() {
  static constexpr ObjectSpec<Burst> spec = {"burst", "Steps that are done several times in a row.",
                                             kBurstKeys, FinishBurst};
  return spec;
}

}  // namespace spate::tmpl
