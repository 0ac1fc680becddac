#include "tests/property/draw_template.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "packet/header.h"
#include "tests/property/agree.h"
#include "tests/property/dice.h"
#include "tests/property/draw_at.h"
#include "tests/property/draw_literal.h"
#include "tests/property/number_ranges.h"

namespace spate::testing {
namespace {

using packet::FieldKind;
using packet::HeaderSpec;
using tmpl::Node;
using tmpl::ObjectNode;
using tmpl::Text;
using Names = std::vector<std::string>;

// Of each set the keys that exclude each other: at most one is drawn.
const std::vector<Keys> kClashes = {
    {"rate", "poisson", "every", "grid", "at", "ages", "schedule", "share"},
    {"tcp", "udp"},
    {"mod", "min"},
    {"mod", "max"},
    {"message", "steps", "capture"},
    {"gap", "rate"},
    {"send", "steps"},
    {"rate", "schedule"},
};

// Longest times by key; others are below 5 ms.
const std::map<std::string_view, double> kTimes = {{"for", 0.2}, {"lifetime", 0.3}, {"duration", 1},
                                                   {"on", 0.1},  {"off", 0.1},      {"start", 0.1}};

const Keys kDistributions = {"uniform", "exponential", "normal",    "lognormal", "pareto",
                             "weibull", "gamma",       "quantiles", "mixture"};

// Whether a law does not fit its place.
bool IsOdd(const std::string& law, const At& at) {
  static const Keys kColumns = {"values", "increment", "decrement"};
  static const Keys kCounters = {"increment", "decrement", "permutation"};
  static const Keys kSizes = {"imix", "genome"};
  static const Keys kElsewhere = {"row", "var", "draw"};  // drawn where the domain is not known
  const bool distribution = kDistributions.contains(law);
  const bool plain = at.domain.kind == FieldKind::kUint;
  if (at.key == "mixture") return !distribution;
  if (at.within == "time") return false;
  if (at.column) return !kColumns.contains(law);
  if (at.key == "draws" && (kElsewhere.contains(law) || kSizes.contains(law) || law == "host")) {
    return true;
  }
  if (law == "var" && at.shared) return true;
  if (kCounters.contains(law) && at.domain.max < 16) return true;
  if (kElsewhere.contains(law)) return !plain || at.domain.max < 255 || at.domain.min > 1;
  if (law == "host") return plain && !at.key.ends_with("port");
  if (!plain) return distribution || kSizes.contains(law) || law == "random";
  return kSizes.contains(law) ? at.key != "size" : distribution && at.domain.max < 100;
}

class Drawer {
 public:
  Drawer(const Node& schema, uint64_t seed)
      : schema_(schema), defs_(*schema.Find("$defs")), d_(seed) {}

  Node Template() {
    v6_ = d_.Chance(0.2);
    radio_ = d_.Chance(0.1);
    ports_ = d_.Chance(0.2);
    return DrawObject(schema_, {.key = "", .within = "template"});
  }

 private:
  const Node& Definition(std::string_view name) const { return *defs_.Find(name); }

  Node DrawAny(const Node& schema, const At& at);
  Node DrawObject(const Node& schema, const At& at);
  Node DrawList(const Node& schema, const At& at);
  Node DrawPlain(const Node& schema, const At& at);
  Node DrawNumber(const Node& schema, const At& at, bool whole);
  std::string DrawText(const Node& schema, const At& at);
  Node DrawLaw(const Node& schema, const At& at);
  Node DrawStack(bool whole);
  Node DrawHeader(const HeaderSpec& spec, double likely);
  Names NamesOf(std::string_view kind, const At& at) const;
  const Node& Alternative(const Node::List& all, const At& at);
  At Inside(const At& at, std::string_view key, const Keys& all) const;

