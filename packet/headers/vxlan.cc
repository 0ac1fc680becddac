#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::vxlan {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "flags", .bit_offset = 0, .bits = 8, .preset = 8, .doc = "8: the VNI is valid"},
    {.name = "reserved0", .bit_offset = 8, .bits = 24, .doc = "0"},
    {.name = "vni", .bit_offset = 32, .bits = 24, .preset = 1, .doc = "network identifier"},
    {.name = "reserved1", .bit_offset = 56, .bits = 8, .doc = "0"},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 4789}};

uint32_t Next(std::span<const uint8_t>) { return 1; }

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("VXLAN, VNI: %d", GetBits(bytes.data(), 32, 24));
}

bool Matches(std::span<const uint8_t> bytes) { return (bytes[0] & 8) != 0; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "vxlan",
    .title = "VXLAN",
    .doc = "Virtual eXtensible LAN: an Ethernet frame over UDP",
    .source = "RFC 7348, 5",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .selects = Space::kFrame,
    .info = Info,
    .matches = Matches,
    .next = Next,
};

}  // namespace spate::packet::vxlan
