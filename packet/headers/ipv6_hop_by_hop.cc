#include "packet/header.h"
#include "packet/headers/ipv6_options.h"

namespace spate::packet::ipv6_hop_by_hop {
namespace {

constexpr auto kFields = Ipv6OptionFields(
    std::array{FieldSpec{.name = "router_alert",
                         .bits = 16,
                         .doc = "option: 0 for MLD, 1 for RSVP (RFC 2711)",
                         .part = Part::kTail,
                         .optional = true,
                         .prefix = "\x05\x02"},
               FieldSpec{.name = "jumbo_payload",
                         .bits = 32,
                         .doc = "option: length of a packet beyond 65535 bytes (RFC 2675)",
                         .part = Part::kTail,
                         .optional = true,
                         .prefix = "\xc2\x04"}});

constexpr Place kPlaces[] = {{Space::kIpProtocol, 0}};

std::string Info(std::span<const uint8_t>) { return "IPv6 hop-by-hop option"; }

}  // namespace

extern constinit const HeaderSpec kSpec{
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

}  // namespace spate::packet::ipv6_hop_by_hop
