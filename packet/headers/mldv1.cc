#include "packet/header.h"

namespace spate::packet::mldv1 {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "type",
     .bit_offset = 0,
     .bits = 8,
     .preset = 131,
     .doc = "130: query, 131: report, 132: done"},
    {.name = "code", .bit_offset = 8, .bits = 8, .doc = "0"},
    {.name = "checksum",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "of the message and a pseudo-header"},
    {.name = "max_response_delay", .bit_offset = 32, .bits = 16, .doc = "of a query, in ms"},
    {.name = "reserved", .bit_offset = 48, .bits = 16, .doc = "0"},
    {.name = "multicast_address",
     .kind = FieldKind::kIpv6,
     .bit_offset = 64,
     .bits = 128,
     .preset = 1,
     .doc = "of the report; :: in general queries",
     .preset_high = 0xff0e'0000'0000'0000},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 58}};
constexpr ChecksumRule kChecksums[] = {
    {.field = "checksum", .covers = Covers::kPseudoHeaderAndRest}};

std::string Info(std::span<const uint8_t> bytes) {
  if (bytes[0] == 130) return "Multicast Listener Query";
  return bytes[0] == 131 ? "Multicast Listener Report" : "Multicast Listener Done";
}

// A query of version 2 is longer.
bool Matches(std::span<const uint8_t> bytes) {
  return bytes[0] == 131 || bytes[0] == 132 || (bytes[0] == 130 && bytes.size() < 28);
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "mldv1",
    .title = "ICMPv6",
    .doc = "Multicast Listener Discovery, version 1",
    .source = "RFC 2710, 3",
    .fields = kFields,
    .fixed_bytes = 24,
    .follows = kPlaces,
    .only_after = "ipv6 ipv6_hop_by_hop ipv6_destination_options ipv6_routing ipv6_fragment ah",
    .carries_payload = false,
    .checksums = kChecksums,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::mldv1
