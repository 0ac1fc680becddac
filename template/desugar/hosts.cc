// Host sets and roles → a draw of the row, and columns of addresses.
#include <algorithm>
#include <cmath>

#include "base/permutation.h"
#include "base/text.h"
#include "template/desugar/value.h"
#include "template/limits.h"

namespace spate::tmpl {
namespace {

// The column of a host set that fits a field; "" when none can.
std::string_view ColumnFor(const packet::FieldSpec& field) {
  switch (field.kind) {
    case packet::FieldKind::kMac:
      return "mac";
    case packet::FieldKind::kIpv4:
      return "ipv4";
    case packet::FieldKind::kIpv6:
      return "ipv6";
    case packet::FieldKind::kShort:
      return "short";
    case packet::FieldKind::kEui64:
      return "eui64";
    case packet::FieldKind::kUint:
      return field.bits == 16 && field.name.ends_with("port") ? "port" : "";
    default:
      return "";
  }
}

uint64_t ColumnCount(const ValueLaw& column) {
  if (column.kind == ValueLaw::Kind::kValues) return column.values.size();
  return column.kind == ValueLaw::Kind::kConstant ? 1 : column.count;
}

core::Law RowLaw(const HostSet& set) {
  core::Law law;
  law.count = HostCount(set);
  if (set.pick == "each") {
    law.kind = core::Law::Kind::kArithmetic;
    law.step = 1;
  } else if (set.pick == "uniform") {
    law.kind = core::Law::Kind::kUniform;
  } else {
    law.kind = core::Law::Kind::kAlias;
    for (uint64_t i = 0; i < law.count; ++i) {
      law.values.push_back(i);
      law.weights.push_back(set.pick == "zipf" ? std::pow(static_cast<double>(i + 1), -set.zipf)
                                               : set.weights[i]);
    }
  }
  return law;
}

// 02 (locally administered), zeros if there is room, 16 bits of the set's name, 24 bits of the
// host's number.
Rows DerivedAddresses(const std::string& name, uint64_t count, uint16_t bits) {
  Rows rows;
  rows.start = (uint128{0x02} << (bits - 8)) | (uint128{NameKey(name) & 0xffff} << 24);
  rows.step = 1;
  rows.count = count;
  return rows;
}

// The counter's values in an order that the set's name makes, whatever the seed: who the hosts are
// is no matter of chance.
std::optional<Rows> ScatteredRows(Context& context, const ValueLaw& column, uint64_t hosts,
                                  const packet::FieldSpec& field, const std::string& set) {
  const auto counted = CounterRows(context, column, field);
  if (!counted) return std::nullopt;
  if (hosts > kMaxListed) {
    context.faults.Add(column.place, Concat("a permutation of ", hosts, " hosts"),
                       Concat("a \"count\" of hosts of at most ", kMaxListed));
    return std::nullopt;
  }
  Rows rows;
  rows.count = std::min(hosts, counted->count);
  for (uint64_t i = 0; i < rows.count; ++i) {
    rows.list.push_back(counted->At(Permuted(NameKey(set), i, counted->count)));
  }
  return rows;
}

// One value per host; columns shorter than the set begin again.
std::optional<Rows> ColumnRows(Context& context, const ValueLaw& column, uint64_t hosts,
                               const packet::FieldSpec& field, const std::string& set) {
  Rows rows;
  if (column.kind == ValueLaw::Kind::kIncrement || column.kind == ValueLaw::Kind::kDecrement) {
    ValueLaw counter = column;
    if (counter.count == 0 || counter.count > hosts) counter.count = hosts;
    const auto counted = CounterRows(context, counter, field);
    if (!counted) return std::nullopt;
    rows = *counted;
  } else if (column.kind == ValueLaw::Kind::kPermutation) {
    const auto scattered = ScatteredRows(context, column, hosts, field, set);
    if (!scattered) return std::nullopt;
    rows = *scattered;
  } else {
    for (const Literal& literal : column.values) {
      const auto value = ParseLiteral(context, column.place, literal, field);
      if (!value) return std::nullopt;
      rows.list.push_back(*value);
    }
    rows.count = rows.list.size();
  }
  if (rows.count >= hosts || rows.count == 1) return rows;
  if (hosts > kMaxListed) {
    context.faults.Add(column.place, Concat("a column that repeats within ", hosts, " hosts"),
                       Concat("at most ", kMaxListed, " hosts, or a column as long as the set"));
    return std::nullopt;
  }
  Rows listed;
  listed.count = hosts;
  for (uint64_t i = 0; i < hosts; ++i) listed.list.push_back(rows.At(i % rows.count));
  return listed;
}

// The set that says a field's address: for where the other side of a conversation sends to, the one
// as which the hosts are seen.
std::pair<std::string, const ValueLaw*> ColumnOf(const Context& context, const HostUse& use,
                                                 const packet::FieldSpec& field,
                                                 std::string_view column) {
  const HostSet* seen = use.conversation && field.name.starts_with("dst")
                            ? FindNamed(context.t.hosts, use.set->seen_as)
                            : nullptr;
  const ValueLaw* law = seen ? FindNamed(seen->columns, column) : nullptr;
  if (law) return {use.set->seen_as, law};
  return {use.name, FindNamed(use.set->columns, column)};
}

}  // namespace

uint64_t HostCount(const HostSet& set) {
  if (set.count) return *set.count;
  uint64_t count = 1;
  for (const auto& [name, column] : set.columns) count = std::max(count, ColumnCount(column));
  return count;
}

std::optional<HostUse> ResolveHost(Context& context, const FlowNames& names, const Place& place,
                                   const std::string& name, std::optional<Scope> per) {
  HostUse use;
  use.name = name;
  use.conversation = names.surface && names.surface->conversation;
  const Binding* role = names.group ? FindNamed(names.group->bind, name) : nullptr;
  if (role) {
    use.name = role->host;
    use.draw = Concat("role ", name);
    use.scope = role->per.value_or(Scope::kInstance);
    use.set = FindNamed(context.t.hosts, role->host);
    // The same role name may mean another set in another group.
    if (use.set) use.draw = Concat("role ", name, " ", role->host);
  } else {
    const Scope fallback = !use.conversation ? Scope::kPacket
                           : names.group     ? Scope::kInstance
                                             : Scope::kPass;
    use.draw = Concat("host ", name);
    use.scope = per.value_or(fallback);
    use.set = FindNamed(context.t.hosts, name);
  }
  if (role && per) {
    context.faults.Add(place, "\"per\" beside a role", "\"per\" where the role is bound");
    return std::nullopt;
  }
  if (!use.set) {
    std::vector<std::string> known = NamesOf(context.t.hosts);
    if (names.group) {
      for (const std::string& bound : NamesOf(names.group->bind)) known.push_back(bound);
    }
    context.faults.Add(
        place, Concat("the undefined host set ", Quote(name), " in flow ", Quote(names.flow)),
        known.empty() ? "a host set or role, but there is none" : OneOf(known),
        Nearest(name, known));
    return std::nullopt;
  }
  return use;
}

std::optional<Rows> HostRows(Context& context, const HostUse& use, const Place& place,
                             const packet::FieldSpec& field) {
  const std::string column_name(ColumnFor(field));
  const ValueLaw* column = ColumnOf(context, use, field, column_name).second;
  const uint64_t count = HostCount(*use.set);
  if (!column && column_name != "mac" && column_name != "eui64") {
    context.faults.Add(place, Concat("hosts ", Quote(use.name)),
                       column_name.empty()
                           ? Concat("a value: no column of a host set fits ", Quote(field.name))
                           : Concat("a host set with a column ", Quote(column_name)));
    return std::nullopt;
  }
  return column ? ColumnRows(context, *column, count, field, use.name)
                : std::optional<Rows>(DerivedAddresses(use.name, count, field.bits));
}

std::optional<FieldValue> LowerHost(Context& context, const HostUse& use, const Place& place,
                                    const packet::FieldSpec& field) {
  const uint64_t count = HostCount(*use.set);
  if (use.set->pick == "weights" && use.set->weights.size() != count) {
    context.faults.Add(use.set->place, Concat(use.set->weights.size(), " weights"),
                       Concat(count, ", one per host"));
    return std::nullopt;
  }
  if (count > kMaxListed && (use.set->pick == "weights" || use.set->pick == "zipf")) {
    context.faults.Add(use.set->place, Concat(count, " hosts picked by weight"),
                       Concat("at most ", kMaxListed));
    return std::nullopt;
  }
  const auto rows = HostRows(context, use, place, field);
  if (!rows) return std::nullopt;
  FieldValue value;
  const uint32_t draw = count == 1 ? core::kNone
                                   : SharedDraw(context, use.draw, ToCore(use.scope),
                                                [&] { return RowLaw(*use.set); });
  const std::string_view column = ColumnFor(field);
  const std::string set_name = ColumnOf(context, use, field, column).first;
  const std::string key = Concat("host ", use.name, " as ", set_name, " ", column);
  if (!AddPieces(context, place, *rows, field, draw, key, value)) return std::nullopt;
  return value;
}

}  // namespace spate::tmpl
