#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "packet/addresses.h"
#include "packet/bits.h"
#include "packet/header.h"
#include "packet/layout.h"

namespace spate::packet::icmpv6 {

extern const HeaderSpec kSpec;

namespace {

using std::string_view_literals::operator""sv;

constexpr When Type(std::string_view values) { return {.mask = 0xff, .values = values}; }
constexpr When kEcho = Type("\x80\x81");
constexpr When kAdvertisesRouter = Type("\x86");
constexpr When kNeighbour = Type("\x87\x88");
constexpr When kDiscovery = Type("\x85\x86\x87\x88\x89");

constexpr FieldSpec kFields[] = {
    {.name = "type",
     .bit_offset = 0,
     .bits = 8,
     .preset = 128,
     .doc = "128: echo request, 129: reply, 133: router solicitation, 134: its advertisement, 135: "
            "neighbour solicitation, 136: its advertisement; other fields imply the type they "
            "belong to"},
    {.name = "code", .bit_offset = 8, .bits = 8, .doc = "0 in most messages"},
    {.name = "checksum",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "of the whole message and a pseudo-header"},
    {.name = "identifier",
     .bits = 16,
     .doc = "of an echo: the pinging process",
     .part = Part::kTail,
     .when = kEcho},
    {.name = "sequence_number",
     .bits = 16,
     .doc = "of an echo",
     .part = Part::kTail,
     .when = kEcho},
    {.name = "mtu",
     .bits = 32,
     .preset = 1280,
     .doc = "of a packet too big: what the next link takes",
     .part = Part::kTail,
     .when = Type("\x02")},
    {.name = "rest",
     .bits = 32,
     .doc = "of other errors, solicitations and redirects: 0 or a pointer",
     .part = Part::kTail,
     .when = Type("\x01\x03\x04\x85\x87\x89")},
    {.name = "neighbour_flags",
     .kind = FieldKind::kFlags,
     .bits = 3,
     .preset = 3,
     .doc = "of a neighbour's advertisement: R: a router, S: solicited, O: overrides",
     .letters = "OSR",
     .part = Part::kTail,
     .when = Type("\x88")},
    {.name = "neighbour_reserved",
     .bits = 29,
     .doc = "of a neighbour's advertisement: 0",
     .part = Part::kTail,
     .when = Type("\x88")},
    {.name = "router_hop_limit",
     .bits = 8,
     .preset = 64,
     .doc = "of a router's advertisement: for packets sent",
     .part = Part::kTail,
     .when = kAdvertisesRouter},
    {.name = "router_flags",
     .bits = 8,
     .doc = "of a router's advertisement: 0x80: addresses by DHCPv6, 0x40: other settings too",
     .part = Part::kTail,
     .when = kAdvertisesRouter},
    {.name = "router_lifetime",
     .bits = 16,
     .preset = 1800,
     .doc = "of a router's advertisement, in seconds",
     .part = Part::kTail,
     .when = kAdvertisesRouter},
    {.name = "reachable_time",
     .bits = 32,
     .doc = "of a router's advertisement, in ms; 0: not said",
     .part = Part::kTail,
     .when = kAdvertisesRouter},
    {.name = "retransmit_timer",
     .bits = 32,
     .doc = "of a router's advertisement, in ms; 0: not said",
     .part = Part::kTail,
     .when = kAdvertisesRouter},
    {.name = "target_address",
     .kind = FieldKind::kIpv6,
     .bits = 128,
     .preset = 2,
     .doc = "of a neighbour's solicitation or advertisement",
     .preset_high = 0x2001'0002'0000'0000,
     .part = Part::kTail,
     .when = kNeighbour},
    {.name = "source_link_layer",
     .kind = FieldKind::kMac,
     .bits = 48,
     .doc = "option: the sender's MAC address",
     .part = Part::kTail,
     .when = kDiscovery,
     .optional = true,
     .prefix = "\x01\x01"},
    {.name = "target_link_layer",
     .kind = FieldKind::kMac,
     .bits = 48,
     .doc = "option: the target's MAC address",
     .part = Part::kTail,
     .when = kDiscovery,
     .optional = true,
     .prefix = "\x02\x01"},
    {.name = "link_mtu",
     .bits = 32,
     .doc = "option: of the link",
     .part = Part::kTail,
     .when = kDiscovery,
     .optional = true,
     .prefix = "\x05\x01\x00\x00"sv},
    {.name = "prefix_length",
     .bits = 8,
     .preset = 64,
     .doc = "option: a prefix of the link",
     .part = Part::kTail,
     .when = kDiscovery,
     .optional = true,
     .prefix = "\x03\x04"},
    {.name = "prefix_flags",
     .bits = 8,
     .preset = 0xc0,
     .doc = "0x80: on the link, 0x40: hosts choose their addresses",
     .part = Part::kTail,
     .with_previous = true},
    {.name = "valid_lifetime",
     .bits = 32,
     .preset = 86400,
     .doc = "of the prefix, in seconds",
     .part = Part::kTail,
     .with_previous = true},
    {.name = "preferred_lifetime",
     .bits = 32,
     .preset = 14400,
     .doc = "of the prefix, in seconds",
     .part = Part::kTail,
     .with_previous = true},
    {.name = "prefix_reserved", .bits = 32, .doc = "0", .part = Part::kTail, .with_previous = true},
    {.name = "prefix",
     .kind = FieldKind::kIpv6,
     .bits = 128,
     .doc = "the prefix itself",
     .preset_high = 0x2001'0002'0000'0000,
     .part = Part::kTail,
     .with_previous = true},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 58}};
constexpr ChecksumRule kChecksums[] = {
    {.field = "checksum", .covers = Covers::kPseudoHeaderAndRest}};

constexpr struct {
  uint8_t type;
  std::string_view text;
} kTypes[] = {
    {1, "Destination Unreachable"},
    {2, "Packet Too Big"},
    {3, "Time Exceeded"},
    {4, "Parameter Problem"},
    {130, "Multicast Listener Query"},
    {131, "Multicast Listener Report"},
    {133, "Router Solicitation"},
    {134, "Router Advertisement"},
    {143, "Multicast Listener Report Message v2"},
};

std::string Info(std::span<const uint8_t> bytes) {
  const uint8_t type = bytes[0];
  if ((type == 128 || type == 129) && bytes.size() >= 8) {
    return absl::StrFormat("Echo (ping) %s id=0x%04x, seq=%d", type == 128 ? "request" : "reply",
                           Get16(bytes.data() + 4), Get16(bytes.data() + 6));
  }
  if ((type == 135 || type == 136) && bytes.size() >= 24) {
    std::string text = type == 135 ? "Neighbor Solicitation for " : "Neighbor Advertisement ";
    text += FormatIpv6(bytes.data() + 8);
    for (std::string_view field : {"source_link_layer", "target_link_layer"}) {
      const std::string mac = FieldText(kSpec, field, bytes);
      if (!mac.empty()) Append(&text, field[0] == 's' ? " from " : " is at ", mac);
    }
    return text;
  }
  for (const auto& known : kTypes) {
    if (known.type == type) return std::string(known.text);
  }
  return absl::StrFormat("Type %d code %d", type, bytes[1]);
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "icmpv6",
    .title = "ICMPv6",
    .doc = "Internet Control Message Protocol for IPv6 with neighbour discovery",
    .source = "RFC 4443, RFC 4861",
    .fields = kFields,
    .fixed_bytes = 4,
    .follows = kPlaces,
    .only_after = "ipv6 ipv6_hop_by_hop ipv6_destination_options ipv6_routing ipv6_fragment ah",
    .checksums = kChecksums,
    .info = Info,
};

}  // namespace spate::packet::icmpv6
