#include "template/desugar/value.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "base/text.h"
#include "packet/frame.h"
#include "template/limits.h"
#include "template/surface/laws.h"

namespace spate::tmpl {
namespace {

using ValueKind = ValueLaw::Kind;
using LawKind = core::Law::Kind;

constexpr uint16_t kWordBits = 64;

// Numbers of programs, unlike fields, are signed: a negative one is its complement, here to 128
// bits and in the core to 64.
constexpr packet::FieldSpec kNumber = {.name = "a number", .bits = 64};
bool IsNumber(const packet::FieldSpec& field) { return field.name == kNumber.name; }

uint128 FromBytes(const std::vector<uint8_t>& bytes) {
  uint128 value = 0;
  for (uint8_t byte : bytes) value = (value << 8) | byte;
  return value;
}

std::vector<uint8_t> ToValueBytes(uint128 value, uint16_t bits) {
  std::vector<uint8_t> bytes((bits + 7u) / 8u);
  for (size_t i = bytes.size(); i-- > 0; value >>= 8) bytes[i] = static_cast<uint8_t>(value);
  return bytes;
}

// "x" for "dst_port", as a fault's message has it.
std::string ForField(const Literal& literal, const packet::FieldSpec& field) {
  const std::string text = LiteralText(literal);
  const bool quoted = std::holds_alternative<std::string>(literal);
  return Concat(quoted ? Quote(text) : text, " for ", Quote(field.name));
}

uint128 MaxOf(const packet::FieldSpec& field) {
  return field.bits >= 128 ? ~uint128{0} : (uint128{1} << field.bits) - 1;
}

uint64_t Word(uint128 value, uint32_t low_bit) { return static_cast<uint64_t>(value >> low_bit); }

// Whether the bits of a word from `low_bit` on are the same in all rows, or affine in them.
struct Shape {
  bool constant = false, affine = false;
};
Shape ShapeOf(const Rows& rows, uint32_t low_bit) {
  if (rows.count == 1) return {true, true};
  if (!rows.list.empty()) {
    const uint64_t first = Word(rows.list[0], low_bit);
    return {std::all_of(rows.list.begin(), rows.list.end(),
                        [&](uint128 v) { return Word(v, low_bit) == first; }),
            false};
  }
  // A counter moves one of its words, unless it crosses from the low one into the high one; then
  // both must be written out.
  const bool moves_high = Word(rows.start, kWordBits) != Word(rows.At(rows.count - 1), kWordBits);
  const bool moves_low = Word(rows.step, 0) != 0;
  const bool moves = low_bit == 0 ? moves_low : moves_high;
  return {!moves, !(moves_high && moves_low)};
}

// Values of `law` as numbers, for laws that list them.
std::optional<std::vector<uint128>> Listed(Context& context, const ValueLaw& law,
                                           const packet::FieldSpec& field) {
  std::vector<uint128> values;
  for (const Literal& literal : law.values) {
    const auto value = ParseLiteral(context, law.place, literal, field);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

std::optional<Rows> RandomRows(Context& context, const ValueLaw& law,
                               const packet::FieldSpec& field) {
  const auto min = ParseLiteral(context, law.place, law.min, field);
  const auto max = ParseLiteral(context, law.place, law.max, field);
  if (!min || !max) return std::nullopt;
  const bool empty =
      IsNumber(field) ? static_cast<int128>(*min) > static_cast<int128>(*max) : *min > *max;
  if (empty || *max - *min >= UINT64_MAX) {
    context.faults.Add(law.place,
                       Concat("a range from ", LiteralText(law.min), " to ", LiteralText(law.max)),
                       empty ? "\"min\" at most \"max\"" : "a range of less than 2^64 values");
    return std::nullopt;
  }
  return Rows{{}, *min, 1, static_cast<uint64_t>(*max - *min) + 1};
}

// Which rows a law can take, and how one of them is chosen.
struct RowChoice {
  Rows rows;
  core::Law law;  // of the row number
};

core::Law WeightedRows(const std::vector<double>& weights) {
  core::Law law;
  law.kind = LawKind::kAlias;
  law.weights = weights;
  for (uint64_t i = 0; i < weights.size(); ++i) law.values.push_back(i);
  return law;
}

std::optional<RowChoice> DistributionRows(Context& context, const ValueLaw& law,
                                          const packet::FieldSpec& field);

std::optional<RowChoice> ChooseRows(Context& context, const ValueLaw& law,
                                    const packet::FieldSpec& field) {
  if (law.kind == ValueKind::kDistribution) return DistributionRows(context, law, field);
  std::optional<Rows> rows;
  core::Law chooser;
  chooser.kind = LawKind::kArithmetic;
  chooser.step = 1;
  if (law.kind == ValueKind::kIncrement || law.kind == ValueKind::kDecrement ||
      law.kind == ValueKind::kPermutation) {
    rows = CounterRows(context, law, field);
    chooser.permuted = law.kind == ValueKind::kPermutation;
  } else if (law.kind == ValueKind::kRandom) {
    rows = RandomRows(context, law, field);
    chooser = {};
    chooser.kind = LawKind::kUniform;
  } else {
    auto list = Listed(context, law, field);
    if (!list || list->empty()) return std::nullopt;
    if (law.kind == ValueKind::kWeighted) chooser = WeightedRows(law.weights);
    rows = Rows{std::move(*list), 0, 0, law.values.size()};
  }
  if (!rows) return std::nullopt;
  if (chooser.kind != LawKind::kAlias) chooser.count = rows->count;
  chooser.balanced = law.balanced.value_or(0);
  return RowChoice{*std::move(rows), std::move(chooser)};
}

// The distribution as a table of whole numbers. Fields hold no numbers below 0.
std::optional<RowChoice> DistributionRows(Context& context, const ValueLaw& law,
                                          const packet::FieldSpec& field) {
  const bool plain = field.kind == packet::FieldKind::kUint && field.bits <= kWordBits;
  if (!plain) {
    context.faults.Add(law.place, Concat("a distribution for ", Quote(field.name)),
                       "a field of numbers");
    return std::nullopt;
  }
  const auto prepared =
      Prepare(*law.distribution, IsNumber(field) ? Domain::kNumbers : Domain::kTimes);
  if (!prepared.ok()) {
    context.faults.Add(
        law.place, Concat("the law ", Quote(law.distribution->kind), " for ", Quote(field.name)),
        std::string(prepared.status().message()));
    return std::nullopt;
  }
  const std::vector<double> knots = Knots(*prepared);
  const double most = IsNumber(field) ? 0x1p62 : std::min(std::ldexp(1.0, field.bits) - 1, 0x1p62);
  if (knots.back() > most || knots.front() < -0x1p62) {
    const bool high = knots.back() > most;
    context.faults.Add(
        law.place,
        Concat("values ", high ? "up to " : "down to ", high ? knots.back() : knots.front(),
               " for ", Quote(field.name)),
        Concat(high ? "\"max\" of at most " : "\"min\" of at least ", high ? most : -0x1p62));
    return std::nullopt;
  }
  RowChoice choice;
  choice.rows = {{}, 0, 1, static_cast<uint64_t>(most)};
  choice.law.kind = LawKind::kQuantiles;
  choice.law.balanced = law.balanced.value_or(0);
  for (const double knot : knots) {
    choice.law.values.push_back(static_cast<uint64_t>(std::llround(knot)));
  }
  return choice;
}

// The law of the values themselves, for values of at most 64 bits.
core::Law Direct(const RowChoice& choice) {
  core::Law law = choice.law;
  if (!choice.rows.list.empty()) {
    if (law.kind != LawKind::kAlias) law = {LawKind::kList, 0, 0, 1, {}, {}, law.balanced};
    law.values.clear();
    for (uint128 value : choice.rows.list) law.values.push_back(static_cast<uint64_t>(value));
  } else {
    law.start = static_cast<uint64_t>(choice.rows.start);
    if (law.kind == LawKind::kArithmetic) law.step = static_cast<uint64_t>(choice.rows.step);
  }
  return law;
}

const NamedDraw* FindDraw(const Context& context, const FlowNames& names, const std::string& name) {
  const NamedDraw* own = FindNamed(names.draws, name);
  return own ? own : FindNamed(context.t.draws, name);
}

std::optional<RowChoice> TableRows(Context& context, const ValueLaw& law,
                                   const packet::FieldSpec& field) {
  const Table* table = FindNamed(context.t.tables, law.name);
  const auto column = std::find(table->columns.begin(), table->columns.end(), law.column);
  const auto at = static_cast<size_t>(column - table->columns.begin());
  RowChoice choice;
  for (const auto& row : table->rows) {
    const auto value = ParseLiteral(context, law.place, row[at], field);
    if (!value) return std::nullopt;
    choice.rows.list.push_back(*value);
  }
  choice.rows.count = table->rows.size();
  choice.law = table->weights.empty()
                   ? core::Law{LawKind::kUniform, 0, 0, choice.rows.count, {}, {}, 0}
                   : WeightedRows(table->weights);
  return choice;
}

std::optional<FieldValue> LowerConstant(Context& context, const ValueLaw& law,
                                        const packet::FieldSpec& field) {
  FieldValue value;
  const auto bytes = packet::ParseField(field, LiteralText(law.values[0]));
  if (!bytes.ok()) {
    context.faults.Add(law.place, ForField(law.values[0], field),
                       std::string(bytes.status().message()));
    return std::nullopt;
  }
  value.constant = *bytes;
  return value;
}

std::optional<FieldValue> LowerVariable(Context& context, const FlowNames& names,
                                        const ValueLaw& law, const packet::FieldSpec& field) {
  if (field.bits > kWordBits) {
    context.faults.Add(law.place, Concat("the variable ", Quote(law.name)),
                       "a field of at most 64 bits");
    return std::nullopt;
  }
  const auto slot = SlotOf(context, names, law.name, law.place);
  if (!slot) return std::nullopt;
  FieldValue value;
  value.constant = ToValueBytes(0, field.bits);
  value.pieces.push_back({0, field.bits, core::Patch::Source::kVariable, *slot, core::kNone});
  return value;
}

}  // namespace

std::string LiteralText(const Literal& literal) {
  if (const auto* text = std::get_if<std::string>(&literal)) return *text;
  if (const auto* i = std::get_if<int64_t>(&literal)) return Concat(*i);
  if (const auto* u = std::get_if<uint64_t>(&literal)) return Concat(*u);
  const double number = std::get<double>(literal);
  if (std::trunc(number) == number && std::fabs(number) < 1e15) {
    return Concat(static_cast<int64_t>(number));
  }
  return Concat(number);
}

std::optional<uint128> ParseLiteral(Context& context, const Place& place, const Literal& literal,
                                    const packet::FieldSpec& field) {
  const std::string text = LiteralText(literal);
  int64_t number = 0;
  if (IsNumber(field) && text.starts_with('-') && absl::SimpleAtoi(text, &number)) {
    return static_cast<uint128>(int128{number});
  }
  const auto bytes = packet::ParseField(field, text);
  if (bytes.ok() && bytes->size() <= sizeof(uint128)) return FromBytes(*bytes);
  context.faults.Add(
      place, ForField(literal, field),
      bytes.ok() ? "a plain value: bytes cannot vary" : std::string(bytes.status().message()));
  return std::nullopt;
}

std::optional<Rows> CounterRows(Context& context, const ValueLaw& law,
                                const packet::FieldSpec& field) {
  // Steps of addresses may be written as numbers too.
  packet::FieldSpec plain = field;
  const bool address_step = std::holds_alternative<std::string>(law.step);
  if (!address_step) plain.kind = packet::FieldKind::kUint;
  if (!address_step) plain.bits = std::min<uint16_t>(field.bits, kWordBits);
  const auto start = ParseLiteral(context, law.place, law.start, field);
  const auto step = ParseLiteral(context, law.place, law.step, plain);
  if (!start || !step) return std::nullopt;
  const bool up = law.kind != ValueKind::kDecrement;
  // Without a count an IPv6 address counts in its lower half, the interface's (RFC 4291).
  const bool low_half = field.bits > kWordBits && law.count == 0 && Word(*step, 0) == *step;
  const uint128 top = low_half ? *start | UINT64_MAX : MaxOf(field);
  const uint128 room = up ? top - *start : low_half ? Word(*start, 0) : *start;
  // How many values there are until the counter would leave the field.
  const uint128 fit = *step == 0 ? 1 : room / *step + (room / *step < UINT64_MAX ? 1 : 0);
  Rows rows;
  rows.start = *start;
  rows.step = up ? *step : -*step;
  rows.count =
      law.count > 0 ? law.count : static_cast<uint64_t>(std::min<uint128>(fit, UINT64_MAX));
  if (rows.count > fit && *step != 0) {
    context.faults.Add(law.place,
                       Concat(rows.count, " values from ", LiteralText(law.start), " in steps of ",
                              LiteralText(law.step)),
                       Concat("at most ", static_cast<uint64_t>(fit), " for ", Quote(field.name),
                              " of ", field.bits, " bits"));
    return std::nullopt;
  }
  return rows;
}

bool AddPieces(Context& context, const Place& place, const Rows& rows,
               const packet::FieldSpec& field, uint32_t draw, const std::string& key,
               FieldValue& out) {
  uint128 constant = 0;
  for (uint32_t low = 0; low < field.bits; low += kWordBits) {
    const Shape shape = ShapeOf(rows, low);
    if (shape.constant || draw == core::kNone) {
      constant |= uint128{Word(rows.At(0), low)} << low;
      continue;
    }
    core::Column column{{}, Word(rows.start, low), Word(rows.step, low)};
    if (!shape.affine) {
      if (rows.count > kMaxListed) {
        context.faults.Add(place, Concat(rows.count, " addresses across a 64-bit boundary"),
                           Concat("at most ", kMaxListed, " of them"));
        return false;
      }
      for (uint64_t i = 0; i < rows.count; ++i) column.values.push_back(Word(rows.At(i), low));
    }
    const auto [known, added] = context.columns.try_emplace(
        Concat(key, " ", field.bits, "/", low), static_cast<uint32_t>(context.out.columns.size()));
    if (added) context.out.columns.push_back(std::move(column));
    const auto bits = static_cast<uint16_t>(std::min<uint32_t>(kWordBits, field.bits - low));
    out.pieces.push_back({low, bits, core::Patch::Source::kDraw, draw, known->second});
  }
  out.constant = ToValueBytes(constant, field.bits);
  return true;
}

std::optional<FieldValue> LowerField(Context& context, const FlowNames& names, const ValueLaw& law,
                                     const packet::FieldSpec& field, const std::string& path) {
  if (law.kind == ValueKind::kConstant) return LowerConstant(context, law, field);
  if (field.bits == 0) {
    context.faults.Add(law.place, Concat("a law for ", Quote(field.name)),
                       "a plain value: bytes of variable length cannot vary");
    return std::nullopt;
  }
  if (law.kind == ValueKind::kVariable) return LowerVariable(context, names, law, field);
  if (law.kind == ValueKind::kHost) {
    const auto use = ResolveHost(context, names, law.place, law.name, law.per);
    return use ? LowerHost(context, *use, law.place, field) : std::nullopt;
  }
  FieldValue value;
  core::Scope scope = ToCore(law.per.value_or(Scope::kPacket));
  if (law.kind == ValueKind::kRow || law.kind == ValueKind::kDraw) {
    const NamedDraw* named =
        law.kind == ValueKind::kDraw ? FindDraw(context, names, law.name) : nullptr;
    if (named) scope = ToCore(named->law.per.value_or(Scope::kPacket));
    const auto choice =
        named ? ChooseRows(context, named->law, field) : TableRows(context, law, field);
    if (!choice) return std::nullopt;
    // The flow's own draws (client ports) are salted alike in every flow: their keys differ.
    const bool own = named && FindNamed(names.draws, law.name);
    const std::string name =
        Concat(named ? "draw " : "table ", law.name, own ? " of " : "", own ? names.flow : "");
    const uint32_t draw = SharedDraw(context, name, scope, [&] { return choice->law; });
    const std::string key = Concat(name, " ", law.column, " ", static_cast<int>(field.kind));
    if (!AddPieces(context, law.place, choice->rows, field, draw, key, value)) return std::nullopt;
    return value;
  }
  const auto choice = ChooseRows(context, law, field);
  if (!choice) return std::nullopt;
  if (field.bits > kWordBits) {
    const uint32_t draw = AddDraw(context, choice->law, scope, path);
    if (!AddPieces(context, law.place, choice->rows, field, draw, path, value)) return std::nullopt;
    return value;
  }
  value.constant = ToValueBytes(0, field.bits);
  value.pieces.push_back({0, field.bits, core::Patch::Source::kDraw,
                          AddDraw(context, Direct(*choice), scope, path), core::kNone});
  return value;
}

std::optional<uint32_t> SlotOf(Context& context, const FlowNames& names, const std::string& name,
                               const Place& place) {
  const auto own = std::find(names.variables.begin(), names.variables.end(), name);
  if (own != names.variables.end()) return static_cast<uint32_t>(own - names.variables.begin());
  std::vector<std::string> known = names.variables;
  if (names.group) {
    const std::vector<std::string> shared = NamesOf(names.group->variables);
    const auto slot = std::find(shared.begin(), shared.end(), name);
    if (slot != shared.end()) return core::kShared | static_cast<uint32_t>(slot - shared.begin());
    known.insert(known.end(), shared.begin(), shared.end());
  }
  std::erase_if(known, [](const std::string& hidden) { return hidden.starts_with("("); });
  context.faults.Add(
      place, Concat("the undefined variable ", Quote(name), " in flow ", Quote(names.flow)),
      known.empty() ? "a variable declared under \"vars\"" : OneOf(known), Nearest(name, known));
  return std::nullopt;
}

core::Operand ToOperand(Context& context, const NumberValue& value) {
  using OperandKind = core::Operand::Kind;
  if (value.variable) return {OperandKind::kVariable, *value.variable};
  if (value.law.kind == LawKind::kConstant) return {OperandKind::kConstant, value.law.start};
  return {OperandKind::kDraw, AddDraw(context, value.law, value.scope, value.salt)};
}

std::optional<NumberValue> LowerNumber(Context& context, const FlowNames& names,
                                       const ValueLaw& law, Scope scope, const std::string& path) {
  NumberValue out{{}, ToCore(law.per.value_or(scope)), path, std::nullopt};
  if (law.kind == ValueKind::kVariable) {
    out.variable = SlotOf(context, names, law.name, law.place);
    if (!out.variable) return std::nullopt;
    return out;
  }
  if (law.kind == ValueKind::kHost) {
    context.faults.Add(law.place, Concat("hosts ", Quote(law.name)), "a law of numbers");
    return std::nullopt;
  }
  if (law.kind == ValueKind::kConstant) {
    const auto value = ParseLiteral(context, law.place, law.values[0], kNumber);
    if (!value) return std::nullopt;
    out.law.start = static_cast<uint64_t>(*value);
    return out;
  }
  const NamedDraw* named =
      law.kind == ValueKind::kDraw ? FindDraw(context, names, law.name) : nullptr;
  const auto choice = named                         ? ChooseRows(context, named->law, kNumber)
                      : law.kind == ValueKind::kRow ? TableRows(context, law, kNumber)
                                                    : ChooseRows(context, law, kNumber);
  if (!choice) return std::nullopt;
  if (named) {
    out.scope = ToCore(named->law.per.value_or(Scope::kPacket));
    out.salt = Concat("draw ", law.name);
  } else if (law.kind == ValueKind::kRow) {
    out.salt = Concat("table ", law.name);
  }
  out.law = Direct(*choice);
  return out;
}

std::optional<NumberValue> LowerCount(Context& context, const FlowNames& names, const ValueLaw& law,
                                      const std::string& path) {
  auto count = LowerNumber(context, names, law, Scope::kPacket, path);
  if (!count || count->variable || RangeOf(count->law).min >= 0) return count;
  context.faults.Add(law.place, Concat("a count of ", RangeOf(count->law).min), "a count ≥ 0");
  return std::nullopt;
}

}  // namespace spate::tmpl
