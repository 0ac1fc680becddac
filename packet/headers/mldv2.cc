#include "packet/header.h"

namespace spate::packet {

namespace {

constexpr When kQuery = {.mask = 0xff, .values = "\x82"};
constexpr When kReport = {.mask = 0xff, .values = "\x8f"};

constexpr FieldSpec kFields[] = {
    {.name = "type", .bit_offset = 0, .bits = 8, .preset = 143, .doc = "130: query, 143: report"},
    {.name = "code", .bit_offset = 8, .bits = 8, .doc = "0"},
    {.name = "checksum",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "of the message and a pseudo-header"},
    {.name = "max_response_code",
     .bits = 16,
     .preset = 1000,
     .doc = "of a query, in ms up to 32767",
     .part = Part::kTail,
     .when = kQuery},
    {.name = "query_reserved",
     .bits = 16,
     .doc = "of a query: 0",
     .part = Part::kTail,
     .when = kQuery},
    {.name = "multicast_address",
     .kind = FieldKind::kIpv6,
     .bits = 128,
     .doc = "of a query; :: general",
     .part = Part::kTail,
     .when = kQuery},
    {.name = "query_flags",
     .bits = 8,
     .preset = 2,
     .doc = "of a query: suppress (8), robustness (1 to 7)",
     .part = Part::kTail,
     .when = kQuery},
    {.name = "query_interval_code",
     .bits = 8,
     .preset = 125,
     .doc = "of a query, in seconds up to 127",
     .part = Part::kTail,
     .when = kQuery},
    {.name = "source_count",
     .bits = 16,
     .derived = Derived::kHeaderLength,
     .doc = "of a query",
     .part = Part::kTail,
     .when = kQuery,
     .of = "sources",
     .unit = 16},
    {.name = "sources", .kind = FieldKind::kIpv6, .doc = "of a query", .when = kQuery},
    {.name = "reserved", .bits = 16, .doc = "of a report: 0", .part = Part::kTail, .when = kReport},
    {.name = "record_count",
     .bits = 16,
     .preset = 1,
     .doc = "of a report",
     .part = Part::kTail,
     .when = kReport},
    {.name = "record_type",
     .bits = 8,
     .preset = 4,
     .doc = "of a report: 1: is include, 2: is exclude, 3: to include, 4: to exclude, 5: allow, 6: "
            "block",
     .part = Part::kTail,
     .when = kReport},
    {.name = "auxiliary_length",
     .bits = 8,
     .doc = "of a report: 0",
     .part = Part::kTail,
     .when = kReport},
    {.name = "record_source_count",
     .bits = 16,
     .derived = Derived::kHeaderLength,
     .doc = "of a report",
     .part = Part::kTail,
     .when = kReport,
     .of = "record_sources",
     .unit = 16},
    {.name = "record_address",
     .kind = FieldKind::kIpv6,
     .bits = 128,
     .preset = 1,
     .doc = "of a report: the group",
     .preset_high = 0xff0e'0000'0000'0000,
     .part = Part::kTail,
     .when = kReport},
    {.name = "record_sources", .kind = FieldKind::kIpv6, .doc = "of a report", .when = kReport},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 58}};
constexpr ChecksumRule kChecksums[] = {
    {.field = "checksum", .covers = Covers::kPseudoHeaderAndRest}};

std::string Info(std::span<const uint8_t> bytes) {
  return bytes[0] == 143 ? "Multicast Listener Report Message v2" : "Multicast Listener Query";
}

bool Matches(std::span<const uint8_t> bytes) {
  return bytes[0] == 143 || (bytes[0] == 130 && bytes.size() >= 28);
}

}  // namespace

extern constinit const HeaderSpec kMldv2{
    .name = "mldv2",
    .title = "ICMPv6",
    .doc =
        "Multicast Listener Discovery, version 2: a query, or a report of one group (further "
        "records are payload)",
    .source = "RFC 3810, 5",
    .fields = kFields,
    .fixed_bytes = 4,
    .follows = kPlaces,
    .only_after = "ipv6 ipv6_hop_by_hop ipv6_destination_options ipv6_routing ipv6_fragment ah",
    .checksums = kChecksums,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet
