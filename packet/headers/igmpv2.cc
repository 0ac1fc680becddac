#include "absl/strings/str_cat.h"
#include "packet/addresses.h"
#include "packet/header.h"

namespace spate::packet::igmpv2 {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "type",
     .bit_offset = 0,
     .bits = 8,
     .preset = 0x16,
     .doc = "0x11: query, 0x16: report, 0x17: leave"},
    {.name = "max_response_time",
     .bit_offset = 8,
     .bits = 8,
     .doc = "of a query, in tenths of a second"},
    {.name = "checksum",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "of the message"},
    {.name = "group_address",
     .kind = FieldKind::kIpv4,
     .bit_offset = 32,
     .bits = 32,
     .preset = 0xe0'00'01'01,
     .doc = "of the report; 0 in general queries"},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 2}};
constexpr ChecksumRule kChecksums[] = {{.field = "checksum", .covers = Covers::kHeaderAndRest}};

std::string Info(std::span<const uint8_t> bytes) {
  const std::string group = FormatIpv4(bytes.data() + 4);
  if (bytes[0] == 0x16) return absl::StrCat("Membership Report group ", group);
  if (bytes[0] == 0x17) return absl::StrCat("Leave Group ", group);
  if (group == "0.0.0.0") return "Membership Query, general";
  return absl::StrCat("Membership Query, specific for group ", group);
}

// A query of version 3 is longer, one of version 1 asks for no response time.
bool Matches(std::span<const uint8_t> bytes) {
  if (bytes[0] == 0x11) return bytes[1] != 0 && bytes.size() < 12;
  return bytes[0] == 0x16 || bytes[0] == 0x17;
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "igmpv2",
    .title = "IGMPv2",
    .doc = "Internet Group Management Protocol, version 2",
    .source = "RFC 2236, 2",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .only_after = "ipv4",
    .carries_payload = false,
    .checksums = kChecksums,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::igmpv2
