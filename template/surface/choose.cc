// {"choose": [{"weight": 3, "steps": [{"send": "a"}]}, {"steps": [{"send": "b"}]}]}
#include "template/surface/verb.h"

namespace spate::tmpl {
namespace {

constexpr Key<Choice> kChoiceKeys[] = {
    MemberKey<&Choice::weight, Weight>(
        {.key = "weight", .doc = "relative frequency", .example = "3", .fallback = "1"}),
    MemberKey<&Choice::steps>({.key = "steps",
                               .doc = "what is done; absent: nothing",
                               .example = R"([{"send": "query"}])"}),
};

// Without strata a plain list, with them {"of": […], "balanced": 64}.
constexpr Key<ChooseStep> kChooseKeys[] = {
    MemberKey<&ChooseStep::choices>({.key = "of",
                                     .doc = "the alternatives",
                                     .example = R"([{"weight": 3, "steps": [{"send": "a"}]}, {}])",
                                     .required = true}),
    MemberKey<&ChooseStep::balanced, Strata>(
        {.key = "balanced",
         .doc = "deal the alternatives in a random order instead of drawing independently",
         .example = "64"}),
};

struct ChooseCodec {
  static void Read(Reader& reader, const Node& node, ChooseStep& step) {
    if (node.object()) {
      ReadObject(reader, node, SpecOf<ChooseStep>(), step);
    } else {
      Codec<std::vector<Choice>>::Read(reader, node, step.choices);
    }
    double total = 0;
    for (const Choice& choice : step.choices) total += choice.weight;
    if (node.list() && total <= 0) {
      reader.Fail(node, "no alternative with a weight above 0", "at least one", "");
    }
  }
  static Node Write(const ChooseStep& step, bool full) {
    if (step.balanced) return WriteObject(step, SpecOf<ChooseStep>(), full);
    const Node list = Codec<std::vector<Choice>>::Write(step.choices, full);
    return list.null() ? Node(Node::List{}) : list;
  }
  static Node Schema(const SchemaOptions& options) {
    const Node list = Codec<std::vector<Choice>>::Schema(options);
    if (options.compact) return list;
    return ObjectNode({{"anyOf", Node(Node::List{list, Codec<ChooseStep>::Schema(options)})}});
  }
  static std::string Type() { return "list of choice, or choose"; }
};

}  // namespace

template <>
const ObjectSpec<Choice>& SpecOf<Choice>() {
  static constexpr ObjectSpec<Choice> spec = {"choice", "One alternative of a choose step.",
                                              kChoiceKeys};
  return spec;
}

template <>
const ObjectSpec<ChooseStep>& SpecOf<ChooseStep>() {
  static constexpr ObjectSpec<ChooseStep> spec = {"choose", "Alternatives with strata.",
                                                  kChooseKeys};
  return spec;
}

Key<Step> ChooseKey() {
  return VerbKey<ChooseStep, ChooseCodec>(
      {.key = "choose",
       .doc = "one of several alternatives by weight",
       .example = R"([{"weight": 3, "steps": [{"send": "query"}]}, {"weight": 1}])"});
}

}  // namespace spate::tmpl
