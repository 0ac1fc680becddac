// Host sets: {"count": 1000, "ipv4": {"increment": {"start": "198.18.0.1"}}, "pick": "zipf"}
#include <algorithm>

#include "base/text.h"
#include "template/codec.h"
#include "template/surface/port_name.h"

namespace spate::tmpl {
namespace {

constexpr std::string_view kPicks[] = {"each", "uniform", "weights", "zipf"};

struct Pick : Codec<std::string> {
  static void Read(Reader& reader, const Node& node, std::string& value) {
    const std::vector<std::string> names(std::begin(kPicks), std::end(kPicks));
    if (!node.text() || std::find(names.begin(), names.end(), *node.text()) == names.end()) {
      return reader.Fail(node, OneOf(names), node.text() ? Nearest(*node.text(), names) : "");
    }
    value = *node.text();
  }
  static Node Write(const std::string& value, bool full) {
    return value == "each" && !full ? Node() : Text(value);
  }
  static Node Schema(const SchemaOptions&) {
    Node::List names;
    for (std::string_view pick : kPicks) names.push_back(Text(pick));
    return ObjectNode({{"enum", Node(std::move(names))}});
  }
};

constexpr Key<HostSet> ColumnKey(KeyInfo info) {
  Key<HostSet> key;
  static_cast<KeyInfo&>(key) = info;
  key.type = &Codec<ValueLaw>::Type;
  key.read = [](Reader& reader, const Node& node, HostSet& hosts, const KeyInfo& of) {
    Codec<ValueLaw>::Read(reader, node, hosts.columns.emplace_back(of.key, ValueLaw{}).second);
  };
  key.write = [](const HostSet& hosts, const KeyInfo& of, bool full) {
    const ValueLaw* column = FindNamed(hosts.columns, of.key);
    return column ? Codec<ValueLaw>::Write(*column, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) {
    return Codec<ValueLaw>::Schema(options);
  };
  return key;
}

constexpr Key<HostSet> kHostsKeys[] = {
    MemberKey<&HostSet::count>({.key = "count",
                                .doc = "how many; absent: as many as the longest column counts",
                                .example = "1000"}),
    ColumnKey({.key = "mac",
               .doc = "MAC addresses; absent: locally administered ones (02:…) made from the "
                      "set's name and the host's number",
               .example = R"("02:00:00:00:00:01")"}),
    ColumnKey({.key = "ipv4",
               .doc = "IPv4 addresses",
               .example = R"({"increment": {"start": "198.18.0.1", "count": 1000}})"}),
    ColumnKey({.key = "ipv6", .doc = "IPv6 addresses", .example = R"("2001:2::1")"}),
    ColumnKey({.key = "short",
               .doc = "16-bit addresses of a radio network (IEEE 802.15.4, Zigbee)",
               .example = R"("0x1de6")"}),
    ColumnKey({.key = "eui64",
               .doc = "its 64-bit addresses; absent: locally administered ones as for `mac`",
               .example = R"("02:00:00:00:00:00:1d:e6")"}),
    ColumnKey({.key = "port", .doc = "ports", .example = R"({"values": [80, 443]})"}),
    MemberKey<&HostSet::pick, Pick>(
        {.key = "pick",
         .doc = "which host a reader gets: each in turn (by packet, pass or instance number), or "
                "by chance: uniform, weights, zipf",
         .example = R"("zipf")",
         .fallback = R"("each")"}),
    MemberKey<&HostSet::zipf>(
        {.key = "zipf", .doc = "exponent: the n-th host has weight 1 / n^zipf", .example = "1.2"}),
    MemberKey<&HostSet::weights, ListOf<Weight>>(
        {.key = "weights", .doc = "one weight per host", .example = "[5, 3, 1]"}),
    MemberKey<&HostSet::behind, PortName>(
        {.key = "behind",
         .doc = "name of the port behind which they stand: their packets leave by it; absent: the "
                "template's first",
         .example = R"("left")"}),
    MemberKey<&HostSet::seen_as>(
        {.key = "seen_as",
         .doc = "host set whose addresses the other side of a conversation sends to instead of "
                "these, host by host: behind a NAT, a virtual address, a router (only `mac`); what "
                "it does not say stays",
         .example = R"("translated")"}),
};

void FinishHosts(Reader& reader, const Node& node, HostSet& hosts) {
  using Kind = ValueLaw::Kind;
  for (const auto& [name, column] : hosts.columns) {
    const bool listed = column.kind == Kind::kConstant || column.kind == Kind::kValues ||
                        column.kind == Kind::kIncrement || column.kind == Kind::kDecrement ||
                        column.kind == Kind::kPermutation;
    const Reader::Inside inside(reader, name);
    if (listed && !column.per) continue;
    const Node& law = *node.Find(name);
    reader.Fail(law, listed ? "\"per\"" : Quote(law.object()->front().key),
                "a plain value, \"values\", \"increment\", \"decrement\" or \"permutation\"", "");
  }
  if ((hosts.pick == "weights") != !hosts.weights.empty()) {
    reader.Fail(node, hosts.weights.empty() ? "no key \"weights\"" : "\"weights\"",
                "\"pick\": \"weights\" and \"weights\" together", "");
  }
  if (hosts.count && *hosts.count == 0) reader.Fail(node, "\"count\": 0", "at least one host", "");
  if (hosts.pick == "zipf" && (hosts.zipf < 0 || hosts.zipf > 100)) {
    reader.Fail(node, Concat("\"zipf\": ", hosts.zipf), "an exponent from 0 to 100", "");
  }
}

}  // namespace

template <>
const ObjectSpec<HostSet>& SpecOf<HostSet>() {
  static constexpr ObjectSpec<HostSet> spec = {"hosts", "A set of hosts: who talks.", kHostsKeys,
                                               FinishHosts};
  return spec;
}

}  // namespace spate::tmpl
