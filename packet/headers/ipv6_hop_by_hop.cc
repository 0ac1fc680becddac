#include "packet/header.h"

namespace spate::packet {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "next_header",
     .bit_offset = 0,
     .bits = 8,
     .derived = Derived::kNext,
     .preset = 59,
     .doc = "what follows; 59: nothing"},
    {.name = "length",
     .bit_offset = 8,
     .bits = 8,
     .derived = Derived::kHeaderLength,
     .doc = "of this header in units of 8 bytes, the first not counted",
     .unit = 8,
     .less = 8},
    {.name = "router_alert",
     .bits = 16,
     .doc = "option: 0 for MLD, 1 for RSVP (RFC 2711)",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x05\x02"},
    {.name = "jumbo_payload",
     .bits = 32,
     .doc = "option: length of a packet beyond 65535 bytes (RFC 2675)",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\xc2\x04"},
    {.name = "options",
     .kind = FieldKind::kBytes,
     .doc = "further options as bytes; padded with PadN to a multiple of 8"},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 0}};

std::string Info(std::span<const uint8_t>) { return "IPv6 hop-by-hop option"; }

}  // namespace

extern constinit const HeaderSpec kIpv6HopByHop{
    .name = "ipv6_hop_by_hop",
    .title = "IPv6",
    .doc = "IPv6 hop-by-hop options, directly behind the IPv6 header",
    .source = "RFC 8200, 4.3",
    .fields = kFields,
    .fixed_bytes = 2,
    .follows = kPlaces,
    .only_after = "ipv6",
    .selects = Space::kIpProtocol,
    .info = Info,
    .pads_with_options = true,
};

}  // namespace spate::packet
