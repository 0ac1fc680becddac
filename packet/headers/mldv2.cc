#include "packet/header.h"
#include "packet/headers/listeners.h"

namespace spate::packet::mldv2 {
namespace {

constexpr When kQuery = {.mask = 0xff, .values = "\x82"};
constexpr When kReport = {.mask = 0xff, .values = "\x8f"};

constexpr std::array kHead = {FieldSpec{.name = "type",
                                        .bit_offset = 0,
                                        .bits = 8,
                                        .preset = 143,
                                        .doc = "130: query, 143: report"},
                              FieldSpec{.name = "code", .bit_offset = 8, .bits = 8, .doc = "0"},
                              FieldSpec{.name = "checksum",
                                        .bit_offset = 16,
                                        .bits = 16,
                                        .derived = Derived::kChecksum,
                                        .doc = "of the message and a pseudo-header"},
                              FieldSpec{.name = "max_response_code",
                                        .bits = 16,
                                        .preset = 1000,
                                        .doc = "of a query, in ms up to 32767",
                                        .part = Part::kTail,
                                        .when = kQuery},
                              FieldSpec{.name = "query_reserved",
                                        .bits = 16,
                                        .doc = "of a query: 0",
                                        .part = Part::kTail,
                                        .when = kQuery},
                              FieldSpec{.name = "multicast_address",
                                        .kind = FieldKind::kIpv6,
                                        .bits = 128,
                                        .doc = "of a query; :: general",
                                        .part = Part::kTail,
                                        .when = kQuery}};
constexpr FieldSpec kGroup = {.name = "record_address",
                              .kind = FieldKind::kIpv6,
                              .bits = 128,
                              .preset = 1,
                              .doc = "of a report: the group",
                              .preset_high = 0xff0e'0000'0000'0000,
                              .part = Part::kTail,
                              .when = kReport};
constexpr auto kFields =
    Join(kHead, ListenerQuery(FieldKind::kIpv6, 16, kQuery), ListenerReport(kGroup, kReport));

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

extern constinit const HeaderSpec kSpec{
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

}  // namespace spate::packet::mldv2
