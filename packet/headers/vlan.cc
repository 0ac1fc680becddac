#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::vlan {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "priority", .bit_offset = 0, .bits = 3, .doc = "priority code point"},
    {.name = "cfi", .bit_offset = 3, .bits = 1, .doc = "drop eligible indicator"},
    {.name = "id", .bit_offset = 4, .bits = 12, .preset = 1, .doc = "VLAN identifier"},
    {.name = "protocol",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kNext,
     .preset = 0x88b5,
     .doc = "ether type of what follows the tag"},
};

constexpr Place kPlaces[] = {{Space::kEtherType, 0x8100}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("PRI: %d  DEI: %d  ID: %d", GetBits(bytes.data(), 0, 3),
                         GetBits(bytes.data(), 3, 1), GetBits(bytes.data(), 4, 12));
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "vlan",
    .title = "802.1Q",
    .doc = "VLAN tag; several may follow each other",
    .source = "IEEE 802.1Q-2022, 9.6",
    .fields = kFields,
    .fixed_bytes = 4,
    .follows = kPlaces,
    .selects = Space::kEtherType,
    .info = Info,
};

}  // namespace spate::packet::vlan
