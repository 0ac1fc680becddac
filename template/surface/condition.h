// The keys of a comparison, for all constructs that hold one: {"var": "mode", "is": 1}.
#pragma once

#include <vector>

#include "template/codec.h"

namespace spate::tmpl {

template <class T, Condition& (*in)(T&), const Condition& (*in_const)(const T&),
          Condition::Relation relation>
Key<T> RelationKey(KeyInfo info) {
  Key<T> key;
  info.choice = true;
  static_cast<KeyInfo&>(key) = info;
  key.type = &Codec<ValueLaw>::Type;
  key.read = [](Reader& reader, const Node& node, T& object, const KeyInfo&) {
    in(object).relation = relation;
    Codec<ValueLaw>::Read(reader, node, in(object).value);
  };
  key.write = [](const T& object, const KeyInfo&, bool full) {
    const Condition& condition = in_const(object);
    return condition.relation == relation ? Codec<ValueLaw>::Write(condition.value, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) {
    return Codec<ValueLaw>::Schema(options);
  };
  return key;
}

template <class T, Condition& (*in)(T&), const Condition& (*in_const)(const T&)>
Key<T> VariableKey() {
  Key<T> key;
  static_cast<KeyInfo&>(key) = {.key = "var",
                                .doc = "a variable of the flow or of its group",
                                .example = R"("mode")",
                                .required = true};
  key.type = &Codec<std::string>::Type;
  key.read = [](Reader& reader, const Node& node, T& object, const KeyInfo&) {
    Codec<std::string>::Read(reader, node, in(object).variable);
  };
  key.write = [](const T& object, const KeyInfo&, bool full) {
    return Codec<std::string>::Write(in_const(object).variable, full);
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) {
    return Codec<std::string>::Schema(options);
  };
  return key;
}

// `in` finds the comparison within an object.
template <class T, Condition& (*in)(T&), const Condition& (*in_const)(const T&)>
std::vector<Key<T>> RelationKeys() {
  using R = Condition::Relation;
  return {
      VariableKey<T, in, in_const>(),
      RelationKey<T, in, in_const, R::kIs>(
          {.key = "is", .doc = "holds if they are equal", .example = "1"}),
      RelationKey<T, in, in_const, R::kNot>(
          {.key = "not", .doc = "holds if they differ", .example = "0"}),
      RelationKey<T, in, in_const, R::kBelow>(
          {.key = "below", .doc = "holds if the variable is smaller", .example = "10"}),
      RelationKey<T, in, in_const, R::kAbove>({.key = "above",
                                               .doc = "holds if the variable is greater",
                                               .example = R"({"random": {"min": 1, "max": 6}})"}),
      RelationKey<T, in, in_const, R::kAtMost>(
          {.key = "at_most", .doc = "holds if it is smaller or equal", .example = "9"}),
      RelationKey<T, in, in_const, R::kAtLeast>({.key = "at_least",
                                                 .doc = "holds if it is greater or equal",
                                                 .example = R"({"var": "limit"})"}),
  };
}

}  // namespace spate::tmpl
