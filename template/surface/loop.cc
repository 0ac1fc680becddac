// {"loop": {"times": 10, "steps": [{"send": "query"}, {"wait": "1ms"}]}}
#include "template/surface/verb.h"

namespace spate::tmpl {
namespace {

constexpr Key<LoopStep> kKeys[] = {
    MemberKey<&LoopStep::times>(
        {.key = "times", .doc = "how often", .example = "10", .required = true}),
    MemberKey<&LoopStep::steps>({.key = "steps",
                                 .doc = "what is repeated",
                                 .example = R"([{"send": "query"}, {"wait": "1ms"}])",
                                 .required = true}),
};

}  // namespace

template <>
const ObjectSpec<LoopStep>& SpecOf<LoopStep>() {
  static constexpr ObjectSpec<LoopStep> spec = {"loop", "Steps done several times.", kKeys};
  return spec;
}

Key<Step> LoopKey() {
  return VerbKey<LoopStep>(
      {.key = "loop",
       .doc = "repeats steps",
       .example = R"({"times": 10, "steps": [{"send": "query"}, {"wait": "1ms"}]})"});
}

}  // namespace spate::tmpl
