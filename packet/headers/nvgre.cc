#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::nvgre {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "flags", .bit_offset = 0, .bits = 16, .preset = 0x2000, .doc = "a GRE key is present"},
    {.name = "protocol",
     .bit_offset = 16,
     .bits = 16,
     .preset = 0x6558,
     .doc = "0x6558: an Ethernet frame"},
    {.name = "vsid", .bit_offset = 32, .bits = 24, .preset = 4096, .doc = "virtual subnet"},
    {.name = "flow_id", .bit_offset = 56, .bits = 8, .doc = "entropy for load balancing"},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 47}};

uint32_t Next(std::span<const uint8_t>) { return 1; }

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("Encapsulated Ethernet, VSID: %d", GetBits(bytes.data(), 32, 24));
}

bool Matches(std::span<const uint8_t> bytes) {
  return Get16(bytes.data()) == 0x2000 && Get16(bytes.data() + 2) == 0x6558;
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "nvgre",
    .title = "GRE",
    .doc = "network virtualisation over GRE: an Ethernet frame and a virtual subnet",
    .source = "RFC 7637",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .selects = Space::kFrame,
    .info = Info,
    .matches = Matches,
    .next = Next,
};

}  // namespace spate::packet::nvgre
