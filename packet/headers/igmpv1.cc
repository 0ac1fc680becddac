#include "absl/strings/str_cat.h"
#include "packet/addresses.h"
#include "packet/header.h"

namespace spate::packet::igmpv1 {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "version", .bit_offset = 0, .bits = 4, .preset = 1, .doc = "1"},
    {.name = "type", .bit_offset = 4, .bits = 4, .preset = 1, .doc = "1: query, 2: report"},
    {.name = "unused", .bit_offset = 8, .bits = 8, .doc = "0"},
    {.name = "checksum",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "of the message"},
    {.name = "group_address",
     .kind = FieldKind::kIpv4,
     .bit_offset = 32,
     .bits = 32,
     .doc = "of a report; 0 in queries"},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 2}};
constexpr ChecksumRule kChecksums[] = {{.field = "checksum", .covers = Covers::kHeaderAndRest}};

std::string Info(std::span<const uint8_t> bytes) {
  if (bytes[0] == 0x11) return "Membership Query";
  return absl::StrCat("Membership Report group ", FormatIpv4(bytes.data() + 4));
}

// A query of version 2 asks for a response time.
bool Matches(std::span<const uint8_t> bytes) {
  return bytes[0] == 0x12 || (bytes[0] == 0x11 && bytes[1] == 0 && bytes.size() < 12);
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "igmpv1",
    .title = "IGMPv1",
    .doc = "Internet Group Management Protocol, version 1",
    .source = "RFC 1112, appendix I",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .only_after = "ipv4",
    .carries_payload = false,
    .checksums = kChecksums,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::igmpv1
