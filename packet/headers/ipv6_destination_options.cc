#include "packet/header.h"
#include "packet/headers/ipv6_options.h"

namespace spate::packet::ipv6_destination_options {
namespace {

constexpr auto kFields = Ipv6OptionFields(
    std::array{FieldSpec{.name = "tunnel_limit",
                         .bits = 8,
                         .doc = "option: how many further tunnels may be nested (RFC 2473)",
                         .part = Part::kTail,
                         .optional = true,
                         .prefix = "\x04\x01"},
               FieldSpec{.name = "home_address",
                         .kind = FieldKind::kIpv6,
                         .bits = 128,
                         .preset = 1,
                         .doc = "option: of a mobile node (RFC 6275)",
                         .preset_high = 0x2001'0002'0000'0000,
                         .part = Part::kTail,
                         .optional = true,
                         .prefix = "\xc9\x10"}});

constexpr Place kPlaces[] = {{Space::kIpProtocol, 60}};

std::string Info(std::span<const uint8_t>) { return "IPv6 destination options"; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "ipv6_destination_options",
    .title = "IPv6",
    .doc = "IPv6 options for the destination",
    .source = "RFC 8200, 4.6",
    .fields = kFields,
    .fixed_bytes = 2,
    .follows = kPlaces,
    .only_after = "ipv6 ipv6_hop_by_hop ipv6_routing ipv6_fragment ah",
    .selects = Space::kIpProtocol,
    .info = Info,
    .pads_with_options = true,
};

}  // namespace spate::packet::ipv6_destination_options
