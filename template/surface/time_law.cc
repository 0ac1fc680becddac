// Time laws: "10ms", {"exponential": {"mean": "5ms"}}, {"quantiles": ["1ms", "2ms", "9ms"]} …
#include <algorithm>

#include "base/text.h"
#include "template/codec.h"
#include "template/surface/laws.h"

namespace spate::tmpl {
namespace {

void ReadLaw(Reader& reader, const Node& node, TimeLaw& law, const KeyInfo& key) {
  const LawSpec& spec = *FindLaw(key.key);
  law.kind = spec.name;
  if (!node.object()) return reader.Fail(node, Concat("an object such as ", spec.example));
  std::vector<KeyInfo> keys;
  std::vector<const KeyInfo*> infos;
  for (const LawParameter& parameter : spec.parameters) {
    keys.push_back({.key = parameter.name, .doc = parameter.doc, .example = "", .required = true});
  }
  for (const KeyInfo& info : keys) infos.push_back(&info);
  internal::CheckKeys(reader, node, infos, false);
  for (const LawParameter& parameter : spec.parameters) {
    const Node* value = node.Find(parameter.name);
    if (!value) continue;
    const Reader::Inside inside(reader, parameter.name);
    double number = 0;
    parameter.is_time ? Duration::Read(reader, *value, number)
                      : Codec<double>::Read(reader, *value, number);
    law.parameters.emplace_back(parameter.name, number);
  }
}

Node WriteLaw(const TimeLaw& law, const KeyInfo& key, bool full) {
  if (law.kind != key.key) return {};
  Node::Object parameters;
  for (const LawParameter& parameter : FindLaw(law.kind)->parameters) {
    for (const auto& [name, value] : law.parameters) {
      if (name != parameter.name) continue;
      parameters.push_back(
          {name, 0, parameter.is_time ? Duration::Write(value, full) : Real(value)});
    }
  }
  return Node(std::move(parameters));
}

Node LawSchema(const SchemaOptions& options, const KeyInfo& key) {
  Node::Object properties;
  Node::List required;
  for (const LawParameter& parameter : FindLaw(key.key)->parameters) {
    properties.push_back(
        {std::string(parameter.name), 0,
         parameter.is_time ? Duration::Schema(options) : Codec<double>::Schema(options)});
    required.push_back(Text(parameter.name));
  }
  return ObjectNode({{"type", Text("object")},
                     {"properties", Node(std::move(properties))},
                     {"required", Node(std::move(required))},
                     {"additionalProperties", Node(false)}});
}

bool EquallySpaced(const TimeLaw& law) {
  const double last = static_cast<double>(law.knots.size() - 1);
  for (size_t i = 0; i < law.knots.size(); ++i) {
    if (law.knots[i].first != static_cast<double>(i) / last) return false;
  }
  return true;
}

// [t0, t1, …] at equal probabilities, or [[p, t], …].
void ReadQuantiles(Reader& reader, const Node& node, TimeLaw& law, const KeyInfo&) {
  law.kind = "quantiles";
  if (!node.list() || node.list()->size() < 2) {
    return reader.Fail(node, "a list of two or more times, or of [probability, time] pairs");
  }
  const Node::List& items = *node.list();
  for (size_t i = 0; i < items.size(); ++i) {
    const Reader::Inside inside(reader, Concat("[", i, "]"));
    auto& [p, seconds] = law.knots.emplace_back();
    p = static_cast<double>(i) / static_cast<double>(items.size() - 1);
    const Node::List* pair = items[i].list();
    if (pair && pair->size() != 2) {
      reader.Fail(items[i], "a [probability, time] pair");
    } else if (pair) {
      Probability::Read(reader, (*pair)[0], p);
      Duration::Read(reader, (*pair)[1], seconds);
    } else {
      Duration::Read(reader, items[i], seconds);
    }
  }
}

Node WriteQuantiles(const TimeLaw& law, const KeyInfo&, bool full) {
  if (law.kind != "quantiles") return {};
  Node::List list;
  const bool plain = EquallySpaced(law);
  for (const auto& [p, seconds] : law.knots) {
    const Node time = Duration::Write(seconds, full);
    list.push_back(plain ? time : Node(Node::List{Real(p), time}));
  }
  return Node(std::move(list));
}

Node QuantilesSchema(const SchemaOptions& options, const KeyInfo&) {
  const Node pair = ObjectNode({{"type", Text("array")},
                                {"minItems", Node(int64_t{2})},
                                {"maxItems", Node(int64_t{2})},
                                {"items", Duration::Schema(options)}});
  const Node item =
      options.compact ? Duration::Schema(options)
                      : ObjectNode({{"anyOf", Node(Node::List{Duration::Schema(options), pair})}});
  return ObjectNode({{"type", Text("array")}, {"minItems", Node(int64_t{2})}, {"items", item}});
}

Key<TimeLaw> LawKey(const LawSpec& law) {
  Key<TimeLaw> key;
  static_cast<KeyInfo&>(key) = {
      .key = law.name, .doc = law.doc, .example = law.example, .choice = true};
  key.type = [] { return std::string("law"); };
  key.read = ReadLaw;
  key.write = WriteLaw;
  key.schema = LawSchema;
  return key;
}

Key<TimeLaw> QuantilesKey() {
  Key<TimeLaw> key;
  static_cast<KeyInfo&>(key) = {
      .key = "quantiles",
      .doc =
          "empirical: times at equal steps of probability from 0 to 1, or [probability, time] "
          "pairs; linear in between",
      .example = R"(["1ms", "2ms", "2.5ms", "9ms"])",
      .choice = true};
  key.type = [] { return std::string("list of duration"); };
  key.read = ReadQuantiles;
  key.write = WriteQuantiles;
  key.schema = QuantilesSchema;
  return key;
}

// MemberKey, but for the kind that the key stands for.
Key<TimeLaw> ValuesKey() {
  Key<TimeLaw> key =
      MemberKey<&TimeLaw::values, ListOf<Duration>>({.key = "values",
                                                     .doc = "these times in turn, again and again",
                                                     .example = R"(["1s", "2s"])",
                                                     .choice = true});
  key.read = [](Reader& reader, const Node& node, TimeLaw& law, const KeyInfo&) {
    law.kind = "values";
    ListOf<Duration>::Read(reader, node, law.values);
    if (node.list() && node.list()->empty()) reader.Fail(node, "at least one time");
  };
  return key;
}

std::vector<Key<TimeLaw>> MakeKeys() {
  std::vector<Key<TimeLaw>> keys;
  for (const LawSpec& law : Laws()) keys.push_back(LawKey(law));
  keys.push_back(QuantilesKey());
  keys.push_back(ValuesKey());
  keys.push_back(MemberKey<&TimeLaw::min, Duration>(
      {.key = "min", .doc = "shorter times are not drawn", .example = R"("1ms")"}));
  keys.push_back(MemberKey<&TimeLaw::max, Duration>(
      {.key = "max", .doc = "longer times are not drawn", .example = R"("2s")"}));
  keys.push_back(MemberKey<&TimeLaw::balanced, Strata>(
      {.key = "balanced",
       .doc = "deal this many strata of the law in a random order instead of drawing "
              "independently: small samples keep its proportions",
       .example = "64"}));
  return keys;
}

void Finish(Reader& reader, const Node& node, TimeLaw& law) {
  if (law.kind == "values") {
    if (law.min || law.max) {
      reader.Fail(node, "\"min\" or \"max\"", "the list alone: values are not cut", "");
    }
    return;
  }
  const auto prepared = Prepare(law);
  if (!prepared.ok())
    reader.Fail(node, WriteCompactJson(node), std::string(prepared.status().message()), "");
}

}  // namespace

template <>
const ObjectSpec<TimeLaw>& SpecOf<TimeLaw>() {
  static const auto& keys = *new std::vector<Key<TimeLaw>>(MakeKeys());
  static const ObjectSpec<TimeLaw> spec = {"time", "A time law: a duration, or one of these laws.",
                                           keys, Finish, true};
  return spec;
}

void Codec<TimeLaw>::Read(Reader& reader, const Node& node, TimeLaw& law) {
  if (node.object()) {
    ReadObject(reader, node, SpecOf<TimeLaw>(), law);
    return;
  }
  law.place = reader.Here(node);
  law.kind = "constant";
  double seconds = 0;
  if (!node.text() && !node.number()) {
    return reader.Fail(node,
                       "a duration such as \"20ms\", or a law such as "
                       "{\"exponential\": {\"mean\": \"5ms\"}}");
  }
  Duration::Read(reader, node, seconds);
  law.parameters = {{"value", seconds}};
}

Node Codec<TimeLaw>::Write(const TimeLaw& law, bool full) {
  if (law.kind != "constant") return WriteObject(law, SpecOf<TimeLaw>(), full);
  return Duration::Write(law.parameters.empty() ? 0 : law.parameters.front().second, full);
}

Node Codec<TimeLaw>::Schema(const SchemaOptions&) {
  return ObjectNode({{"$ref", Text("#/$defs/time")}});
}

}  // namespace spate::tmpl
