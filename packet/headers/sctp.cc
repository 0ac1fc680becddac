#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::sctp {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "src_port", .bit_offset = 0, .bits = 16, .preset = 49152, .doc = "source port"},
    {.name = "dst_port",
     .bit_offset = 16,
     .bits = 16,
     .preset = 9,
     .doc = "destination port; the default is the discard service"},
    {.name = "verification_tag",
     .bit_offset = 32,
     .bits = 32,
     .preset = 1,
     .doc = "of the association; 0 with INIT"},
    {.name = "checksum",
     .bit_offset = 64,
     .bits = 32,
     .derived = Derived::kChecksum,
     .doc = "CRC-32C of the packet"},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 132}};
constexpr ChecksumRule kChecksums[] = {
    {.field = "checksum", .covers = Covers::kHeaderAndRest, .kind = SumKind::kCrc32c}};

uint32_t Next(std::span<const uint8_t> bytes) {
  return bytes.size() > 12 ? bytes[12] : HeaderSpec::kNothing;
}

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("%d → %d", Get16(bytes.data()), Get16(bytes.data() + 2));
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "sctp",
    .title = "SCTP",
    .doc = "Stream Control Transmission Protocol common header; chunks follow as headers",
    .source = "RFC 9260, 3.1",
    .fields = kFields,
    .fixed_bytes = 12,
    .follows = kPlaces,
    .selects = Space::kSctpChunk,
    .checksums = kChecksums,
    .info = Info,
    .next = Next,
};

}  // namespace spate::packet::sctp
