// One header's bytes from its values.
#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/text.h"
#include "packet/bits.h"
#include "packet/layout.h"

namespace spate::packet {
namespace {

absl::Status Error(const HeaderSpec& header, std::string_view field, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(AsAbsl(header.name), ".", AsAbsl(field), ": ", AsAbsl(what)));
}

// The bits that `bytes` need as a number.
size_t Width(std::span<const uint8_t> bytes) {
  const auto first = std::ranges::find_if(bytes, [](uint8_t b) { return b != 0; });
  if (first == bytes.end()) return 0;
  return static_cast<size_t>(bytes.end() - first - 1) * 8 + std::bit_width(*first);
}

uint32_t Number(std::span<const uint8_t> bytes) {
  uint32_t value = 0;
  for (uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

// Writes fields into bytes that grow with them.
class Writer {
 public:
  Writer(const HeaderValues& values, std::vector<uint8_t>& bytes)
      : values_(values), spec_(*values.spec), bytes_(bytes) {}

  // The field's given or preset value at `bit`; derived values come later.
  absl::Status PutFixed(const FieldSpec& field, size_t bit) {
    const FieldValue* given = Given(values_, &field);
    if (given != nullptr && !given->bytes.empty()) {
      SPATE_RETURN_IF_ERROR(PutGiven(field, given->bytes, bit));
    } else {
      const unsigned high = field.bits > 64 ? field.bits - 64u : 0;
      PutBits(bytes_.data(), bit, high, field.preset_high);
      PutBits(bytes_.data(), bit + high, field.bits - high, field.preset);
    }
    uint8_t* const at = bytes_.data() + bit / 8;
    if (field.little_endian) std::reverse(at, at + field.bits / 8);
    return absl::OkStatus();
  }

  void PutText(std::string_view text) { bytes_.insert(bytes_.end(), text.begin(), text.end()); }

  // Appends a variable value with its own length; returns its place.
  absl::StatusOr<FieldPlace> AppendVariable(const FieldSpec& field) {
    const FieldValue* given = Given(values_, &field);
    const std::vector<uint8_t> value =
        given != nullptr
            ? given->bytes
            : std::vector<uint8_t>(field.preset_bytes.begin(), field.preset_bytes.end());
    const size_t length = value.size() + field.length_adds;
    if (field.nibble_length) {
      if (length > 12) {
        return Error(spec_, field.name, absl::StrCat(length, " bytes; at most 12"));
      }
      bytes_.back() = static_cast<uint8_t>(bytes_.back() | length);
    }
    if (field.own_length > 0 && field.own_length < 4 && length >> (8 * field.own_length) != 0) {
      return Error(spec_, field.name,
                   absl::StrCat(value.size(), " bytes are too many for a length of ",
                                field.own_length, " bytes"));
    }
    for (unsigned i = field.own_length; i-- > 0;) {
      bytes_.push_back(static_cast<uint8_t>(length >> (8 * i)));
    }
    const auto bit = static_cast<uint32_t>(bytes_.size() * 8);
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return FieldPlace{&field, bit, static_cast<uint32_t>(value.size() * 8)};
  }

 private:
  // Right-aligned, byte by byte; what is missing on the left is zero, as the bytes are.
  absl::Status PutGiven(const FieldSpec& field, const std::vector<uint8_t>& value, size_t bit) {
    if (const size_t width = Width(value); width > field.bits) {
      return Error(spec_, field.name,
                   absl::StrCat("a value of ", width, " bits does not fit ", field.bits, " bits"));
    }
    size_t left = field.bits;
    bit += left;
    for (size_t i = value.size(); i-- > 0 && left > 0;) {
      const auto take = static_cast<unsigned>(std::min<size_t>(left, 8));
      bit -= take;
      left -= take;
      PutBits(bytes_.data(), bit, take, value[i]);
    }
    return absl::OkStatus();
  }

  const HeaderValues& values_;
  const HeaderSpec& spec_;
  std::vector<uint8_t>& bytes_;
};

class Builder {
 public:
  Builder(const HeaderValues& values, size_t rest)
      : values_(values), spec_(*values.spec), rest_(rest), writer_(values, out_.bytes) {}

  absl::StatusOr<Built> Run() {
    out_.bytes.resize(spec_.fixed_bytes);
    for (const FieldSpec& field : spec_.fields) {
      if (field.part != Part::kFixed || field.variable()) continue;
      SPATE_RETURN_IF_ERROR(writer_.PutFixed(field, field.bit_offset));
    }
    for (const FieldValue& value : values_.fields) SPATE_RETURN_IF_ERROR(Imply(*value.field));
    bit_ = out_.bytes.size() * 8;
    for (const FieldSpec& field : spec_.fields) {
      if (field.tail()) SPATE_RETURN_IF_ERROR(AddTail(field));
    }
    if (deferred_) PutOwnLength();
    Pad();
    SPATE_RETURN_IF_ERROR(PutHeaderLengths());
    out_.layout.bytes = out_.bytes.size();
    return std::move(out_);
  }

 private:
  // The bits of a byte that fields were given for.
  uint8_t GivenBits(uint8_t byte, std::string_view& whose) const {
    uint8_t bits = 0;
    for (const FieldValue& value : values_.fields) {
      const FieldSpec& at = *value.field;
      if (at.part != Part::kFixed || at.variable()) continue;
      for (size_t bit = at.bit_offset; bit < size_t{at.bit_offset} + at.bits; ++bit) {
        if (bit / 8 != byte) continue;
        bits = static_cast<uint8_t>(bits | 0x80 >> bit % 8);
        whose = at.name;
      }
    }
    return bits;
  }

  // Who gives a field wants the bits that say it is there, as far as they are not given too.
  absl::Status Imply(const FieldSpec& field) {
    const When& when = field.when;
    if (when.byte >= out_.bytes.size() || Met(when, out_.bytes)) {
      return absl::OkStatus();
    }
    std::string_view whose;
    const uint8_t fixed = GivenBits(when.byte, whose) & when.mask;
    std::string choices(when.values);
    if (when.sets != 0) choices.insert(choices.begin(), static_cast<char>(when.sets));
    if (choices.empty()) choices.push_back(static_cast<char>(when.mask));
    uint8_t& byte = out_.bytes[when.byte];
    for (char choice : choices) {
      const auto bits = static_cast<uint8_t>(choice);
      if (((bits ^ byte) & fixed) != 0) continue;
      byte = static_cast<uint8_t>((byte & ~when.mask) | bits);
      return absl::OkStatus();
    }
    return Error(spec_, field.name, absl::StrCat("not there with this ", AsAbsl(whose)));
  }

  bool GivenWithFollowers(const FieldSpec& field) const {
    if (Given(values_, &field) != nullptr) return true;
    const FieldSpec* const end = spec_.fields.data() + spec_.fields.size();
    for (const FieldSpec* next = &field + 1; next != end && next->with_previous; ++next) {
      if (Given(values_, next) != nullptr) return true;
    }
    return false;
  }

  bool IsThere(const FieldSpec& field) const {
    if (field.with_previous) return there_;
    if (!Met(field.when, out_.bytes)) return false;
    if (!field.optional || field.usual || GivenWithFollowers(field)) return true;
    return field.with_payload && rest_ > 0;
  }

  absl::Status AddTail(const FieldSpec& field) {
    there_ = IsThere(field);
    if (!there_) {
      if (Given(values_, &field) == nullptr) return absl::OkStatus();
      return Error(spec_, field.name, "not there beside the other fields given");
    }
    writer_.PutText(field.prefix);
    bit_ += field.prefix.size() * 8;
    const LengthRule* rule = spec_.LengthOf(field);
    if (rule != nullptr && rule->form != LengthForm::kBinary) {
      deferred_ = out_.layout.tail.size();
      form_ = rule->form;
      out_.layout.tail.push_back({&field, static_cast<uint32_t>(bit_), 0});
    } else if (field.variable()) {
      SPATE_ASSIGN_OR_RETURN(const FieldPlace place, writer_.AppendVariable(field));
      out_.layout.tail.push_back(place);
    } else {
      out_.bytes.resize((bit_ + field.bits + 7) / 8);
      SPATE_RETURN_IF_ERROR(writer_.PutFixed(field, bit_));
      out_.layout.tail.push_back({&field, static_cast<uint32_t>(bit_), field.bits});
      bit_ += field.bits;
      if (field.suffix.empty()) return absl::OkStatus();
    }
    writer_.PutText(field.suffix);
    bit_ = out_.bytes.size() * 8;
    return absl::OkStatus();
  }

  // A length whose width depends on its value: what stands behind it moves.
  void PutOwnLength() {
    FieldPlace& place = out_.layout.tail[*deferred_];
    const FieldValue* given = Given(values_, place.field);
    const bool own_end = spec_.LengthOf(*place.field)->after_field;
    const size_t behind = own_end ? out_.bytes.size() - place.bit / 8 : 0;
    const auto value =
        given != nullptr ? Number(given->bytes) : static_cast<uint32_t>(behind + rest_);
    LengthSite site{.offset = 0, .from = 0, .bytes = 1, .form = form_};
    const uint32_t base = form_ == LengthForm::kVarint ? 128 : 10;
    for (uint32_t left = value / base; left > 0; left /= base) ++site.bytes;
    const auto at = out_.bytes.begin() + place.bit / 8;
    out_.bytes.insert(at, site.bytes, 0);
    PutLength(out_.bytes.data() + place.bit / 8, site, value);
    place.bits = site.bytes * 8u;
    for (size_t i = *deferred_ + 1; i < out_.layout.tail.size(); ++i) {
      out_.layout.tail[i].bit += place.bits;
    }
  }

  // To whole units of the header's length field.
  void Pad() {
    for (const FieldSpec& field : spec_.fields) {
      if (field.derived != Derived::kHeaderLength || !field.of.empty()) continue;
      const size_t over = (out_.bytes.size() + field.unit - field.less % field.unit) % field.unit;
      const size_t fill = (field.unit - over) % field.unit;
      out_.bytes.resize(out_.bytes.size() + fill);
      if (!spec_.pads_with_options || fill < 2) continue;
      uint8_t* option = out_.bytes.data() + out_.bytes.size() - fill;
      option[0] = 1;
      option[1] = static_cast<uint8_t>(fill - 2);
    }
  }

  absl::Status PutHeaderLengths() {
    for (const FieldSpec& field : spec_.fields) {
      if (field.derived != Derived::kHeaderLength || Given(values_, &field)) continue;
      const auto place = out_.layout.PlaceOf(field);
      if (!place) continue;
      size_t bytes = out_.bytes.size();
      if (!field.of.empty()) {
        const auto measured = out_.layout.PlaceOf(*spec_.Find(field.of));
        bytes = measured ? measured->bits / 8 : 0;
        if (bytes >= field.less && (bytes - field.less) % field.unit != 0) {
          return Error(spec_, field.of, absl::StrCat(bytes, " bytes; entries are of ", field.unit));
        }
      }
      const size_t number = bytes < field.less ? 0 : (bytes - field.less) / field.unit;
      if (number >> field.bits != 0) {
        const size_t most = ((size_t{1} << field.bits) - 1) * field.unit + field.less;
        return Error(spec_, field.name,
                     absl::StrCat("a ", field.of.empty() ? "header" : AsAbsl(field.of), " of ",
                                  bytes, " bytes; at most ", most));
      }
      PutBits(out_.bytes.data(), place->bit, field.bits, number);
    }
    return absl::OkStatus();
  }

  const HeaderValues& values_;
  const HeaderSpec& spec_;
  const size_t rest_;
  Built out_;
  Writer writer_;
  size_t bit_ = 0;
  bool there_ = false;
  std::optional<size_t> deferred_;
  LengthForm form_ = LengthForm::kBinary;
};

}  // namespace

const FieldValue* Given(const HeaderValues& values, const FieldSpec* field) {
  const auto it = std::ranges::find(values.fields, field, &FieldValue::field);
  return it == values.fields.end() ? nullptr : &*it;
}

absl::StatusOr<Built> Build(const HeaderValues& values, size_t rest) {
  return Builder(values, rest).Run();
}

absl::StatusOr<Trailer> BuildTrailer(const HeaderValues& values, std::span<const uint8_t> header,
                                     size_t payload, bool pad) {
  const HeaderSpec& spec = *values.spec;
  Trailer out;
  size_t counted = payload;
  for (const FieldSpec& field : spec.fields) {
    if (field.part == Part::kTrailer && !field.variable()) counted += field.bits / 8;
  }
  if (pad && spec.align > 0) out.padding = (spec.align - counted % spec.align) % spec.align;
  const bool numbered = spec.First(Derived::kPadding) != nullptr;
  for (size_t i = 0; i < out.padding; ++i) {
    out.bytes.push_back(static_cast<uint8_t>(numbered ? i + 1 : 0));  // RFC 4303, 2.4
  }
  Writer writer(values, out.bytes);
  for (const FieldSpec& field : spec.fields) {
    if (field.part != Part::kTrailer) continue;
    if (!Met(field.when, header)) {
      if (Given(values, &field) == nullptr) continue;
      return Error(spec, field.name, "not there beside the other fields given");
    }
    if (field.variable()) {
      SPATE_ASSIGN_OR_RETURN(const FieldPlace place, writer.AppendVariable(field));
      out.places.push_back(place);
      continue;
    }
    const size_t bit = out.bytes.size() * 8;
    out.bytes.resize(out.bytes.size() + field.bits / 8);
    SPATE_RETURN_IF_ERROR(writer.PutFixed(field, bit));
    if (field.derived == Derived::kPadding && !Given(values, &field)) {
      PutBits(out.bytes.data(), bit, field.bits, out.padding);
    }
    out.places.push_back({&field, static_cast<uint32_t>(bit), field.bits});
  }
  return out;
}

std::optional<uint32_t> FieldBit(const std::vector<HeaderValues>& stack, size_t index,
                                 const FieldSpec& field, const Frame& frame) {
  const bool last = index + 1 == stack.size();
  const size_t inside = last ? frame.payload_offset : frame.header_offsets[index + 1];
  const auto built = Build(stack[index], size_t{frame.data_end} - frame.trailer_bytes - inside);
  const LengthRule* rule = stack[index].spec->LengthOf(field);
  if (!built.ok() || (rule != nullptr && rule->form != LengthForm::kBinary)) return std::nullopt;
  const auto place = built->layout.PlaceOf(field);
  if (!place) return std::nullopt;
  return frame.header_offsets[index] * 8u + place->bit;
}

void PutLength(uint8_t* at, const LengthSite& site, uint32_t value) {
  switch (site.form) {
    case LengthForm::kBinary:
      PutBits(at, 0, site.bytes * 8u, value);
      return;
    case LengthForm::kVarint:
      for (unsigned i = 0; i < site.bytes; ++i, value >>= 7) {
        at[i] = static_cast<uint8_t>((value & 0x7f) | (i + 1u < site.bytes ? 0x80 : 0));
      }
      return;
    case LengthForm::kDecimal:
      for (unsigned i = site.bytes; i-- > 0; value /= 10) {
        at[i] = static_cast<uint8_t>('0' + value % 10);
      }
      return;
  }
}

}  // namespace spate::packet
