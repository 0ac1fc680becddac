#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::macsec {
namespace {

using std::string_view_literals::operator""sv;

constexpr FieldSpec kFields[] = {
    {.name = "version", .bit_offset = 0, .bits = 1, .doc = "0"},
    {.name = "end_station", .bit_offset = 1, .bits = 1, .doc = "ES"},
    {.name = "sci_present", .bit_offset = 2, .bits = 1, .preset = 1, .doc = "SC: `sci` is there"},
    {.name = "single_copy", .bit_offset = 3, .bits = 1, .doc = "SCB"},
    {.name = "encryption", .bit_offset = 4, .bits = 1, .doc = "E: 0 here"},
    {.name = "changed", .bit_offset = 5, .bits = 1, .doc = "C: 0 here"},
    {.name = "association_number", .bit_offset = 6, .bits = 2, .doc = "AN"},
    {.name = "short_length",
     .bit_offset = 8,
     .bits = 8,
     .doc = "bytes of protected data if under 48"},
    {.name = "packet_number", .bit_offset = 16, .bits = 32, .preset = 1, .doc = "counts up"},
    {.name = "sci",
     .bits = 64,
     .preset = 0x0200'0000'0001'0001,
     .doc = "secure channel: MAC address and port",
     .part = Part::kTail,
     .when = {.mask = 0x20}},
    {.name = "protocol",
     .bits = 16,
     .derived = Derived::kNext,
     .preset = 0x88b5,
     .doc = "ether type of what follows",
     .part = Part::kTail},
    {.name = "icv",
     .kind = FieldKind::kBytes,
     .doc = "check value behind the payload, 16 bytes",
     .part = Part::kTrailer,
     .preset_bytes = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv},
};

constexpr Place kPlaces[] = {{Space::kEtherType, 0x88e5}};
constexpr size_t kIcvBytes = 16;

size_t TrailerBytes(std::span<const uint8_t>) { return kIcvBytes; }

bool Opaque(std::span<const uint8_t> bytes) { return (bytes[0] & 0x0c) != 0; }

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("MACsec AN: %d, packet number %d", bytes[0] & 3, Get32(bytes.data() + 2));
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "macsec",
    .title = "MACsec",
    .doc =
        "MACsec in the form that protects nothing: the frame stands in the clear behind the tag, a "
        "check value of zeros behind it",
    .source = "IEEE 802.1AE-2018, 9",
    .fields = kFields,
    .fixed_bytes = 6,
    .follows = kPlaces,
    .selects = Space::kEtherType,
    .info = Info,
    .opaque = Opaque,
    .trailer = TrailerBytes,
};

}  // namespace spate::packet::macsec
