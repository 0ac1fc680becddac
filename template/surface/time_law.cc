// Time laws: "10ms", {"exponential": {"mean": "5ms"}}, {"quantiles": ["1ms", "2ms", "9ms"]} …
#include "base/text.h"
#include "template/codec.h"
#include "template/surface/law_form.h"
#include "template/surface/laws.h"

namespace spate::tmpl {
namespace {

Key<TimeLaw> TimeLawKey(const LawSpec& law) {
  Key<TimeLaw> key;
  static_cast<KeyInfo&>(key) = {
      .key = law.name, .doc = law.doc, .example = law.example, .choice = true};
  key.type = [] { return std::string("law"); };
  key.read = [](Reader& reader, const Node& node, TimeLaw& time, const KeyInfo& info) {
    LawForm<Duration>::Read(reader, node, time, info.key);
  };
  key.write = [](const TimeLaw& time, const KeyInfo& info, bool full) {
    return time.kind == info.key ? LawForm<Duration>::Write(time, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo& info) {
    return LawForm<Duration>::Schema(options, info.key);
  };
  return key;
}

// Laws whose form is not that of parameters.
template <class Form>
Key<TimeLaw> TimeLawFormKey(KeyInfo info, std::string (*type)()) {
  Key<TimeLaw> key;
  info.choice = true;
  static_cast<KeyInfo&>(key) = info;
  key.type = type;
  key.read = [](Reader& reader, const Node& node, TimeLaw& law, const KeyInfo&) {
    Form::Read(reader, node, law);
  };
  key.write = [](const TimeLaw& law, const KeyInfo& of, bool full) {
    return law.kind == of.key ? Form::Write(law, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) { return Form::Schema(options); };
  return key;
}

Key<TimeLaw> QuantilesKey() {
  return TimeLawFormKey<QuantilesForm<Duration>>(
      {.key = "quantiles",
       .doc = "empirical: times at equal steps of probability from 0 to 1, or [probability, time] "
              "pairs; linear in between",
       .example = R"(["1ms", "2ms", "2.5ms", "9ms"])"},
      [] { return std::string("list of duration"); });
}

Key<TimeLaw> MixtureKey() {
  return TimeLawFormKey<MixtureForm<Codec<TimeLaw>>>(
      {.key = "mixture",
       .doc = "one of several laws, by weight",
       .example = R"([["2ms", 9], [{"exponential": {"mean": "50ms"}}, 1]])"},
      [] { return std::string("list of [time, weight]"); });
}

// MemberKey, but for the kind that the key stands for.
Key<TimeLaw> TimeLawValuesKey() {
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

std::vector<Key<TimeLaw>> MakeTimeLawKeys() {
  std::vector<Key<TimeLaw>> keys;
  for (const LawSpec& law : Laws()) keys.push_back(TimeLawKey(law));
  keys.push_back(QuantilesKey());
  keys.push_back(MixtureKey());
  keys.push_back(TimeLawValuesKey());
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

void FinishTimeLaw(Reader& reader, const Node& node, TimeLaw& law) {
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
  static const auto& keys = *new std::vector<Key<TimeLaw>>(MakeTimeLawKeys());
  static const ObjectSpec<TimeLaw> spec = {"time", "A time law: a duration, or one of these laws.",
                                           keys, FinishTimeLaw, true};
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
