// {"set": {"var": "x", "to": 5}}, {"set": {"var": "x", "add": 1, "mod": 256}}
#include "template/surface/verb.h"

namespace spate::tmpl {
namespace {

template <bool add>
constexpr Key<SetStep> ValueKey(KeyInfo info) {
  Key<SetStep> key = MemberKey<&SetStep::value>(info);
  key.read = [](Reader& reader, const Node& node, SetStep& step, const KeyInfo&) {
    step.add = add;
    Codec<ValueLaw>::Read(reader, node, step.value);
  };
  key.write = [](const SetStep& step, const KeyInfo&, bool full) {
    return step.add == add ? Codec<ValueLaw>::Write(step.value, full) : Node();
  };
  return key;
}

constexpr Key<SetStep> kKeys[] = {
    MemberKey<&SetStep::variable>(
        {.key = "var", .doc = "a variable of the flow", .example = R"("seq")", .required = true}),
    ValueKey<false>({.key = "to", .doc = "its new value", .example = "5", .choice = true}),
    ValueKey<true>({.key = "add", .doc = "what is added to it", .example = "1", .choice = true}),
    MemberKey<&SetStep::modulus>(
        {.key = "mod", .doc = "the result is taken modulo this; absent: 2^64", .example = "256"}),
};

}  // namespace

template <>
const ObjectSpec<SetStep>& SpecOf<SetStep>() {
  static constexpr ObjectSpec<SetStep> spec = {"set", "Changes a variable.", kKeys, nullptr, true};
  return spec;
}

Key<Step> SetKey() {
  return VerbKey<SetStep>({.key = "set",
                           .doc = "changes a variable",
                           .example = R"({"var": "seq", "add": 1, "mod": 256})"});
}

}  // namespace spate::tmpl
