#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::ethernet {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "dst",
     .kind = FieldKind::kMac,
     .bit_offset = 0,
     .bits = 48,
     .preset = 0x02'00'00'00'00'02,
     .doc = "destination address"},
    {.name = "src",
     .kind = FieldKind::kMac,
     .bit_offset = 48,
     .bits = 48,
     .preset = 0x02'00'00'00'00'01,
     .doc = "source address"},
    {.name = "ether_type",
     .bit_offset = 96,
     .bits = 16,
     .derived = Derived::kNext,
     .preset = 0x88b5,
     .doc = "type of what follows; without a further header 0x88b5, for local experiments"},
};

constexpr Place kPlaces[] = {
    {Space::kLink, 1}, {Space::kFrame, 1}, {Space::kEtherType, 0x6558}, {Space::kMpls, 0 << 1 | 1}};

std::string Info(std::span<const uint8_t> bytes) {
  const uint16_t type = Get16(bytes.data() + 12);
  if (type < 1536) return absl::StrFormat("IEEE 802.3 Len=%d", type);
  return absl::StrFormat("Ethernet type 0x%04x", type);
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "ethernet",
    .title = "Ethernet",
    .doc = "Ethernet II frame header, without FCS",
    .source = "IEEE 802.3-2022, 3.2",
    .fields = kFields,
    .fixed_bytes = 14,
    .follows = kPlaces,
    .only_after = "mpls gre nvgre vxlan geneve",
    .selects = Space::kEtherType,
    .shortest_frame = 60,
    .info = Info,
};

}  // namespace spate::packet::ethernet
