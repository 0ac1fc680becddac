#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::mpls {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "label", .bit_offset = 0, .bits = 20, .preset = 16, .doc = "0 to 15 are reserved"},
    {.name = "traffic_class", .bit_offset = 20, .bits = 3, .doc = "RFC 5462"},
    {.name = "bottom_of_stack",
     .bit_offset = 23,
     .bits = 1,
     .derived = Derived::kNext,
     .preset = 1,
     .doc = "1 unless a further label follows"},
    {.name = "time_to_live", .bit_offset = 24, .bits = 8, .preset = 64, .doc = "hops left"},
};

constexpr Place kPlaces[] = {{Space::kEtherType, 0x8847},
                             {Space::kEtherType, 0x8848},
                             {Space::kIpProtocol, 137},
                             {Space::kPpp, 0x0281},
                             {Space::kMpls, 0}};

// Nothing names the payload; its first nibble tells (RFC 4928). 0 begins a locally administered
// or unassigned MAC address.
uint32_t Next(std::span<const uint8_t> bytes) {
  if ((bytes[2] & 1) == 0) return 0;
  const uint32_t nibble = bytes.size() > 4 ? bytes[4] >> 4 : 1;
  return nibble << 1 | 1;
}

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("MPLS Label Switched Packet, Label: %d, TTL: %d",
                         GetBits(bytes.data(), 0, 20), bytes[3]);
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "mpls",
    .title = "MPLS",
    .doc = "MPLS label; several make a stack",
    .source = "RFC 3032, 2.1",
    .fields = kFields,
    .fixed_bytes = 4,
    .follows = kPlaces,
    .selects = Space::kMpls,
    .info = Info,
    .next = Next,
};

}  // namespace spate::packet::mpls
