// Field values as text, both ways.
#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "base/text.h"
#include "packet/addresses.h"
#include "packet/bits.h"
#include "packet/frame.h"

namespace spate::packet {
namespace {

using Bytes = std::vector<uint8_t>;

absl::Status Expected(std::string_view what) { return absl::InvalidArgumentError(AsAbsl(what)); }

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
    return Expected(absl::StrCat("a number from 0 to ", Largest(field)));
  }
  return NumberBytes(field, value);
}

absl::StatusOr<Bytes> ParseFlags(const FieldSpec& field, std::string_view text) {
  uint64_t value = 0;
  if (ParseNumber(text, &value) && value <= Largest(field)) return NumberBytes(field, value);
  value = 0;
  for (char letter : text) {
    const size_t bit = field.letters.find(letter);
    const bool twice = bit < 64 && (value >> bit & 1) != 0;
    if (bit == std::string_view::npos || twice) {
      return Expected(absl::StrCat("letters of \"", AsAbsl(field.letters),
                                   "\", each at most once, or a "
                                   "number from 0 to ",
                                   Largest(field)));
    }
    value |= uint64_t{1} << bit;
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
    return Expected("pairs of hex digits");
  }
  const std::string bytes = absl::HexStringToBytes(digits);
  return Bytes(bytes.begin(), bytes.end());
}

absl::StatusOr<Bytes> ParseKey(const FieldSpec& field, std::string_view text) {
  SPATE_ASSIGN_OR_RETURN(Bytes bytes, ParseBytes(field, text));
  if (bytes.size() == field.bits / 8u) return bytes;
  return Expected(absl::StrCat(field.bits / 8, " bytes in hex"));
}

template <typename Address>
absl::StatusOr<Bytes> AddressBytes(const FieldSpec& field, std::string_view what,
                                   std::string_view text,
                                   std::optional<Address> (*parse)(std::string_view)) {
  if (!field.variable()) {
    const std::optional<Address> address = parse(text);
    if (!address) return Expected(what);
    return Bytes(address->begin(), address->end());
  }
  Bytes list;
  for (absl::string_view word :
       absl::StrSplit(AsAbsl(text), absl::ByAnyChar(" ,"), absl::SkipEmpty())) {
    const std::optional<Address> address = parse(AsStd(word));
    if (!address) return Expected(absl::StrCat(AsAbsl(what), ", or several of them"));
    list.insert(list.end(), address->begin(), address->end());
  }
  return list;
}

// RFC 1035, 3.1; a name without its root dot is taken as whole.
absl::StatusOr<Bytes> ParseName(const FieldSpec& field, std::string_view text) {
  constexpr size_t kLongestLabel = 63, kLongestName = 255;
  if (text.ends_with('.')) text.remove_suffix(1);
  Bytes name;
  if (!text.empty()) {
    for (absl::string_view label : absl::StrSplit(AsAbsl(text), '.')) {
      if (label.empty() || label.size() > kLongestLabel) {
        return Expected("a name like www.example.com, its labels of 1 to 63 bytes");
      }
      name.push_back(static_cast<uint8_t>(label.size()));
      name.insert(name.end(), label.begin(), label.end());
    }
  }
  name.push_back(0);
  if (name.size() > kLongestName) return Expected("a name of at most 253 bytes");
  return name;
}

std::string FormatName(const Bytes& bytes) {
  std::string text;
  for (size_t at = 0; at < bytes.size() && bytes[at] != 0;) {
    if (!text.empty()) text += '.';
    const size_t length = bytes[at++];
    if (length >= 0xc0) return text + "…";  // points to a name elsewhere in the message
    for (size_t end = std::min(at + length, bytes.size()); at < end; ++at) {
      text += static_cast<char>(bytes[at]);
    }
  }
  return text.empty() ? "." : text;
}

