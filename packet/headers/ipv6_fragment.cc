#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::ipv6_fragment {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "next_header",
     .bit_offset = 0,
     .bits = 8,
     .derived = Derived::kNext,
     .preset = 59,
     .doc = "what follows in the first fragment; 59: nothing"},
    {.name = "reserved", .bit_offset = 8, .bits = 8, .doc = "0"},
    {.name = "fragment_offset", .bit_offset = 16, .bits = 13, .doc = "in units of 8 bytes"},
    {.name = "reserved2", .bit_offset = 29, .bits = 2, .doc = "0"},
    {.name = "more_fragments", .bit_offset = 31, .bits = 1, .doc = "not the last fragment"},
    {.name = "identification", .bit_offset = 32, .bits = 32, .doc = "groups fragments"},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 44}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("IPv6 fragment (off=%d more=%s ident=0x%08x nxt=%d)",
                         GetBits(bytes.data(), 16, 13) * 8, (bytes[3] & 1) != 0 ? "y" : "n",
                         Get32(bytes.data() + 4), bytes[0]);
}

bool Opaque(std::span<const uint8_t> bytes) { return GetBits(bytes.data(), 16, 13) != 0; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "ipv6_fragment",
    .title = "IPv6",
    .doc = "IPv6 fragment header",
    .source = "RFC 8200, 4.5",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .only_after = "ipv6 ipv6_hop_by_hop ipv6_destination_options ipv6_routing",
    .selects = Space::kIpProtocol,
    .info = Info,
    .opaque = Opaque,
};

}  // namespace spate::packet::ipv6_fragment
