#include "template/codec.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "template/limits.h"
#include "template/quantity.h"

namespace spate::tmpl {
namespace {

constexpr std::string_view kScopeNames[] = {"packet", "pass", "instance", "run"};

std::vector<std::string> ScopeNames() { return {std::begin(kScopeNames), std::end(kScopeNames)}; }

Node Enumeration(const std::vector<std::string>& names, std::string_view pattern = "") {
  Node::List list;
  for (const std::string& name : names) list.push_back(Text(name));
  Node values = ObjectNode({{"enum", Node(std::move(list))}});
  if (pattern.empty()) return values;
  return ObjectNode(
      {{"anyOf", Node(Node::List{values, ObjectNode({{"type", Text("string")},
                                                     {"pattern", Text(pattern)}})})}});
}

Node NameSchema(const std::vector<std::string>& names, const SchemaOptions& options) {
  return names.empty() ? ScalarSchema("string", options) : Enumeration(names);
}

bool ReadReal(Reader& reader, const Node& node, double min, double max, std::string_view expected,
              double& value) {
  const double number = node.real();
  if (!node.number() || !std::isfinite(number) || number < min || number > max) {
    reader.Fail(node, expected);
    return false;
  }
  value = number;
  return true;
}

}  // namespace

Node ScalarSchema(std::string_view type, const SchemaOptions& options,
                  std::vector<std::pair<std::string, Node>> more) {
  const bool numeric = type == "number" || type == "integer";
  const bool parameter = numeric && !options.compact;
  Node types = parameter ? Node(Node::List{Text(type), Text("string")}) : Text(type);
  std::vector<std::pair<std::string, Node>> members = {{"type", std::move(types)}};
  for (auto& keyword : more) members.push_back(std::move(keyword));
  if (parameter) members.emplace_back("pattern", Text("^\\$."));
  return ObjectNode(std::move(members));
}

void Codec<std::string>::Read(Reader& reader, const Node& node, std::string& value) {
  if (!node.text()) return reader.Fail(node, "text");
  value = *node.text();
}

Node Codec<std::string>::Write(const std::string& value, bool) {
  return value.empty() ? Node() : Text(value);
}

Node Codec<std::string>::Schema(const SchemaOptions& options) {
  return ScalarSchema("string", options);
}

std::optional<uint64_t> ReadUnsigned(Reader& reader, const Node& node, uint64_t max) {
  std::optional<uint64_t> number;
  if (const auto* i = std::get_if<int64_t>(&node.value); i && *i >= 0) {
    number = static_cast<uint64_t>(*i);
  } else if (const auto* u = std::get_if<uint64_t>(&node.value)) {
    number = *u;
  } else if (const auto* d = std::get_if<double>(&node.value);
             d && *d >= 0 && *d < 1e15 && std::trunc(*d) == *d) {
    number = static_cast<uint64_t>(*d);
  }
  if (number && *number <= max) return number;
  reader.Fail(node, max == UINT64_MAX ? "an integer ≥ 0" : Concat("an integer from 0 to ", max));
  return std::nullopt;
}

void Codec<bool>::Read(Reader& reader, const Node& node, bool& value) {
  const auto* given = std::get_if<bool>(&node.value);
  if (!given) return reader.Fail(node, "true or false");
  value = *given;
}

void Codec<double>::Read(Reader& reader, const Node& node, double& value) {
  ReadReal(reader, node, -HUGE_VAL, HUGE_VAL, "a number", value);
}

void Codec<Literal>::Read(Reader& reader, const Node& node, Literal& value) {
  if (node.text()) {
    value = *node.text();
  } else if (const auto* i = std::get_if<int64_t>(&node.value)) {
    value = *i;
  } else if (const auto* u = std::get_if<uint64_t>(&node.value)) {
    value = *u;
  } else if (const auto* d = std::get_if<double>(&node.value)) {
    value = *d;
  } else {
    reader.Fail(node, "a number or text");
  }
}

Node Codec<Literal>::Write(const Literal& value, bool) {
  return std::visit([](const auto& v) { return Node(v); }, value);
}

Node Codec<Literal>::Schema(const SchemaOptions&) {
  return ObjectNode({{"type", Node(Node::List{Text("number"), Text("string")})}});
}

void Codec<Scope>::Read(Reader& reader, const Node& node, Scope& value) {
  for (size_t i = 0; i < std::size(kScopeNames); ++i) {
    if (node.text() && *node.text() == kScopeNames[i]) {
      value = static_cast<Scope>(i);
      return;
    }
  }
  reader.Fail(node, OneOf(ScopeNames()), node.text() ? Nearest(*node.text(), ScopeNames()) : "");
}

Node Codec<Scope>::Write(const Scope& value, bool) {
  return Text(kScopeNames[static_cast<size_t>(value)]);
}

Node Codec<Scope>::Schema(const SchemaOptions& options) {
  return Enumeration(ScopeNames(), options.compact ? "" : "^\\$.");
}

void Duration::Read(Reader& reader, const Node& node, double& seconds) {
  constexpr std::string_view kExpected =
      "a duration such as \"20ms\", \"1.5s\", \"300us\" or \"2h\" (a bare number is seconds)";
  if (node.text()) {
    const auto parsed = ParseDuration(*node.text());
    if (!parsed.ok()) return reader.Fail(node, kExpected);
    seconds = *parsed;
    return;
  }
  ReadReal(reader, node, 0, HUGE_VAL, kExpected, seconds);
}

Node Duration::Write(const double& seconds, bool) { return Text(FormatDuration(seconds)); }

Node Duration::Schema(const SchemaOptions& options) {
  if (options.compact) {
    return ObjectNode(
        {{"type", Text("string")}, {"pattern", Text("^[0-9]+(\\.[0-9]+)?(h|m|s|ms|us|ns|ps)$")}});
  }
  return ObjectNode(
      {{"type", Node(Node::List{Text("number"), Text("string")})},
       {"minimum", Node(int64_t{0})},
       {"pattern", Text("^(\\$.|[0-9.]+([eE][-+]?[0-9]+)? *(h|m|s|ms|us|ns|ps)?$)")}});
}

void RateText::Read(Reader& reader, const Node& node, std::string& rate) {
  const auto parsed = ParseRate(node.text() ? *node.text() : "");
  if (!parsed.ok()) return reader.Fail(node, AsStd(parsed.status().message()));
  rate = *node.text();
}

void ScheduledRate::Read(Reader& reader, const Node& node, std::string& rate) {
  const auto parsed = ParseRateOrZero(node.text() ? *node.text() : "");
  if (!parsed.ok()) return reader.Fail(node, AsStd(parsed.status().message()));
  rate = *node.text();
}

Node RateText::Schema(const SchemaOptions& options) {
  return ObjectNode(
      {{"type", Text("string")},
       {"pattern", Text(options.compact ? "^[0-9]+(\\.[0-9]+)?[kmg]?(pps|bps)$"
                                        : "^(\\$.|[0-9.]+ *([kmgtKMGT]?(pps|bps|bpsl1)|%)$)")}});
}

void ReadWord(Reader& reader, const Node& node, std::span<const std::string_view> words,
              std::string& value) {
  const std::vector<std::string> known(words.begin(), words.end());
  const bool found = node.text() && std::ranges::count(known, *node.text()) > 0;
  if (!found) {
    return reader.Fail(node, OneOf(known), node.text() ? Nearest(*node.text(), known) : "");
  }
  value = *node.text();
}

Node WordSchema(std::span<const std::string_view> words) {
  return Enumeration({words.begin(), words.end()});
}

void Probability::Read(Reader& reader, const Node& node, double& value) {
  ReadReal(reader, node, 0, 1, "a probability from 0 to 1", value);
}

Node Probability::Schema(const SchemaOptions& options) {
  return ScalarSchema("number", options,
                      {{"minimum", Node(int64_t{0})}, {"maximum", Node(int64_t{1})}});
}

void Weight::Read(Reader& reader, const Node& node, double& value) {
  ReadReal(reader, node, 0, 1e18, "a weight ≥ 0", value);
}

Node Weight::Schema(const SchemaOptions& options) {
  return ScalarSchema("number", options, {{"minimum", Node(int64_t{0})}});
}

void Strata::Read(Reader& reader, const Node& node, uint32_t& value) {
  const double number = node.real();
  const auto strata = static_cast<uint32_t>(number >= 2 && number <= kMaxStrata ? number : 0);
  if (!node.number() || strata != number || (strata & (strata - 1)) != 0) {
    return reader.Fail(node, Concat("a power of two from 2 to ", kMaxStrata));
  }
  value = strata;
}

Node Strata::Schema(const SchemaOptions& options) {
  std::vector<std::pair<std::string, Node>> range = {
      {"minimum", Node(int64_t{2})}, {"maximum", Node(static_cast<int64_t>(kMaxStrata))}};
  return ScalarSchema("integer", options, std::move(range));
}

Node MessageName::Schema(const SchemaOptions& options) {
  return NameSchema(options.messages, options);
}

Node HostName::Schema(const SchemaOptions& options) { return NameSchema(options.hosts, options); }

}  // namespace spate::tmpl
