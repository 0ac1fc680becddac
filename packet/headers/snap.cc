#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::snap {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "oui",
     .bit_offset = 0,
     .bits = 24,
     .doc = "organisation whose number space `protocol` is of; 0: ether types"},
    {.name = "protocol",
     .bit_offset = 24,
     .bits = 16,
     .derived = Derived::kNext,
     .preset = 0x88b5,
     .doc = "ether type of what follows"},
};

constexpr Place kPlaces[] = {{Space::kSap, 0xaa}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("SNAP OUI 0x%06x, type 0x%04x", GetBits(bytes.data(), 0, 24),
                         Get16(bytes.data() + 3));
}

bool Opaque(std::span<const uint8_t> bytes) { return GetBits(bytes.data(), 0, 24) != 0; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "snap",
    .title = "SNAP",
    .doc = "subnetwork access protocol: ether types over 802.2",
    .source = "RFC 1042",
    .fields = kFields,
    .fixed_bytes = 5,
    .follows = kPlaces,
    .selects = Space::kEtherType,
    .info = Info,
    .opaque = Opaque,
};

}  // namespace spate::packet::snap
