#include "template/surface/number_law.h"

#include <array>
#include <cmath>

#include "base/text.h"
#include "template/surface/law_form.h"
#include "template/surface/laws.h"

namespace spate::tmpl {
namespace {

using NumberLawKind = ValueLaw::Kind;

TimeLaw& DistributionOf(ValueLaw& law) {
  if (!law.distribution) law.distribution = std::make_shared<TimeLaw>();
  law.distribution->place = law.place;
  return *law.distribution;
}

bool Is(const ValueLaw& law, std::string_view kind) {
  return law.kind == NumberLawKind::kDistribution && law.distribution->kind == kind;
}

// Examples of the registry are times; these are numbers.
struct NumberExample {
  std::string_view law, example;
};
constexpr NumberExample kExamples[] = {
    {"uniform", R"({"min": 64, "max": 1518})"},
    {"exponential", R"({"mean": 500})"},
    {"normal", R"({"mean": 800, "sd": 100})"},
    {"lognormal", R"({"median": "14kB", "sigma": 0.7})"},
    {"pareto", R"({"scale": "1kB", "shape": 1.3})"},
    {"weibull", R"({"scale": 100, "shape": 0.6})"},
    {"gamma", R"({"mean": 100, "shape": 4})"},
};

std::string_view ExampleOf(const LawSpec& law) {
  for (const NumberExample& e : kExamples) {
    if (e.law == law.name) return e.example;
  }
  return "{}";  // the test of the registry asks for a line above
}

Key<ValueLaw> NumberLawKey(const LawSpec& law) {
  Key<ValueLaw> key;
  static_cast<KeyInfo&>(key) = {
      .key = law.name, .doc = law.number_doc, .example = ExampleOf(law), .choice = true};
  key.type = [] { return std::string("law of numbers"); };
  key.read = [](Reader& reader, const Node& node, ValueLaw& value, const KeyInfo& info) {
    value.kind = NumberLawKind::kDistribution;
    LawForm<Amount>::Read(reader, node, DistributionOf(value), info.key);
  };
  key.write = [](const ValueLaw& value, const KeyInfo& info, bool full) {
    return Is(value, info.key) ? LawForm<Amount>::Write(*value.distribution, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo& info) {
    return LawForm<Amount>::Schema(options, info.key);
  };
  return key;
}

template <class Form, const char* const& name>
Key<ValueLaw> NumberLawFormKey(KeyInfo info, std::string (*type)()) {
  Key<ValueLaw> key;
  info.key = name;
  info.choice = true;
  static_cast<KeyInfo&>(key) = info;
  key.type = type;
  key.read = [](Reader& reader, const Node& node, ValueLaw& law, const KeyInfo&) {
    law.kind = NumberLawKind::kDistribution;
    Form::Read(reader, node, DistributionOf(law));
  };
  key.write = [](const ValueLaw& law, const KeyInfo&, bool full) {
    return Is(law, name) ? Form::Write(*law.distribution, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) { return Form::Schema(options); };
  return key;
}

// "min", "max": read into the distribution, which is there already as its keys come first.
template <std::optional<double> TimeLaw::* bound>
Key<ValueLaw> CutKey(KeyInfo info) {
  Key<ValueLaw> key;
  static_cast<KeyInfo&>(key) = info;
  key.type = &Amount::Type;
  key.read = [](Reader& reader, const Node& node, ValueLaw& law, const KeyInfo&) {
    Amount::Read(reader, node, (DistributionOf(law).*bound).emplace());
  };
  key.write = [](const ValueLaw& law, const KeyInfo&, bool full) -> Node {
    if (law.kind != NumberLawKind::kDistribution || !((*law.distribution).*bound)) return {};
    return Amount::Write(*((*law.distribution).*bound), full);
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) { return Amount::Schema(options); };
  return key;
}

constexpr const char* kQuantiles = "quantiles";
constexpr const char* kMixture = "mixture";

}  // namespace

void NumberLaw::Read(Reader& reader, const Node& node, TimeLaw& law) {
  ValueLaw value;
  const size_t before = reader.faults();
  Codec<ValueLaw>::Read(reader, node, value);
  if (reader.faults() != before) return;
  if (value.kind == NumberLawKind::kDistribution) {
    law = *value.distribution;
  } else if (value.kind == NumberLawKind::kConstant && node.number()) {
    law.parameters = {{"value", node.real()}};
  } else {
    reader.Fail(node, "a number, or a distribution such as {\"exponential\": {\"mean\": 500}}");
  }
}

Node NumberLaw::Write(const TimeLaw& law, bool full) {
  if (law.kind == "constant") return Real(law.parameters.empty() ? 0 : law.parameters[0].second);
  ValueLaw value;
  value.kind = NumberLawKind::kDistribution;
  value.distribution = std::make_shared<TimeLaw>(law);
  return Codec<ValueLaw>::Write(value, full);
}

std::vector<Key<ValueLaw>> DistributionKeys() {
  std::vector<Key<ValueLaw>> keys;
  for (const LawSpec& law : Laws()) keys.push_back(NumberLawKey(law));
  keys.push_back(NumberLawFormKey<QuantilesForm<Amount>, kQuantiles>(
      {.doc =
           "empirical: values at equal steps of probability from 0 to 1, or [probability, value] "
           "pairs; linear in between",
       .example = "[64, 80, 120, 1518]"},
      [] { return std::string("list of number"); }));
  keys.push_back(NumberLawFormKey<MixtureForm<NumberLaw>, kMixture>(
      {.doc = "one of several distributions or numbers, by weight",
       .example = R"([[64, 9], [{"normal": {"mean": 800, "sd": 100}}, 1]])"},
      [] { return std::string("list of [value, weight]"); }));
  keys.push_back(CutKey<&TimeLaw::min>(
      {.key = "min", .doc = "smaller values of a distribution are not drawn", .example = "64"}));
  keys.push_back(CutKey<&TimeLaw::max>(
      {.key = "max", .doc = "larger values of a distribution are not drawn", .example = "1518"}));
  return keys;
}

void FinishDistribution(Reader& reader, const Node& node, const ValueLaw& law) {
  if (law.kind != NumberLawKind::kDistribution) {
    if (law.distribution) {
      reader.Fail(node, "\"min\" or \"max\" beside a law that is no distribution",
                  "them inside the law, or a distribution", "");
    }
    return;
  }
  const auto prepared = Prepare(*law.distribution, Domain::kNumbers);
  if (!prepared.ok()) {
    reader.Fail(node, WriteCompactJson(node), std::string(prepared.status().message()), "");
  }
}

}  // namespace spate::tmpl
