// {"loop": {"times": 10, "steps": [{"send": "query"}, {"wait": "1ms"}]}}
#include "template/surface/verb.h"

namespace spate::tmpl {
namespace {

constexpr Key<LoopStep> LoopTimesKey(KeyInfo info) {
  Key<LoopStep> key = MemberKey<&LoopStep::times>(info);
  key.write = [](const LoopStep& step, const KeyInfo&, bool full) {
    return step.condition ? Node() : Codec<ValueLaw>::Write(step.times, full);
  };
  return key;
}

constexpr Key<LoopStep> kLoopKeys[] = {
    LoopTimesKey({.key = "times", .doc = "how often", .example = "10", .choice = true}),
    MemberKey<&LoopStep::condition>({.key = "while",
                                     .doc = "tested before each time; the loop ends when it does "
                                            "not hold",
                                     .example = R"({"var": "tries", "below": 3})",
                                     .choice = true}),
    MemberKey<&LoopStep::steps>({.key = "steps",
                                 .doc = "what is repeated",
                                 .example = R"([{"send": "query"}, {"wait": "1ms"}])",
                                 .required = true}),
};

}  // namespace

template <>
const ObjectSpec<LoopStep>& SpecOf<LoopStep>() {
  static constexpr ObjectSpec<LoopStep> spec = {"loop", "Steps done several times.", kLoopKeys,
                                                nullptr, true};
  return spec;
}

Key<Step> LoopKey() {
  return VerbKey<LoopStep>(
      {.key = "loop",
       .doc = "repeats steps",
       .example = R"({"times": 10, "steps": [{"send": "query"}, {"wait": "1ms"}]})"});
}

}  // namespace spate::tmpl
