#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::qinq {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "priority", .bit_offset = 0, .bits = 3, .doc = "priority code point"},
    {.name = "cfi", .bit_offset = 3, .bits = 1, .doc = "drop eligible indicator"},
    {.name = "id", .bit_offset = 4, .bits = 12, .preset = 1, .doc = "service VLAN identifier"},
    {.name = "protocol",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kNext,
     .preset = 0x88b5,
     .doc = "ether type of what follows the tag"},
};

// 0x9100 stood for it before the standard did.
constexpr Place kPlaces[] = {{Space::kEtherType, 0x88a8}, {Space::kEtherType, 0x9100}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("PRI: %d  DROP: %d  ID: %d", GetBits(bytes.data(), 0, 3),
                         GetBits(bytes.data(), 3, 1), GetBits(bytes.data(), 4, 12));
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "qinq",
    .title = "802.1ad",
    .doc = "service tag of provider bridges, in front of a VLAN tag",
    .source = "IEEE 802.1Q-2022, 9.6",
    .fields = kFields,
    .fixed_bytes = 4,
    .follows = kPlaces,
    .selects = Space::kEtherType,
    .info = Info,
};

}  // namespace spate::packet::qinq
