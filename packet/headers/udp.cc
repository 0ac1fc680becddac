#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::udp {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "src_port", .bit_offset = 0, .bits = 16, .preset = 49152, .doc = "source port"},
    {.name = "dst_port",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kNext,
     .preset = 9,
     .doc =
         "destination port: that of the header that follows, else the discard service (RFC 863)"},
    {.name = "length",
     .bit_offset = 32,
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "bytes of header and payload"},
    {.name = "checksum",
     .bit_offset = 48,
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "of header, payload and a pseudo-header; 0: none"},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 17}};
constexpr LengthRule kLengths[] = {{.field = "length"}};
constexpr ChecksumRule kChecksums[] = {
    {.field = "checksum", .covers = Covers::kPseudoHeaderAndRest, .zero_as_ones = true}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("%d → %d Len=%d", Get16(bytes.data()), Get16(bytes.data() + 2),
                         bytes.size() - 8);
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "udp",
    .title = "UDP",
    .doc = "User Datagram Protocol",
    .source = "RFC 768",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .selects = Space::kUdpPort,
    .lengths = kLengths,
    .checksums = kChecksums,
    .info = Info,
    .also_selects = "src_port",
};

}  // namespace spate::packet::udp
