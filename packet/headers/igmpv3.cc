#include "base/text.h"
#include "packet/header.h"
#include "packet/headers/listeners.h"
#include "packet/layout.h"

namespace spate::packet::igmpv3 {

extern const HeaderSpec kSpec;

namespace {

constexpr When kQuery = {.mask = 0xff, .values = "\x11"};
constexpr When kReport = {.mask = 0xff, .values = "\x22"};

constexpr std::array kHead = {FieldSpec{.name = "type",
                                        .bit_offset = 0,
                                        .bits = 8,
                                        .preset = 0x22,
                                        .doc = "0x11: query, 0x22: report"},
                              FieldSpec{.name = "max_response_code",
                                        .bit_offset = 8,
                                        .bits = 8,
                                        .doc = "of a query, in tenths of a second up to 127"},
                              FieldSpec{.name = "checksum",
                                        .bit_offset = 16,
                                        .bits = 16,
                                        .derived = Derived::kChecksum,
                                        .doc = "of the message"},
                              FieldSpec{.name = "group_address",
                                        .kind = FieldKind::kIpv4,
                                        .bits = 32,
                                        .doc = "of a query; 0: general",
                                        .part = Part::kTail,
                                        .when = kQuery}};
constexpr FieldSpec kGroup = {.name = "record_group",
                              .kind = FieldKind::kIpv4,
                              .bits = 32,
                              .preset = 0xe0'00'01'01,
                              .doc = "of a report",
                              .part = Part::kTail,
                              .when = kReport};
constexpr auto kFields =
    Join(kHead, ListenerQuery(FieldKind::kIpv4, 4, kQuery), ListenerReport(kGroup, kReport));

constexpr Place kPlaces[] = {{Space::kIpProtocol, 2}};
constexpr ChecksumRule kChecksums[] = {{.field = "checksum", .covers = Covers::kHeaderAndRest}};

std::string Info(std::span<const uint8_t> bytes) {
  if (bytes[0] == 0x22) {
    return Concat("Membership Report / group ", FieldText(kSpec, "record_group", bytes));
  }
  return Concat("Membership Query, group ", FieldText(kSpec, "group_address", bytes));
}

bool Matches(std::span<const uint8_t> bytes) {
  return bytes.size() >= 12 && (bytes[0] == 0x11 || bytes[0] == 0x22);
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "igmpv3",
    .title = "IGMPv3",
    .doc =
        "Internet Group Management Protocol, version 3: a query, or a report of one group (further "
        "records are payload)",
    .source = "RFC 3376, 4",
    .fields = kFields,
    .fixed_bytes = 4,
    .follows = kPlaces,
    .only_after = "ipv4",
    .checksums = kChecksums,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::igmpv3
