#include "tests/property/draw_literal.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace spate::testing {
namespace {

using packet::FieldKind;
using tmpl::Node;
using tmpl::ObjectNode;
using tmpl::Text;

constexpr std::string_view kTexts[] = {"GET", "a", "/index.html", "x y"};

Node Number(Dice& dice, const Domain& domain) {
  // Small ones, those of any size, and the largest.
  uint64_t most = domain.max;
  if (dice.Chance(0.5)) most = std::min(most, domain.min + 100);
  const uint64_t span = most - domain.min;
  const uint64_t value = dice.Chance(0.05)    ? domain.max
                         : span == UINT64_MAX ? dice.From(0, UINT64_MAX - 1)
                                              : dice.From(domain.min, most);
  if (!domain.decimal && dice.Chance(0.1)) return Text(absl::StrFormat("0x%x", value));
  return Node(value);
}

std::string Hex(Dice& dice, uint64_t bytes) {
  std::string text;
  for (uint64_t i = 0; i < bytes; ++i) absl::StrAppendFormat(&text, "%02x", dice.Below(256));
  return text;
}

std::string Ipv4(Dice& dice) {
  return absl::StrCat("198.", dice.From(18, 19), ".", dice.Below(256), ".", dice.Below(256));
}

std::string Ipv6(Dice& dice) { return absl::StrFormat("2001:2::%x", dice.Below(65'536)); }

// One address, or a few where a list stands.
template <class One>
std::string Addresses(Dice& dice, bool list, One one) {
  std::string text = one(dice);
  while (list && dice.Chance(0.5)) absl::StrAppend(&text, " ", one(dice));
  return text;
}

std::string Letters(Dice& dice, std::string_view letters) {
  std::string text;
  for (const char letter : letters) {
    if (letter != '-' && letter != ' ' && dice.Chance(0.3)) text += letter;
  }
  return text.empty() && !letters.empty() ? std::string(1, letters[0]) : text;
}

}  // namespace

Domain DomainOf(const packet::FieldSpec& field) {
  Domain domain{.kind = field.kind, .min = 0, .max = 1, .variable = field.variable()};
  domain.letters = field.letters;
  domain.max = field.bits >= 64 || field.bits == 0 ? UINT64_MAX : (uint64_t{1} << field.bits) - 1;
  return domain;
}

Node DrawLiteral(Dice& dice, const Domain& domain) {
  switch (domain.kind) {
    case FieldKind::kUint:
      return Number(dice, domain);
    case FieldKind::kMac:
      return Text(absl::StrFormat("02:00:00:00:%02x:%02x", dice.Below(256), dice.Below(256)));
    case FieldKind::kIpv4:
      return Text(Addresses(dice, domain.variable, Ipv4));
    case FieldKind::kIpv6:
      return Text(Addresses(dice, domain.variable, Ipv6));
    case FieldKind::kFlags:
      return Text(Letters(dice, domain.letters));
    case FieldKind::kBytes:
      return Text(Hex(dice, dice.From(1, 12)));
    case FieldKind::kText:
      return Text(dice.OneOf(kTexts));
    case FieldKind::kName:
      return Text(dice.Chance(0.5) ? "www.example.net" : "a.test");
    case FieldKind::kMark:
      return Node(int64_t{1});
    case FieldKind::kShort:
      return Text(absl::StrFormat("0x%04x", dice.Below(65'536)));
    case FieldKind::kEui64:
      return Text(absl::StrFormat("02:00:00:00:00:00:%02x:%02x", dice.Below(256), dice.Below(256)));
    case FieldKind::kKey:
      return Text(Hex(dice, 16));
  }
  return Node(int64_t{0});
}

std::string DrawDuration(Dice& dice, double min_s, double max_s) {
  const double seconds = dice.Magnitude(min_s, max_s);
  switch (dice.Below(4)) {
    case 0:
      return absl::StrFormat("%.4gs", seconds);
    case 1:
      return absl::StrFormat("%.5gms", seconds * 1e3);
    case 2:
      return absl::StrFormat("%.0fns", seconds * 1e9);
    default:
      return absl::StrFormat("%.6gus", seconds * 1e6);
  }
}

std::string DrawRate(Dice& dice, bool pps_only) {
  switch (pps_only ? dice.Below(2) : dice.Below(5)) {
    case 0:
      return absl::StrCat(dice.From(50, 9'000), "pps");
    case 1:
      return absl::StrCat(dice.From(1, 90), "kpps");
    case 2:
      return absl::StrCat(dice.From(1, 90), "mbps");
    case 3:
      return absl::StrCat(dice.From(1, 90), "mbpsl1");
    default:
      return absl::StrCat(dice.From(1, 99), "%");
  }
}

Node DrawTable(Dice& dice) {
  Node::List rows, columns = {Text("a"), Text("b")};
  for (uint64_t i = dice.From(1, 5); i > 0; --i) {
    rows.emplace_back(Node::List{Node(dice.From(1, 255)), Node(dice.From(1, 255))});
  }
  Node::List weights;
  for (size_t i = 0; i < rows.size(); ++i) weights.emplace_back(dice.Real(0.1, 5));
  Node table = ObjectNode({{"columns", Node(columns)}, {"rows", Node(rows)}});
  if (dice.Chance(0.5))
    std::get<Node::Object>(table.value).push_back({"weights", 0, Node(weights)});
  return table;
}

Node DrawTimes(Dice& dice) {
  std::vector<double> times;
  for (uint64_t i = dice.From(1, 4); i > 0; --i) times.push_back(dice.Real(0, 0.5));
  std::ranges::sort(times);
  times.erase(std::unique(times.begin(), times.end()), times.end());
  Node::List list;
  for (const double time : times) list.emplace_back(time);
  return Node(std::move(list));
}

Node DrawQuantiles(Dice& dice, const Domain& domain, bool times) {
  std::vector<double> values;
  for (uint64_t i = dice.From(2, 5); i > 0; --i) {
    values.push_back(times ? dice.Real(0, 0.005)
                           : static_cast<double>(domain.min + dice.Below(domain.max - domain.min)));
  }
  std::ranges::sort(values);
  const bool pairs = dice.Chance(0.5);
  Node::List list;
  for (size_t i = 0; i < values.size(); ++i) {
    const double p = static_cast<double>(i) / static_cast<double>(values.size() - 1);
    list.push_back(pairs ? Node(Node::List{Node(p), Node(values[i])}) : Node(values[i]));
  }
  return Node(std::move(list));
}

Node DrawDistribution(Dice& dice, std::string_view law, const Domain& domain, bool time) {
  const double least = time ? 1e-6 : std::max(1.0, static_cast<double>(domain.min));
  const double most =
      time ? 0.005 : std::max(2.0, static_cast<double>(std::min<uint64_t>(domain.max, 100'000)));
  const auto number = [&] {
    const double value = dice.Magnitude(least, most);
    return time ? Node(value) : Node(std::floor(value));
  };
  if (law == "uniform") {
    Node min = number(), max = number();
    if (max.real() < min.real()) std::swap(min, max);
    return ObjectNode({{"min", min}, {"max", max}});
  }
  const Node shape(dice.Real(1.1, 4));
  if (law == "exponential") return ObjectNode({{"mean", number()}});
  if (law == "normal") return ObjectNode({{"mean", number()}, {"sd", number()}});
  if (law == "lognormal")
    return ObjectNode({{"median", number()}, {"sigma", Node(dice.Real(0.1, 1.5))}});
  if (law == "gamma") return ObjectNode({{"mean", number()}, {"shape", shape}});
  return ObjectNode({{"scale", number()}, {"shape", shape}});
}

bool MayVary(const packet::FieldSpec& field) {
  static const std::set<std::string_view> kTelling = {
      "version",         "fragment_offset", "more_fragments", "oui",
      "routing_present", "encryption",      "header_type",    "changed"};
  return field.derived == packet::Derived::kNo && field.part != packet::Part::kTrailer &&
         field.when.mask == 0 && !kTelling.contains(field.name);
}

}  // namespace spate::testing
