#include "absl/strings/str_format.h"
#include "packet/header.h"

namespace spate::packet::llc {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "dsap",
     .bit_offset = 0,
     .bits = 8,
     .derived = Derived::kNext,
     .preset = 0x02,
     .doc = "destination service access point: 0xaa SNAP, 0x42 spanning tree, 0x02 by default"},
    {.name = "ssap",
     .bit_offset = 8,
     .bits = 8,
     .derived = Derived::kNext,
     .preset = 0x02,
     .doc = "source service access point"},
    {.name = "control",
     .bit_offset = 16,
     .bits = 8,
     .preset = 3,
     .doc = "3: unnumbered information"},
};

constexpr Place kPlaces[] = {{Space::kEtherType, kByLength}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("LLC DSAP 0x%02x, SSAP 0x%02x, control 0x%02x", bytes[0], bytes[1],
                         bytes[2]);
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "llc",
    .title = "LLC",
    .doc = "IEEE 802.2 logical link control; the type field in front of it becomes the length",
    .source = "IEEE 802.2-1998, 3.2",
    .fields = kFields,
    .fixed_bytes = 3,
    .follows = kPlaces,
    .only_after = "ethernet vlan qinq",
    .selects = Space::kSap,
    .info = Info,
};

}  // namespace spate::packet::llc