std::string FormatAddress(FieldKind kind, const uint8_t* bytes) {
  if (kind == FieldKind::kMac) return FormatMac(bytes);
  if (kind == FieldKind::kEui64) return FormatEui64(bytes);
  return kind == FieldKind::kIpv4 ? FormatIpv4(bytes) : FormatIpv6(bytes);
}

std::string FormatVariable(const FieldSpec& field, const Bytes& bytes) {
  const absl::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  switch (field.kind) {
    case FieldKind::kText:
      return std::string(text);
    case FieldKind::kName:
      return FormatName(bytes);
    case FieldKind::kMark:
      return "1";
    case FieldKind::kMac:
    case FieldKind::kIpv4:
    case FieldKind::kIpv6:
      break;
    default:
      return absl::BytesToHexString(text);
  }
  const size_t size = field.kind == FieldKind::kMac ? 6 : field.kind == FieldKind::kIpv4 ? 4 : 16;
  std::string list;
  for (size_t at = 0; at + size <= bytes.size(); at += size) {
    absl::StrAppend(&list, at > 0 ? " " : "", FormatAddress(field.kind, bytes.data() + at));
  }
  return list;
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
  const bool type = field.derived == Derived::kNext && field.bits == 16 &&
                    !std::string_view(field.name).ends_with("port");
  const bool hex = field.derived == Derived::kChecksum || type;
  return hex ? absl::StrFormat("0x%0*x", field.bits / 4, value) : absl::StrCat(value);
}

}  // namespace

absl::StatusOr<Bytes> ParseField(const FieldSpec& field, std::string_view text) {
  switch (field.kind) {
    case FieldKind::kMac:
      return AddressBytes(field, "a MAC address like 02:00:00:00:00:01", text, ParseMac);
    case FieldKind::kIpv4:
      return AddressBytes(field, "an IPv4 address like 198.18.0.1", text, ParseIpv4);
    case FieldKind::kIpv6:
      return AddressBytes(field, "an IPv6 address like 2001:2::1", text, ParseIpv6);
    case FieldKind::kFlags:
      return ParseFlags(field, text);
    case FieldKind::kBytes:
      return ParseBytes(field, text);
    case FieldKind::kText:
      return Bytes(text.begin(), text.end());
    case FieldKind::kName:
      return ParseName(field, text);
    case FieldKind::kMark:
      if (text == "1") return Bytes();
      return Expected("1 (leave it out otherwise)");
    case FieldKind::kEui64:
      return AddressBytes(field, "an EUI-64 like 02:00:00:00:00:00:00:01", text, ParseEui64);
    case FieldKind::kKey:
      return ParseKey(field, text);
    case FieldKind::kShort:
    case FieldKind::kUint:
      break;
  }
  const bool sum = field.derived == Derived::kChecksum && field.part != Part::kTrailer;
  if (sum && text == "bad") return Bytes();
  return ParseUint(field, text);
}

std::string FormatField(const FieldSpec& field, const Bytes& bytes) {
  if (field.variable()) return FormatVariable(field, bytes);
  Bytes value((field.bits + 7) / 8);
  const size_t take = std::min(value.size(), bytes.size());
  std::copy_n(bytes.end() - static_cast<ptrdiff_t>(take), take,
              value.end() - static_cast<ptrdiff_t>(take));
  switch (field.kind) {
    case FieldKind::kMac:
    case FieldKind::kIpv4:
    case FieldKind::kIpv6:
    case FieldKind::kEui64:
      return FormatAddress(field.kind, value.data());
    case FieldKind::kShort:
      return absl::StrFormat("0x%04x", Get16(value.data()));
    case FieldKind::kKey:
    case FieldKind::kBytes:
      return FormatVariable(field, value);
    default:
      break;
  }
  const uint64_t number = GetBits(value.data(), 0, static_cast<unsigned>(value.size()) * 8);
  return field.kind == FieldKind::kFlags ? FormatFlags(field, number) : FormatUint(field, number);
}

}  // namespace spate::packet
