#include "absl/strings/str_format.h"
#include "packet/header.h"

namespace spate::packet::ipv6_routing {
namespace {

using std::string_view_literals::operator""sv;

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
    {.name = "routing_type", .bit_offset = 16, .bits = 8, .preset = 4, .doc = "4: segments"},
    {.name = "last_entry",
     .bit_offset = 32,
     .bits = 8,
     .derived = Derived::kHeaderLength,
     .doc = "number of the last segment in the list, from 0",
     .of = "segments",
     .unit = 16,
     .less = 16},
    {.name = "segments_left",
     .bit_offset = 24,
     .bits = 8,
     .derived = Derived::kHeaderLength,
     .doc =
         "number of the segment that the packet travels to, the IPv6 destination; by default the "
         "last of the list, which is the first of the way",
     .of = "segments",
     .unit = 16,
     .less = 16},
    {.name = "flags", .bit_offset = 40, .bits = 8, .doc = "0"},
    {.name = "tag", .bit_offset = 48, .bits = 16, .doc = "groups packets"},
    {.name = "segments",
     .kind = FieldKind::kIpv6,
     .doc = "addresses of the way, the final destination first",
     .preset_bytes = "\x20\x01\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02"sv},
    {.name = "tlvs", .kind = FieldKind::kBytes, .doc = "further type-length-value objects"},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 43}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("IPv6 routing: type %d, %d segments left", bytes[2], bytes[3]);
}

bool Matches(std::span<const uint8_t> bytes) { return bytes[2] == 4; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "ipv6_routing",
    .title = "IPv6",
    .doc = "IPv6 segment routing header (SRv6); checksums behind it count its final destination",
    .source = "RFC 8754, 2",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .only_after = "ipv6 ipv6_hop_by_hop ipv6_destination_options",
    .selects = Space::kIpProtocol,
    .info = Info,
    .matches = Matches,
    .final_destination = "segments",
};

}  // namespace spate::packet::ipv6_routing
