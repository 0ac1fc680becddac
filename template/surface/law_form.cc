#include "template/surface/law_form.h"

#include "base/text.h"
#include "template/quantity.h"
#include "template/surface/laws.h"
#include "template/surface/number_law.h"

namespace spate::tmpl {
namespace {

bool EquallySpaced(const TimeLaw& law) {
  const double last = static_cast<double>(law.knots.size() - 1);
  for (size_t i = 0; i < law.knots.size(); ++i) {
    if (law.knots[i].first != static_cast<double>(i) / last) return false;
  }
  return true;
}

Node PairSchema(const Node& first, const Node& second) {
  return ObjectNode({{"type", Text("array")},
                     {"minItems", Node(int64_t{2})},
                     {"maxItems", Node(int64_t{2})},
                     {"items", ObjectNode({{"anyOf", Node(Node::List{first, second})}})}});
}

Node ListSchema(int64_t least, const Node& item) {
  return ObjectNode({{"type", Text("array")}, {"minItems", Node(least)}, {"items", item}});
}

}  // namespace

template <class Quantity>
void LawForm<Quantity>::Read(Reader& reader, const Node& node, TimeLaw& law, std::string_view key) {
  const LawSpec& spec = *FindLaw(key);
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
    parameter.is_time ? Quantity::Read(reader, *value, number)
                      : Codec<double>::Read(reader, *value, number);
    law.parameters.emplace_back(parameter.name, number);
  }
}

template <class Quantity>
Node LawForm<Quantity>::Write(const TimeLaw& law, bool full) {
  Node::Object parameters;
  for (const LawParameter& parameter : FindLaw(law.kind)->parameters) {
    for (const auto& [name, value] : law.parameters) {
      if (name != parameter.name) continue;
      parameters.push_back(
          {name, 0, parameter.is_time ? Quantity::Write(value, full) : Real(value)});
    }
  }
  return Node(std::move(parameters));
}

template <class Quantity>
Node LawForm<Quantity>::Schema(const SchemaOptions& options, std::string_view key) {
  Node::Object properties;
  Node::List required;
  for (const LawParameter& parameter : FindLaw(key)->parameters) {
    properties.push_back(
        {std::string(parameter.name), 0,
         parameter.is_time ? Quantity::Schema(options) : Codec<double>::Schema(options)});
    required.push_back(Text(parameter.name));
  }
  return ObjectNode({{"type", Text("object")},
                     {"properties", Node(std::move(properties))},
                     {"required", Node(std::move(required))},
                     {"additionalProperties", Node(false)}});
}

template <class Quantity>
void QuantilesForm<Quantity>::Read(Reader& reader, const Node& node, TimeLaw& law) {
  law.kind = "quantiles";
  if (!node.list() || node.list()->size() < 2) {
    return reader.Fail(node, Concat("a list of two or more ", Quantity::Type(),
                                    "s, or of [probability, ", Quantity::Type(), "] pairs"));
  }
  const Node::List& items = *node.list();
  for (size_t i = 0; i < items.size(); ++i) {
    const Reader::Inside inside(reader, Concat("[", i, "]"));
    auto& [p, value] = law.knots.emplace_back();
    p = static_cast<double>(i) / static_cast<double>(items.size() - 1);
    const Node::List* pair = items[i].list();
    if (pair && pair->size() != 2) {
      reader.Fail(items[i], Concat("a [probability, ", Quantity::Type(), "] pair"));
    } else if (pair) {
      Probability::Read(reader, (*pair)[0], p);
      Quantity::Read(reader, (*pair)[1], value);
    } else {
      Quantity::Read(reader, items[i], value);
    }
  }
}

template <class Quantity>
Node QuantilesForm<Quantity>::Write(const TimeLaw& law, bool full) {
  Node::List list;
  const bool plain = EquallySpaced(law);
  for (const auto& [p, value] : law.knots) {
    const Node quantity = Quantity::Write(value, full);
    list.push_back(plain ? quantity : Node(Node::List{Real(p), quantity}));
  }
  return Node(std::move(list));
}

template <class Quantity>
Node QuantilesForm<Quantity>::Schema(const SchemaOptions& options) {
  const Node quantity = Quantity::Schema(options);
  if (options.compact) return ListSchema(2, quantity);
  const Node pair = PairSchema(Probability::Schema(options), quantity);
  return ListSchema(2, ObjectNode({{"anyOf", Node(Node::List{quantity, pair})}}));
}

template <class Part>
void MixtureForm<Part>::Read(Reader& reader, const Node& node, TimeLaw& law) {
  law.kind = "mixture";
  if (!node.list() || node.list()->empty()) {
    return reader.Fail(node, "a list of [law, weight] pairs");
  }
  for (size_t i = 0; i < node.list()->size(); ++i) {
    const Reader::Inside inside(reader, Concat("[", i, "]"));
    const Node& item = (*node.list())[i];
    if (!item.list() || item.list()->size() != 2) {
      reader.Fail(item, "a [law, weight] pair");
      continue;
    }
    auto& [part, weight] = law.parts.emplace_back(std::make_shared<TimeLaw>(), 0.0);
    Part::Read(reader, (*item.list())[0], *part);
    Weight::Read(reader, (*item.list())[1], weight);
  }
}

template <class Part>
Node MixtureForm<Part>::Write(const TimeLaw& law, bool full) {
  Node::List list;
  for (const auto& [part, weight] : law.parts) {
    list.emplace_back(Node::List{Part::Write(*part, full), Real(weight)});
  }
  return Node(std::move(list));
}

template <class Part>
Node MixtureForm<Part>::Schema(const SchemaOptions& options) {
  return ListSchema(1, PairSchema(Part::Schema(options), Weight::Schema(options)));
}

void Amount::Read(Reader& reader, const Node& node, double& value) {
  if (!node.text()) return Codec<double>::Read(reader, node, value);
  const auto bytes = ParseBytes(*node.text());
  if (!bytes.ok()) {
    return reader.Fail(node, Quote(*node.text()), "a number, or bytes such as \"14kB\"", "");
  }
  value = static_cast<double>(*bytes);
}

Node Amount::Schema(const SchemaOptions&) {
  return ObjectNode({{"type", Node(Node::List{Text("number"), Text("string")})}});
}

template struct LawForm<Duration>;
template struct LawForm<Amount>;
template struct QuantilesForm<Duration>;
template struct QuantilesForm<Amount>;
template struct MixtureForm<Codec<TimeLaw>>;
template struct MixtureForm<NumberLaw>;

}  // namespace spate::tmpl
