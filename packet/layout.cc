#include "packet/layout.h"

#include <algorithm>

#include "packet/bits.h"

namespace spate::packet {
namespace {

// The bytes of a variable value at the begin of `rest`, by its own end: a closing text, or the
// empty label of a name. nullopt: the end is not there.
std::optional<size_t> SelfDelimited(const FieldSpec& field, std::span<const uint8_t> rest) {
  if (!field.suffix.empty()) {
    const std::string_view text(reinterpret_cast<const char*>(rest.data()), rest.size());
    const size_t at = text.find(field.suffix);
    return at == std::string_view::npos ? std::nullopt : std::optional(at);
  }
  size_t at = 0;
  while (at < rest.size() && rest[at] != 0) {
    const bool pointer = rest[at] >= 0xc0;
    at += pointer ? 2u : rest[at] + 1u;
    if (pointer) return at <= rest.size() ? std::optional(at) : std::nullopt;
  }
  return at < rest.size() ? std::optional(at + 1) : std::nullopt;
}

uint64_t BigEndian(std::span<const uint8_t> bytes) {
  uint64_t value = 0;
  for (uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

class Reader {
 public:
  Reader(const HeaderSpec& spec, std::span<const uint8_t> bytes)
      : spec_(spec), bytes_(bytes), limit_(bytes.size()) {}

  std::optional<Layout> Run() {
    bit_ = size_t{spec_.fixed_bytes} * 8;
    if (bytes_.size() < spec_.fixed_bytes || !FindLimit()) return std::nullopt;
    for (const FieldSpec& field : spec_.fields) {
      if (!field.tail()) continue;
      there_ = IsThere(field);
      if (there_ && !Take(field)) return std::nullopt;
    }
    layout_.bytes = bounded_ ? limit_ : (bit_ + 7) / 8;
    return std::move(layout_);
  }

 private:
  // A header that says its own length ends there, whatever its fields are.
  bool FindLimit() {
    for (const FieldSpec& field : spec_.fields) {
      if (field.derived != Derived::kHeaderLength || !field.of.empty()) continue;
      const uint64_t number = GetBits(bytes_.data(), field.bit_offset, field.bits);
      const uint64_t length = number * field.unit + field.less;
      if (length < spec_.fixed_bytes || length > bytes_.size()) return false;
      limit_ = length;
      bounded_ = true;
    }
    return true;
  }

  size_t left() const { return limit_ - std::min(limit_, (bit_ + 7) / 8); }
  std::span<const uint8_t> rest() const { return bytes_.subspan(limit_ - left(), left()); }

  bool IsThere(const FieldSpec& field) const {
    if (field.with_previous) return there_;
    if (!Met(field.when, bytes_.first(limit_))) return false;
    if (!field.optional) return true;
    if (field.prefix.empty()) return left() > 0;
    return HasPrefix(field);
  }

  bool HasPrefix(const FieldSpec& field) const {
    const std::string_view prefix = field.prefix;
    if (left() < prefix.size()) return false;
    const std::string_view at(reinterpret_cast<const char*>(rest().data()), prefix.size());
    if (!field.nibble_length) return at == prefix;
    const bool high = ((at.back() ^ prefix.back()) & 0xf0) == 0;
    return high && at.substr(0, at.size() - 1) == prefix.substr(0, prefix.size() - 1);
  }

  bool Take(const FieldSpec& field) {
    if (!field.prefix.empty() && !HasPrefix(field)) return false;
    bit_ += field.prefix.size() * 8;
    const std::optional<size_t> bits = ValueBits(field);
    if (!bits || bit_ + *bits + field.suffix.size() * 8 > limit_ * 8) return false;
    layout_.tail.push_back({&field, static_cast<uint32_t>(bit_), static_cast<uint32_t>(*bits)});
    bit_ += *bits + field.suffix.size() * 8;
    return true;
  }

  // Steps over a length of its own. nullopt: not wholly there.
  std::optional<size_t> ValueBits(const FieldSpec& field) {
    const LengthRule* rule = spec_.LengthOf(field);
    if (rule != nullptr && rule->form == LengthForm::kVarint) return VarintBits();
    const bool digits = rule != nullptr && rule->form == LengthForm::kDecimal;
    if (!field.variable() && !digits) return field.bits;
    if (field.kind == FieldKind::kMark) return 0;
    if (field.nibble_length) return (bytes_[bit_ / 8 - 1] & 0xfu) * 8;
    if (field.own_length > 0) {
      if (left() < field.own_length) return std::nullopt;
      const uint64_t length = BigEndian(rest().first(field.own_length));
      bit_ += field.own_length * 8u;
      if (length < field.length_adds || length - field.length_adds > left()) return std::nullopt;
      return (length - field.length_adds) * 8;
    }
    if (const std::optional<size_t> counted = Counted(field)) return *counted * 8;
    if (field.suffix.empty() && field.kind != FieldKind::kName) return left() * 8;
    const std::optional<size_t> bytes = SelfDelimited(field, rest());
    return bytes ? std::optional(*bytes * 8) : std::nullopt;
  }

  std::optional<size_t> VarintBits() const {
    const auto bytes = rest();
    for (size_t i = 0; i < std::min<size_t>(bytes.size(), 4); ++i) {
      if (bytes[i] < 0x80) return (i + 1) * 8;
    }
    return std::nullopt;
  }

  // The size of a value that another field of the header counts.
  std::optional<size_t> Counted(const FieldSpec& value) const {
    for (const FieldSpec& field : spec_.fields) {
      if (field.derived != Derived::kHeaderLength || field.of != value.name) continue;
      const auto place = layout_.PlaceOf(field);
      if (!place) return std::nullopt;
      return GetBits(bytes_.data(), place->bit, field.bits) * field.unit + field.less;
    }
    return std::nullopt;
  }

  const HeaderSpec& spec_;
  const std::span<const uint8_t> bytes_;
  size_t limit_;
  size_t bit_ = 0;
  bool bounded_ = false, there_ = false;
  Layout layout_;
};

}  // namespace

std::optional<FieldPlace> Layout::PlaceOf(const FieldSpec& field) const {
  if (!field.tail()) {
    if (field.part != Part::kFixed) return std::nullopt;
    return FieldPlace{&field, field.bit_offset, field.bits};
  }
  const auto it = std::ranges::find(tail, &field, &FieldPlace::field);
  return it == tail.end() ? std::nullopt : std::optional(*it);
}

bool Met(const When& when, std::span<const uint8_t> header) {
  if (when.mask == 0) return true;
  if (when.byte >= header.size()) return false;
  const uint8_t bits = header[when.byte] & when.mask;
  if (when.values.empty()) return bits != 0;
  return when.values.find(static_cast<char>(bits)) != std::string_view::npos;
}

size_t LengthStart(const HeaderSpec& spec, const LengthRule& rule, const Layout& layout) {
  if (rule.after_header) return layout.bytes;
  if (!rule.after_field) return rule.skip;
  const auto place = layout.PlaceOf(*spec.Find(rule.field));
  return place ? (place->bit + place->bits) / 8 : layout.bytes;
}

std::optional<Layout> Parse(const HeaderSpec& spec, std::span<const uint8_t> bytes) {
  return Reader(spec, bytes).Run();
}

std::vector<uint8_t> ReadField(const HeaderSpec& spec, const FieldSpec& field,
                               std::span<const uint8_t> header) {
  const auto layout = Parse(spec, header);
  const auto place = layout ? layout->PlaceOf(field) : std::nullopt;
  if (!place || (size_t{place->bit} + place->bits + 7) / 8 > header.size()) return {};
  const auto value = header.subspan(place->bit / 8);
  if (field.variable()) return {value.begin(), value.begin() + place->bits / 8};
  std::vector<uint8_t> bytes((field.bits + 7u) / 8);
  const LengthRule* rule = spec.LengthOf(field);
  if (rule != nullptr && rule->form != LengthForm::kBinary) {
    uint64_t number = 0;
    for (size_t i = place->bits / 8; i-- > 0;) {
      number = rule->form == LengthForm::kVarint ? number << 7 | (value[i] & 0x7f) : number;
    }
    for (size_t i = 0; i < place->bits / 8 && rule->form == LengthForm::kDecimal; ++i) {
      number = number * 10 + static_cast<uint8_t>(value[i] - '0') % 10u;
    }
    PutBits(bytes.data(), 0, field.bits, number);
    return bytes;
  }
  size_t bit = size_t{place->bit} + field.bits, left = field.bits;
  for (size_t i = bytes.size(); i-- > 0;) {
    const auto take = static_cast<unsigned>(std::min<size_t>(left, 8));
    bit -= take;
    left -= take;
    bytes[i] = static_cast<uint8_t>(GetBits(header.data(), bit, take));
  }
  if (field.little_endian) std::ranges::reverse(bytes);
  return bytes;
}

std::string FieldText(const HeaderSpec& spec, std::string_view field,
                      std::span<const uint8_t> bytes) {
  const FieldSpec* found = spec.Find(field);
  const auto layout = Parse(spec, bytes);
  if (found == nullptr || !layout || !layout->PlaceOf(*found)) return "";
  return FormatField(*found, ReadField(spec, *found, bytes));
}

uint64_t FieldNumber(const HeaderSpec& spec, std::string_view field,
                     std::span<const uint8_t> bytes) {
  const FieldSpec* found = spec.Find(field);
  if (found == nullptr) return 0;
  const std::vector<uint8_t> value = ReadField(spec, *found, bytes);
  return BigEndian(value);
}

}  // namespace spate::packet
