// Field values as text, both ways.
#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/text.h"
#include "packet/addresses.h"
#include "packet/bits.h"
#include "packet/frame.h"

namespace spate::packet {
namespace {

using Bytes = std::vector<uint8_t>;

absl::Status Expected(const FieldSpec& field, std::string_view what, std::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(AsAbsl(field.name), ": expected ", AsAbsl(what),
                                                 ", found \"", absl::CEscape(AsAbsl(text)), "\""));
}

uint64_t Largest(const FieldSpec& field) {
  return field.bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << field.bits) - 1;
}

Bytes NumberBytes(const FieldSpec& field, uint64_t value) {
  Bytes bytes((field.bits + 7) / 8);
  for (size_t i = bytes.size(); i-- > 0; value >>= 8) bytes[i] = static_cast<uint8_t>(value);
  return bytes;
}

bool ParseNumber(std::string_view text, uint64_t* value) {
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    const bool digits = std::ranges::all_of(text, absl::ascii_isxdigit);
    return digits && absl::SimpleHexAtoi(AsAbsl(text), value);
  }
  return std::ranges::all_of(text, absl::ascii_isdigit) && absl::SimpleAtoi(AsAbsl(text), value);
}

absl::StatusOr<Bytes> ParseUint(const FieldSpec& field, std::string_view text) {
  uint64_t value = 0;
  if (!ParseNumber(text, &value) || value > Largest(field)) {
    return Expected(field, absl::StrCat("a number from 0 to ", Largest(field)), text);
  }
  return NumberBytes(field, value);
}

// Pairs of hex digits; blanks and colons may stand between them.
absl::StatusOr<Bytes> ParseBytes(const FieldSpec& field, std::string_view text) {
  std::string digits;
  std::string_view rest = text.starts_with("0x") ? text.substr(2) : text;
  for (char c : rest) {
    const bool between = digits.size() % 2 == 0 && (c == ' ' || c == ':');
    if (!between) digits.push_back(c);
  }
  if (digits.size() % 2 != 0 || !std::ranges::all_of(digits, absl::ascii_isxdigit)) {
    return Expected(field, "pairs of hex digits", text);
  }
  const std::string bytes = absl::HexStringToBytes(digits);
  return Bytes(bytes.begin(), bytes.end());
}

absl::StatusOr<Bytes> ParseKey(const FieldSpec& field, std::string_view text) {
  SPATE_ASSIGN_OR_RETURN(Bytes bytes, ParseBytes(field, text));
  if (bytes.size() != field.bits / 8u) {
    return Expected(field, absl::StrCat(field.bits / 8, " bytes in hex"), text);
  }
  return bytes;
}

absl::StatusOr<Bytes> ParseFlags(const FieldSpec& field, std::string_view text) {
  uint64_t value = 0;
  if (ParseNumber(text, &value) && value <= Largest(field)) return NumberBytes(field, value);
  value = 0;
  for (char letter : text) {
    const size_t bit = field.letters.find(letter);
    const bool twice = bit < 64 && (value >> bit & 1) != 0;
    if (bit == std::string_view::npos || twice) {
      return Expected(field,
                      absl::StrCat("letters of \"", AsAbsl(field.letters),
                                   "\", each at most once, or a "
                                   "number from 0 to ",
                                   Largest(field)),
                      text);
    }
    value |= uint64_t{1} << bit;
  }
  return NumberBytes(field, value);
}

template <typename Address>
absl::StatusOr<Bytes> AddressBytes(const FieldSpec& field, std::string_view what,
                                   std::string_view text, const std::optional<Address>& address) {
  if (!address) return Expected(field, what, text);
  return Bytes(address->begin(), address->end());
}

std::string FormatFlags(const FieldSpec& field, uint64_t value) {
  std::string letters;
  for (size_t bit = 0; bit < field.letters.size(); ++bit) {
    if (value >> bit & 1) letters.push_back(field.letters[bit]);
  }
  return letters.empty() ? "0" : letters;
}

// As people are used to see them: checksums and ether types in hex.
std::string FormatUint(const FieldSpec& field, uint64_t value) {
  const bool hex =
      field.derived == Derived::kChecksum || (field.derived == Derived::kNext && field.bits == 16);
  return hex ? absl::StrFormat("0x%04x", value) : absl::StrCat(value);
}

}  // namespace

absl::StatusOr<Bytes> ParseField(const FieldSpec& field, std::string_view text) {
  switch (field.kind) {
    case FieldKind::kMac:
      return AddressBytes(field, "a MAC address like 02:00:00:00:00:01", text, ParseMac(text));
    case FieldKind::kIpv4:
      return AddressBytes(field, "an IPv4 address like 198.18.0.1", text, ParseIpv4(text));
    case FieldKind::kIpv6:
      return AddressBytes(field, "an IPv6 address like 2001:2::1", text, ParseIpv6(text));
    case FieldKind::kFlags:
      return ParseFlags(field, text);
    case FieldKind::kBytes:
      return ParseBytes(field, text);
    case FieldKind::kEui64:
      return AddressBytes(field, "an EUI-64 like 02:00:00:00:00:00:00:01", text, ParseEui64(text));
    case FieldKind::kKey:
      return ParseKey(field, text);
    case FieldKind::kShort:
    case FieldKind::kUint:
      break;
  }
  return ParseUint(field, text);
}

std::string FormatField(const FieldSpec& field, const Bytes& bytes) {
  if (field.kind == FieldKind::kBytes || field.kind == FieldKind::kKey) {
    return absl::BytesToHexString(
        absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  Bytes value((field.bits + 7) / 8);
  const size_t take = std::min(value.size(), bytes.size());
  std::copy_n(bytes.end() - static_cast<ptrdiff_t>(take), take,
              value.end() - static_cast<ptrdiff_t>(take));
  switch (field.kind) {
    case FieldKind::kMac:
      return FormatMac(value.data());
    case FieldKind::kIpv4:
      return FormatIpv4(value.data());
    case FieldKind::kIpv6:
      return FormatIpv6(value.data());
    case FieldKind::kEui64:
      return FormatEui64(value.data());
    case FieldKind::kShort:
      return absl::StrFormat("0x%04x", GetBits(value.data(), 0, 16));
    default:
      break;
  }
  const uint64_t number = GetBits(value.data(), 0, static_cast<unsigned>(value.size()) * 8);
  return field.kind == FieldKind::kFlags ? FormatFlags(field, number) : FormatUint(field, number);
}

Bytes ReadField(const HeaderSpec& spec, const FieldSpec& field, std::span<const uint8_t> header) {
  if (field.bits == 0) {
    const size_t from = std::min<size_t>(spec.BitOffset(field, header) / 8, header.size());
    return Bytes(header.begin() + static_cast<ptrdiff_t>(from), header.end());
  }
  const uint32_t begin = spec.BitOffset(field, header);
  const bool there = field.kind != FieldKind::kKey && field.part != Part::kTrailer;
  if (!there || !Met(field.when, header) || (begin + field.bits + 7u) / 8 > header.size())
    return {};
  Bytes bytes((field.bits + 7) / 8);
  size_t bit = begin + field.bits;
  size_t left = field.bits;
  for (size_t i = bytes.size(); i-- > 0;) {
    const auto take = static_cast<unsigned>(std::min<size_t>(left, 8));
    bit -= take;
    left -= take;
    bytes[i] = static_cast<uint8_t>(GetBits(header.data(), bit, take));
  }
  if (field.little_endian) std::ranges::reverse(bytes);
  return bytes;
}

}  // namespace spate::packet
