#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::geneve {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "version", .bit_offset = 0, .bits = 2, .doc = "0"},
    {.name = "option_length",
     .bit_offset = 2,
     .bits = 6,
     .derived = Derived::kHeaderLength,
     .doc = "of the options in 32-bit words",
     .unit = 4,
     .less = 8},
    {.name = "control", .bit_offset = 8, .bits = 1, .doc = "a control packet"},
    {.name = "critical", .bit_offset = 9, .bits = 1, .doc = "critical options are present"},
    {.name = "reserved", .bit_offset = 10, .bits = 6, .doc = "0"},
    {.name = "protocol",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kNext,
     .preset = 0x88b5,
     .doc = "ether type of what follows; 0x6558 for Ethernet frames"},
    {.name = "vni", .bit_offset = 32, .bits = 24, .preset = 1, .doc = "network identifier"},
    {.name = "reserved2", .bit_offset = 56, .bits = 8, .doc = "0"},
    {.name = "options",
     .kind = FieldKind::kBytes,
     .doc = "class (2 bytes), type, length in words, data; up to 252 bytes"},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 6081}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("Encapsulated 0x%04x, VNI: 0x%06x", Get16(bytes.data() + 2),
                         GetBits(bytes.data(), 32, 24));
}

bool Matches(std::span<const uint8_t> bytes) { return bytes[0] >> 6 == 0; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "geneve",
    .title = "Geneve",
    .doc = "Generic Network Virtualization Encapsulation over UDP",
    .source = "RFC 8926, 3.4",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .selects = Space::kEtherType,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::geneve
