// Value laws: 53, {"values": [1, 2]}, {"increment": {"start": 1, "count": 10}}, {"host": "me"} …
#include <numeric>

#include "base/text.h"
#include "template/codec.h"
#include "template/surface/number_law.h"
#include "template/surface/sizes.h"

namespace spate::tmpl {
namespace {

using ValueLawKind = ValueLaw::Kind;

constexpr KeyInfo kStart = {
    .key = "start", .doc = "first value", .example = R"("198.18.0.1")", .required = true};
constexpr KeyInfo kStep = {.key = "step",
                           .doc = "added each time (an address step may be an address)",
                           .example = "1",
                           .fallback = "1"};
constexpr KeyInfo kCount = {
    .key = "count",
    .doc =
        "values until it begins again; absent: up to the field's end (IPv6: of its lower 64 bits)",
    .example = "1000"};

constexpr Key<ValueLaw> kCounterKeys[] = {MemberKey<&ValueLaw::start>(kStart),
                                          MemberKey<&ValueLaw::step>(kStep),
                                          MemberKey<&ValueLaw::count>(kCount)};
constexpr ObjectSpec<ValueLaw> kCounter = {"counter", "start, step and count of a counter",
                                           kCounterKeys};

constexpr Key<ValueLaw> kRandomKeys[] = {
    MemberKey<&ValueLaw::min>(
        {.key = "min", .doc = "smallest value", .example = "1024", .required = true}),
    MemberKey<&ValueLaw::max>(
        {.key = "max", .doc = "largest value, included", .example = "65535", .required = true})};
constexpr ObjectSpec<ValueLaw> kRandom = {"range", "the range of a random value", kRandomKeys};

template <ValueLawKind kind, const ObjectSpec<ValueLaw>& spec>
constexpr Key<ValueLaw> ValueLawInnerKey(KeyInfo info) {
  Key<ValueLaw> key;
  static_cast<KeyInfo&>(key) = info;
  key.type = [] { return std::string(spec.name); };
  key.read = [](Reader& reader, const Node& node, ValueLaw& law, const KeyInfo&) {
    const Place place = law.place;  // that of the law, not of its inside
    law.kind = kind;
    ReadObject(reader, node, spec, law);
    law.place = place;
  };
  key.write = [](const ValueLaw& law, const KeyInfo&, bool full) {
    return law.kind == kind ? WriteObject(law, spec, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) { return SchemaOf(spec, options); };
  return key;
}

// {"host": name} and the like: the name decides the kind.
template <ValueLawKind kind, class C = Codec<std::string>>
constexpr Key<ValueLaw> NameKey(KeyInfo info) {
  Key<ValueLaw> key = MemberKey<&ValueLaw::name, C>(info);
  key.read = [](Reader& reader, const Node& node, ValueLaw& law, const KeyInfo&) {
    law.kind = kind;
    C::Read(reader, node, law.name);
  };
  key.write = [](const ValueLaw& law, const KeyInfo&, bool full) {
    return law.kind == kind ? C::Write(law.name, full) : Node();
  };
  return key;
}

constexpr Key<ValueLaw> ValueLawValuesKey(KeyInfo info) {
  Key<ValueLaw> key = MemberKey<&ValueLaw::values>(info);
  key.read = [](Reader& reader, const Node& node, ValueLaw& law, const KeyInfo&) {
    law.kind = ValueLawKind::kValues;
    Codec<std::vector<Literal>>::Read(reader, node, law.values);
    if (node.list() && node.list()->empty()) reader.Fail(node, "at least one value");
  };
  key.write = [](const ValueLaw& law, const KeyInfo&, bool full) {
    return law.kind == ValueLawKind::kValues && (full || law.form.empty())
               ? Codec<std::vector<Literal>>::Write(law.values, full)
               : Node();
  };
  return key;
}

void ReadWeighted(Reader& reader, const Node& node, ValueLaw& law, const KeyInfo&) {
  law.kind = ValueLawKind::kWeighted;
  if (!node.list() || node.list()->empty()) {
    return reader.Fail(node, "a list of [value, weight] pairs");
  }
  for (size_t i = 0; i < node.list()->size(); ++i) {
    const Reader::Inside inside(reader, Concat("[", i, "]"));
    const Node& item = (*node.list())[i];
    if (!item.list() || item.list()->size() != 2) {
      reader.Fail(item, "a [value, weight] pair");
      continue;
    }
    Codec<Literal>::Read(reader, (*item.list())[0], law.values.emplace_back());
    Weight::Read(reader, (*item.list())[1], law.weights.emplace_back());
  }
}

constexpr Key<ValueLaw> WeightedKey(KeyInfo info) {
  Key<ValueLaw> key;
  static_cast<KeyInfo&>(key) = info;
  key.type = [] { return std::string("list of [value, weight]"); };
  key.read = ReadWeighted;
  key.write = [](const ValueLaw& law, const KeyInfo&, bool full) -> Node {
    if (law.kind != ValueLawKind::kWeighted || (!full && !law.form.empty())) return {};
    Node::List list;
    for (size_t i = 0; i < law.values.size(); ++i) {
      list.emplace_back(
          Node::List{Codec<Literal>::Write(law.values[i], full), Real(law.weights[i])});
    }
    return Node(std::move(list));
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) {
    const Node pair = ObjectNode({{"type", Text("array")},
                                  {"minItems", Node(int64_t{2})},
                                  {"maxItems", Node(int64_t{2})},
                                  {"items", Codec<Literal>::Schema(options)}});
    return ObjectNode({{"type", Text("array")}, {"minItems", Node(int64_t{1})}, {"items", pair}});
  };
  return key;
}

constexpr Key<ValueLaw> kValueLawLaws[] = {
    ValueLawValuesKey({.key = "values",
                       .doc = "these values in turn, again and again",
                       .example = "[53, 80, 443]",
                       .choice = true}),
    ValueLawInnerKey<ValueLawKind::kIncrement, kCounter>(
        {.key = "increment",
         .doc = "counts up",
         .example = R"({"start": 1024, "step": 1, "count": 1000})",
         .choice = true}),
    ValueLawInnerKey<ValueLawKind::kDecrement, kCounter>(
        {.key = "decrement",
         .doc = "counts down",
         .example = R"({"start": 9000, "step": 10, "count": 100})",
         .choice = true}),
    ValueLawInnerKey<ValueLawKind::kPermutation, kCounter>(
        {.key = "permutation",
         .doc = "each value of the counter once, in random order; then again in another one",
         .example = R"({"start": 1024, "count": 60000})",
         .choice = true}),
    ValueLawInnerKey<ValueLawKind::kRandom, kRandom>({.key = "random",
                                                      .doc = "uniform, both ends included",
                                                      .example = R"({"min": 1024, "max": 65535})",
                                                      .choice = true}),
    WeightedKey({.key = "weighted",
                 .doc = "values drawn by weight",
                 .example = "[[64, 7], [570, 4], [1518, 1]]",
                 .choice = true}),
    NameKey<ValueLawKind::kHost, HostName>(
        {.key = "host",
         .doc = "the address of this host set (or role of the group) that fits the field; all "
                "fields that read one host set in one scope see the same host",
         .example = R"("clients")",
         .choice = true}),
    NameKey<ValueLawKind::kRow>(
        {.key = "row",
         .doc = "a column of a table's row; all fields that read one table in one "
                "scope see the same row",
         .example = R"("services")",
         .choice = true}),
    NameKey<ValueLawKind::kVariable>(
        {.key = "var", .doc = "a variable of the flow", .example = R"("seq")", .choice = true}),
    NameKey<ValueLawKind::kDraw>(
        {.key = "draw",
         .doc = "a draw declared under `draws`: all that read it see one outcome",
         .example = R"("txid")",
         .choice = true}),
};

constexpr Key<ValueLaw> kOptions[] = {
    MemberKey<&ValueLaw::column>(
        {.key = "column", .doc = "of the table (with `row`)", .example = R"("port")"}),
    MemberKey<&ValueLaw::per>(
        {.key = "per",
         .doc = "how long one outcome holds: a packet, a pass (one run through the flow's steps), "
                "an instance (copy of the group), the run; default: packet, for hosts in "
                "conversations the conversation",
         .example = R"("pass")"}),
    MemberKey<&ValueLaw::balanced, Strata>(
        {.key = "balanced",
         .doc = "deal this many strata of the law in a random order instead of drawing "
                "independently: small samples keep its proportions",
         .example = "64"}),
};

std::vector<Key<ValueLaw>> MakeValueLawKeys() {
  std::vector<Key<ValueLaw>> keys(std::begin(kValueLawLaws), std::end(kValueLawLaws));
  for (const Key<ValueLaw>& key : SizeKeys()) keys.push_back(key);
  for (const Key<ValueLaw>& key : DistributionKeys()) keys.push_back(key);
  keys.insert(keys.end(), std::begin(kOptions), std::end(kOptions));
  return keys;
}

bool HasStrata(ValueLawKind kind) {
  return kind == ValueLawKind::kRandom || kind == ValueLawKind::kWeighted ||
         kind == ValueLawKind::kDistribution;
}

void FinishValueLaw(Reader& reader, const Node& node, ValueLaw& law) {
  FinishGenome(reader, node, law);
  FinishDistribution(reader, node, law);
  if ((law.kind == ValueLawKind::kRow) != !law.column.empty()) {
    reader.Fail(node, law.column.empty() ? "no key \"column\"" : "\"column\" without \"row\"",
                "\"row\" and \"column\" together", "");
  }
  if (law.per && law.kind == ValueLawKind::kVariable) {
    reader.Fail(node, "\"per\" beside \"var\"", "the variable alone: it holds until it is set", "");
  }
  if (law.per && law.kind == ValueLawKind::kDraw) {
    reader.Fail(node, "\"per\" beside \"draw\"", "\"per\" where the draw is declared", "");
  }
  if (law.balanced && !HasStrata(law.kind)) {
    reader.Fail(node, "\"balanced\" on a law without chance",
                "\"balanced\" beside \"random\", \"weighted\" or a distribution", "");
  }
  if (law.kind == ValueLawKind::kWeighted &&
      std::accumulate(law.weights.begin(), law.weights.end(), 0.0) <= 0) {
    reader.Fail(node, "weights that are all 0", "at least one weight above 0", "");
  }
}

}  // namespace

template <>
const ObjectSpec<ValueLaw>& SpecOf<ValueLaw>() {
  static const auto& keys = *new std::vector<Key<ValueLaw>>(MakeValueLawKeys());
  static const ObjectSpec<ValueLaw> spec = {
      "value", "A value law: a plain value, or one of these laws.", keys, FinishValueLaw, true};
  return spec;
}

void Codec<ValueLaw>::Read(Reader& reader, const Node& node, ValueLaw& law) {
  if (node.object()) {
    ReadObject(reader, node, SpecOf<ValueLaw>(), law);
    return;
  }
  law.place = reader.Here(node);
  law.kind = ValueLawKind::kConstant;
  if (!node.text() && !node.number()) {
    return reader.Fail(node,
                       "a number, text, or a law such as {\"random\": {\"min\": 1, \"max\": 6}}");
  }
  Codec<Literal>::Read(reader, node, law.values.emplace_back());
}

Node Codec<ValueLaw>::Write(const ValueLaw& law, bool full) {
  if (law.kind != ValueLawKind::kConstant) return WriteObject(law, SpecOf<ValueLaw>(), full);
  return law.values.empty() ? Node(int64_t{0}) : Codec<Literal>::Write(law.values[0], full);
}

Node Codec<ValueLaw>::Schema(const SchemaOptions&) {
  return ObjectNode({{"$ref", Text("#/$defs/value")}});
}

}  // namespace spate::tmpl
