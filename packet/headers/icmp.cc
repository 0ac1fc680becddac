#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::icmp {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "type", .bit_offset = 0, .bits = 8, .preset = 8, .doc = "8: echo request, 0: reply"},
    {.name = "code", .bit_offset = 8, .bits = 8, .doc = "0 in echoes"},
    {.name = "checksum",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "of the whole message"},
    {.name = "identifier",
     .bit_offset = 32,
     .bits = 16,
     .preset = 1,
     .doc = "of the pinging process"},
    {.name = "sequence_number", .bit_offset = 48, .bits = 16, .doc = "of the ping"},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 1}};
constexpr ChecksumRule kChecksums[] = {{.field = "checksum", .covers = Covers::kHeaderAndRest}};

std::string Info(std::span<const uint8_t> bytes) {
  const uint8_t type = bytes[0];
  if (type == 3) return absl::StrFormat("Destination unreachable (code %d)", bytes[1]);
  if (type == 11) return absl::StrFormat("Time-to-live exceeded (code %d)", bytes[1]);
  if (type != 0 && type != 8) return absl::StrFormat("Type %d code %d", type, bytes[1]);
  return absl::StrFormat("Echo (ping) %s id=0x%04x, seq=%d", type == 8 ? "request" : "reply",
                         Get16(bytes.data() + 4), Get16(bytes.data() + 6));
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "icmp",
    .title = "ICMP",
    .doc = "Internet Control Message Protocol in the form of echo request and reply",
    .source = "RFC 792",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .only_after = "ipv4 ah",
    .checksums = kChecksums,
    .info = Info,
};

}  // namespace spate::packet::icmp