  const Node& schema_;
  const Node& defs_;
  Dice d_;
  bool v6_ = false, radio_ = false, ports_ = false, rated_ = false;
};

// The names that a map declares, or a text may refer to.
Names Drawer::NamesOf(std::string_view kind, const At& at) const {
  static const std::map<std::string_view, Names> kNames = {
      {"hosts", {"h0", "h1"}},   {"tables", {"t0"}},
      {"row", {"t0"}},           {"column", {"a", "b"}},
      {"draws", {"d0", "d1"}},   {"draw", {"d0", "d1"}},
      {"groups", {"g0"}},        {"bind", {"r0", "r1"}},
      {"params", {"p0"}},        {"states", {"s0", "s1"}},
      {"ports", {"80", "1883"}}, {"roles", {"192.168.1.7"}},
      {"sizes", {"A", "B"}},     {"messages", {"m0", "m1", "c0", "c1"}}};
  if (kind == "vars") return at.within == "group" ? Names{"w0", "w1"} : Names{"v0", "v1"};
  if (kind == "flows") return at.within == "group" ? Names{"a0", "a1"} : Names{"f0", "f1"};
  const auto known = kNames.find(kind);
  return known == kNames.end() ? Names{"x"} : known->second;
}

std::string Drawer::DrawText(const Node& schema, const At& at) {
  const Node* const pattern = schema.Find("pattern");
  const std::string like = pattern && pattern->text() ? *pattern->text() : "";
  if (absl::StrContains(like, "(h|m|s|ms")) {
    const auto most = kTimes.find(at.key);
    return DrawDuration(d_, 1e-5, most == kTimes.end() ? 0.005 : most->second);
  }
  if (absl::StrContains(like, "pps")) {
    if (at.key == "line") return "10gbps";
    if (at.within == "schedule" && d_.Chance(0.1)) return "0pps";
    const bool bare = at.within == "arrive" || at.key == "poisson";  // bits are mostly unknown here
    return DrawRate(d_, bare || at.within == "burst" ||
                            (at.within == "schedule" && !at.name.empty() && d_.Chance(0.95)));
  }
  const auto message = [&] { return absl::StrCat(at.talk ? "c" : "m", d_.Below(2)); };
  const auto host = [&] {
    return at.group && d_.Chance(0.4) ? absl::StrCat("r", d_.Below(2))
                                      : absl::StrCat("h", d_.Below(2));
  };
  const auto variable = [&] {
    return absl::StrCat(at.shared || (at.group && d_.Chance(0.5)) ? "w" : "v", d_.Below(2));
  };
  const std::string_view key = at.key;
  if (at.within == "event") {
    if (key == "set") return absl::StrCat("g0/w", d_.Below(2));
    return d_.OneOf(Names{"g0/a0", "g0/a1", "g0", "f0", "f1"});
  }
  if (at.within == "remember" && key == "message") return std::string(at.sent);
  if (key == "message" || key == "send" || key == "request" || key == "response") return message();
  if (at.within == "say" || (at.within == "step" && key == "client")) return "c0";
  if (at.within == "step" && key == "server") return "c1";
  if (key == "client") return at.group && d_.Chance(0.5) ? "r0" : "h0";
  if (key == "server") return at.group && d_.Chance(0.5) ? "r1" : "h1";
  if (at.within == "binding" || at.key == "bind") return absl::StrCat("h", d_.Below(2));
  if (key == "host") return host();
  if (key == "behind") return at.name == "h0" ? "left" : "right";
  if (key == "port") return d_.OneOf(Names{"left", "right"});
  if (key == "var") return variable();
  if (key == "row" || key == "column" || key == "draw") return d_.OneOf(NamesOf(key, at));
  if (at.within == "observer" || key == "seen_as") return d_.OneOf(NamesOf("hosts", at));
  if (key == "roles") return host();
  if (at.within == "transition") return d_.OneOf(Names{"s0", "s1", "s1", "end"});
  if (at.within == "chain") return "s0";
  if (at.within == "join") return at.name == "a0" ? "a1" : "a0";
  if (at.within == "step") return absl::StrCat("a", d_.Below(2));
  if (key == "field")
    return d_.OneOf(Names{"ethernet.src", "ethernet.dst", "ethernet.src", "ethernet.dst",
                          "udp.src_port", "ipv4.identification", "tcp.seq_num"});
  if (key == "genome") return d_.OneOf(Names{"aaaaebg", "abcdefgz"});
  if (key == "hex") return "00ff 1234 5678";
  if (key == "text") return d_.OneOf(Names{"hello", "GET / HTTP/1.1\r\n\r\n", "ü{x}\"\\", "$$5"});
  if (at.within == "inclusion" || key == "include") return "configs/imix.json";
  if (key == "file" || key == "capture") return "configs/samples/office-iot.pcapng";
  return d_.OneOf(Names{"some text", "ä \"quoted\" \\ $$x", ""});
}

Node Drawer::DrawNumber(const Node& schema, const At& at, bool whole) {
  const Node *const least = schema.Find("minimum"), *const most = schema.Find("maximum");
  if (at.within == "join") return Node(int64_t{1});
  if (at.key == "balanced") return Node(int64_t{1} << d_.From(1, 6));
  if (!whole && most != nullptr && most->real() == 1) return Node(d_.Real(0, 0.5));
  if (!whole) {
    if (at.key == "sigma" || at.key == "zipf" || at.key == "shape") return Node(d_.Real(0.5, 2));
    if (at.key == "backoff" || at.key == "speed") return Node(d_.Real(1, 3));
    return Node(least && d_.Chance(0.1) ? least->real() : d_.Real(0.1, 9));
  }
  const auto known = kNumbers.find(at.key);
  auto [low, high] = known == kNumbers.end() ? std::pair<uint64_t, uint64_t>{0, 99} : known->second;
  if (least && least->real() > static_cast<double>(low)) low = static_cast<uint64_t>(least->real());
  return Node(static_cast<int64_t>(d_.From(low, std::max(low, high))));
}

// Of several types the numbers' mostly, where a number needs no unit.
Node Drawer::DrawPlain(const Node& schema, const At& at) {
  if (const Node* const constant = schema.Find("const")) return *constant;
  if (const Node* const words = schema.Find("enum")) return d_.OneOf(*words->list());
  const Node& type = *schema.Find("type");
  Names types;
  if (type.list()) {
    for (const Node& one : *type.list()) types.push_back(*one.text());
  } else {
    types.push_back(*type.text());
  }
  const Node* const pattern = schema.Find("pattern");
  if (types.size() == 2 && !pattern) return DrawLiteral(d_, at.domain);
  if (types[0] == "boolean") return Node(d_.Chance(0.5));
  if (types[0] == "string") return Text(DrawText(schema, at));
  if (absl::StrContains(pattern ? *pattern->text() : "", "(h|m|s|ms")) {
    return Text(DrawText(schema, at));
  }
  const Node* const most = schema.Find("maximum");
  if (d_.Chance(0.01) && !(most && most->real() == 1)) return Text("$p0");
  return DrawNumber(schema, at, types[0] == "integer");
}

Node Drawer::DrawList(const Node& schema, const At& at) {
  if (at.key == "packet") {
    return DrawStack(at.within == "message" && (!at.talk || d_.Chance(0.02)));
  }
  if (at.within == "flow" && (at.key == "at" || at.key == "ages")) return DrawTimes(d_);
  if (at.within == "arrive" && at.key == "at") return DrawTimes(d_);
  if (at.key == "quantiles") return DrawQuantiles(d_, at.domain, at.within == "time");
  const Node& items = *schema.Find("items");
  Node::List list;
  // Most flows say something for certain.
  const bool steps = at.key == "steps" && at.within == "flow";
  const bool sends = steps && d_.Chance(0.9);
  const std::string sent = absl::StrCat(at.talk ? "c" : "m", d_.Below(2));
  At inside = at;
  if (sends) inside.sent = sent;
  const Node* const least = schema.Find("minItems");
  if (least && schema.Find("maxItems")) {  // an outcome and its weight
    list.push_back(items.Find("anyOf") ? DrawAny((*items.Find("anyOf")->list())[0], at)
                                       : DrawPlain(items, at));
    list.emplace_back(d_.Real(0.1, 5));
    return Node(std::move(list));
  }
  const uint64_t most = at.key == "include" ? 1 : 3;
  for (uint64_t i = d_.From(1, most); i > 0; --i) list.push_back(DrawAny(items, inside));
  const auto add = [&](const char* verb, Node what) {
    list.insert(list.begin() + static_cast<ptrdiff_t>(d_.Below(list.size() + 1)),
                ObjectNode({{verb, std::move(what)}}));
  };
  if (sends) add("send", Text(sent));
  if (steps && at.speaks) add(d_.Chance(0.5) ? "client" : "server", Node(d_.From(1, 9'000)));
  return Node(std::move(list));
}

// One of the forms of a law: {"random": …} with its options.
Node Drawer::DrawLaw(const Node& schema, const At& at) {
  static const Keys kChance = {"random", "weighted"};
  const Node::List& forms = *schema.Find("anyOf")->list();
  const bool time = at.within == "time";
  if (at.key != "draws" && d_.Chance(time ? 0.6 : 0.4)) return DrawPlain(forms[0], at);
  const Node* form = &d_.OneOf(forms);
  std::string law;
  for (;; form = &d_.OneOf(forms)) {
    if (!form->Find("properties") && at.key == "draws") continue;
    if (!form->Find("properties")) return DrawPlain(*form, at);
    law = *(*form->Find("required")->list())[0].text();
    const bool odd = IsOdd(law, at);
    // A distribution becomes a table, which takes a millisecond.
    const bool dear = kDistributions.contains(law) && d_.Chance(0.993);
    if ((!odd && !dear) || d_.Chance(0.0002)) break;
  }
  const bool distribution = kDistributions.contains(law);
  Node::Object object;
  const bool composed = law == "quantiles" || law == "mixture" || !distribution;
  object.push_back({law, 0,
                    composed ? DrawAny(*form->Find("properties")->Find(law), Inside(at, law, {}))
                             : DrawDistribution(d_, law, at.domain, at.within == "time")});
  const auto option = [&](const char* key, double likely, Node value) {
    if (form->Find("properties")->Find(key) && d_.Chance(likely)) {
      object.push_back({key, 0, std::move(value)});
    }
  };
  if (law == "row") option("column", 1, Text(d_.OneOf(NamesOf("column", at))));
  if (law == "genome" && d_.Chance(0.3)) {
    object.back().value = Text("AAbB");
    option("sizes", 1, ObjectNode({{"A", Node(int64_t{100})}, {"B", Node(int64_t{900})}}));
  }
  const bool open = distribution && law != "uniform" && law != "quantiles" && law != "mixture";
  if (open && !time) option("max", 0.95, Node(at.domain.max));
  if (open && time) option("max", 0.2, Text("9ms"));
  if (open) option("min", 0.1, time ? Text("1us") : Node(at.domain.min));
  if (distribution || kChance.contains(law)) option("balanced", 0.1, Node(int64_t{16}));
  if (!time && !at.column && law != "var" && law != "draw") {
    const uint64_t all = at.shared ? 2 : 4;
    option("per", 0.15, Text(Names{"instance", "run", "pass", "packet"}[d_.Below(all)]));
  }
  return Node(std::move(object));
}

// Of the alternatives one that may stand here; steps within steps come to an end.
const Node& Drawer::Alternative(const Node::List& all, const At& at) {
  static const Keys kTalk = {"client", "server", "close"};
  static const Keys kControl = {"start", "pause", "stop", "restart", "join"};
  static const Keys kNested = {"choose", "loop", "chain", "when"};
  for (;;) {
    const Node& one = d_.OneOf(all);
    const Node* const pattern = one.Find("pattern");
    if (pattern && *pattern->text() == "^\\$.") continue;  // a param
    if (at.within == "payload" && at.said && one.Find("properties")->Find("fill")) continue;
    if (at.within == "payload" && at.said && one.Find("properties")->Find("increment_byte"))
      continue;
    if (at.within != "step" || !one.Find("required")) return one;
    const std::string& verb = *(*one.Find("required")->list())[0].text();
    if (kTalk.contains(verb) && (!at.talk || (verb == "close" && (at.udp || at.depth > 1))))
      continue;
    if (kControl.contains(verb) && !at.group) continue;
    if (verb == "remember" && (at.sent.empty() || d_.Chance(0.7))) continue;
    if (kNested.contains(verb) && (at.depth > 2 || d_.Chance(0.5))) continue;
    return one;
  }
}

Node Drawer::DrawAny(const Node& schema, const At& at) {
  if (const Node* const ref = schema.Find("$ref")) {
    const std::string_view name = std::string_view(*ref->text()).substr(sizeof "#/$defs/" - 1);
    if (name == "table") return DrawTable(d_);
    At inside = at;
    inside.within = name;
    if (name == "value" || name == "time") return DrawLaw(Definition(name), inside);
    return DrawAny(Definition(name), inside);
  }
  if (const Node* const any = schema.Find("anyOf"))
    return DrawAny(Alternative(*any->list(), at), at);
  const Node* const type = schema.Find("type");
  if (type && type->text() && *type->text() == "object") return DrawObject(schema, at);
  if (type && type->text() && *type->text() == "array") return DrawList(schema, at);
  return DrawPlain(schema, at);
}

// What a value under `key` stands for, and where it is.
At Drawer::Inside(const At& at, std::string_view key, const Keys& all) const {
  static const std::map<std::string_view, Domain> kDomains = {
      {"mac", {.kind = FieldKind::kMac}},
      {"ipv4", {.kind = FieldKind::kIpv4}},
      {"ipv6", {.kind = FieldKind::kIpv6}},
      {"short", {.kind = FieldKind::kShort}},
      {"eui64", {.kind = FieldKind::kEui64}},
      {"port", {.min = 1, .max = 65'535}},
      {"size", {.min = 200, .max = 1'518}},
      {"client_port", {.min = 1'024, .max = 65'535}},
      {"length", {.min = 1, .max = 6}},
      {"times", {.min = 0, .max = 4}},
      {"vars", {.min = 0, .max = 65'535}},
      {"draws", {.min = 0, .max = 255}},
      {"client", {.min = 1, .max = 9'000}},
      {"server", {.min = 1, .max = 9'000}},
      {"params", {.min = 1, .max = 16, .decimal = true}},
  };
  At inside = at;
  inside.key = key;
  if (key == "steps" || key == "else" || key == "states" || key == "of") ++inside.depth;
  if (at.within == "schedule") ++inside.depth;
  if (at.within == "say") inside.said = true;
  if (at.within == "group" && key == "flows") inside.group = true;
  if (at.within == "group" && key == "vars") inside.shared = true;
  if (at.within == "burst" && key == "count") inside.domain = {.min = 0, .max = 6};
  if (at.within == "raw_field" && key == "value") {
    inside.domain = {.min = 0, .max = all.contains("bits") ? 1u : 255u};
  }
  inside.column = at.within == "hosts";
  const auto known = kDomains.find(key);
  if (known != kDomains.end() && at.within != "value") inside.domain = known->second;
  if (at.within == "value" && (key == "step" || key == "count"))
    inside.domain = {.min = 1, .max = 9, .decimal = true};
  if (radio_ && key == "size") inside.domain = {.min = 70, .max = 110};
  return inside;
}

Node Drawer::DrawObject(const Node& schema, const At& at_outside) {
  At at = at_outside;
  Node::Object object;
  const Node* const properties = schema.Find("properties");
  if (properties == nullptr) {
    for (const std::string& name : NamesOf(at.key, at)) {
      At named = at;
      if (at.key == "messages") named.talk = name[0] == 'c';
      if (at.key == "flows" || at.key == "hosts" || at.key == "messages") named.name = name;
      object.push_back({name, 0, DrawAny(*schema.Find("additionalProperties"), named)});
    }
    return Node(std::move(object));
  }
  if (at.within == "flow" && at.key == "flows") {
    at.talk = d_.Chance(radio_ ? 0.01 : 0.35);
    at.speaks = at.talk && d_.Chance(0.6);
  }
  Keys keys;
  if (const Node* const list = schema.Find("required")) {
    for (const Node& key : *list->list()) keys.insert(*key.text());
  }
  if (at.within == "schedule" && at.depth < 2 && d_.Chance(0.3)) keys.insert("nested");
  if (at.within == "schedule" && !keys.contains("nested") && d_.Chance(0.4)) keys.insert("ramp");
  std::vector<const tmpl::Member*> order;
  for (const tmpl::Member& member : *properties->object()) order.push_back(&member);
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[d_.Below(i)]);
  for (const tmpl::Member* const member : order) {
    const std::string& key = member->key;
    const auto clashes = [&](const Keys& with) {
      return with.contains(key) && std::ranges::any_of(keys, [&](const std::string& other) {
               const bool when = at.within == "event" && other == "at";  // it has clocks besides
               return other != key && !when && with.contains(other);
             });
    };
    if (std::ranges::any_of(kClashes, clashes) || !d_.Chance(Likely(at, key, keys))) continue;
    keys.insert(key);
  }
  if (at.within == "template") rated_ = keys.contains("rate") || keys.contains("schedule");
  if (!ports_ && at.within == "hosts") keys.erase("behind");
  if (!rated_) keys.erase(at.within == "template" ? "shares" : "share");
  // A pattern has no end of its own.
  const bool pattern = keys.contains("payload") && d_.Chance(0.7);
  if (at.within == "message" && (pattern || keys.contains("at"))) keys.insert("size");
  if (at.within == "when" && !keys.contains("else")) keys.insert("steps");
  if (at.within == "flow" && at_outside.key == "flows") {
    const auto says = [&](const char* key) { return keys.contains(key); };
    if (!says("message") && !says("steps") && !says("capture")) keys.insert("steps");
    at.speaks = at.speaks && says("steps");
    at.udp = says("udp");
  }
  for (const tmpl::Member& member : *properties->object()) {
    if (!keys.contains(member.key)) continue;
    object.push_back({member.key, 0, DrawAny(member.value, Inside(at, member.key, keys))});
  }
  Agree(d_, at, object);
  return Node(std::move(object));
}

Node Drawer::DrawHeader(const HeaderSpec& spec, double likely) {
  const Node& properties =
      *Definition("header").Find("properties")->Find(spec.name)->Find("properties");
  Node::Object fields;
  // Some spell everything out, what follows from the rest too.
  const bool all = d_.Chance(0.06);
  for (const packet::FieldSpec& field : spec.fields) {
    const double seldom = field.of.empty() ? likely / 20 : likely / 2;  // counts of lists
    if (!d_.Chance(all ? 0.6 : MayVary(field) ? likely : seldom)) continue;
    const At at = {.key = field.name, .within = "header", .domain = DomainOf(field)};
    fields.push_back({std::string(field.name), 0,
                      field.variable() ? DrawLiteral(d_, at.domain)
                                       : DrawAny(*properties.Find(field.name), at)});
  }
  return ObjectNode({{std::string(spec.name), Node(std::move(fields))}});
}

// A walk through the headers from a link on; in a conversation parts of its own ones.
Node Drawer::DrawStack(bool whole) {
  Node::List stack;
  if (!whole) {
    for (const auto& [name, likely] :
         {std::pair("ipv4", v6_ ? 0.02 : 0.5), std::pair("tcp", 0.02)}) {
      if (d_.Chance(likely)) stack.push_back(DrawHeader(*packet::FindHeader(name), 0.2));
    }
    return Node(std::move(stack));
  }
  const HeaderSpec* last = packet::FindHeader(radio_ ? "ieee802154" : "ethernet");
  for (uint64_t depth = d_.From(1, 7); last != nullptr; --depth) {
    stack.push_back(DrawHeader(*last, 0.2));
    std::vector<const HeaderSpec*> next;
    for (const HeaderSpec* const header : packet::Headers()) {
      if (packet::MayFollow(last, *header)) next.push_back(header);
    }
    if (next.empty() || (depth == 0 && last->carries_payload)) break;
    const HeaderSpec* const usual =
        packet::FindHeader(last->name == "ethernet" ? (v6_ ? "ipv6" : "ipv4")
                           : d_.Chance(0.5)         ? "udp"
                                                    : "tcp");
    last = packet::MayFollow(last, *usual) && d_.Chance(0.5) ? usual : d_.OneOf(next);
  }
  return Node(std::move(stack));
}

}  // namespace

Node DrawTemplate(const Node& schema, uint64_t seed) { return Drawer(schema, seed).Template(); }

}  // namespace spate::testing
