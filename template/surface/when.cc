// {"when": {"var": "mode", "is": 1, "steps": [{"send": "a"}], "else": [{"send": "b"}]}}
#include "template/surface/condition.h"
#include "template/surface/verb.h"

namespace spate::tmpl {
namespace {

Condition& In(WhenStep& step) { return step.condition; }
const Condition& In(const WhenStep& step) { return step.condition; }

std::vector<Key<WhenStep>> MakeWhenKeys() {
  std::vector<Key<WhenStep>> keys = RelationKeys<WhenStep, In, In>();
  keys.push_back(MemberKey<&WhenStep::steps>(
      {.key = "steps", .doc = "done if it holds", .example = R"([{"send": "query"}])"}));
  keys.push_back(MemberKey<&WhenStep::otherwise>(
      {.key = "else", .doc = "done if it does not hold", .example = R"([{"send": "query"}])"}));
  return keys;
}

void FinishWhen(Reader& reader, const Node& node, WhenStep& step) {
  step.condition.place = reader.Here(node);
  const auto empty = [](const std::shared_ptr<Steps>& steps) { return !steps || steps->empty(); };
  if (empty(step.steps) && empty(step.otherwise)) {
    reader.Fail(node, "neither \"steps\" nor \"else\"", "steps for one of the two cases", "");
  }
}

Condition& Itself(Condition& condition) { return condition; }
const Condition& Itself(const Condition& condition) { return condition; }

}  // namespace

template <>
const ObjectSpec<Condition>& SpecOf<Condition>() {
  static const auto& keys =
      *new std::vector<Key<Condition>>(RelationKeys<Condition, Itself, Itself>());
  static const ObjectSpec<Condition> spec = {
      "condition", "A comparison of a variable; numbers from 2^63 on count as negative.", keys,
      nullptr, true};
  return spec;
}

template <>
const ObjectSpec<WhenStep>& SpecOf<WhenStep>() {
  static const auto& keys = *new std::vector<Key<WhenStep>>(MakeWhenKeys());
  static const ObjectSpec<WhenStep> spec = {"when", "Steps that depend on a variable.", keys,
                                            FinishWhen, true};
  return spec;
}

Key<Step> WhenKey() {
  return VerbKey<WhenStep>(
      {.key = "when",
       .doc = "steps that are done only while a variable has certain values",
       .example = R"({"var": "mode", "is": 1, "steps": [{"send": "query"}]})"});
}

}  // namespace spate::tmpl
