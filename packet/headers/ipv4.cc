#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::ipv4 {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "version", .bit_offset = 0, .bits = 4, .preset = 4, .doc = "4"},
    {.name = "header_length",
     .bit_offset = 4,
     .bits = 4,
     .derived = Derived::kHeaderLength,
     .doc = "header and options in 32-bit words"},
    {.name = "tos", .bit_offset = 8, .bits = 8, .doc = "DSCP (6 bits) and ECN (2 bits), RFC 2474"},
    {.name = "total_length",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "bytes of header and payload"},
    {.name = "identification", .bit_offset = 32, .bits = 16, .doc = "groups fragments"},
    {.name = "reserved", .bit_offset = 48, .bits = 1, .doc = "0"},
    {.name = "dont_fragment", .bit_offset = 49, .bits = 1, .doc = "routers must not fragment"},
    {.name = "more_fragments", .bit_offset = 50, .bits = 1, .doc = "not the last fragment"},
    {.name = "fragment_offset", .bit_offset = 51, .bits = 13, .doc = "in units of 8 bytes"},
    {.name = "time_to_live", .bit_offset = 64, .bits = 8, .preset = 64, .doc = "hops left"},
    {.name = "protocol",
     .bit_offset = 72,
     .bits = 8,
     .derived = Derived::kNext,
     .preset = 253,
     .doc = "what follows; without a further header 253, for experiments (RFC 3692)"},
    {.name = "header_checksum",
     .bit_offset = 80,
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "of the header and its options"},
    {.name = "src",
     .kind = FieldKind::kIpv4,
     .bit_offset = 96,
     .bits = 32,
     .preset = 0xc6'12'00'01,
     .doc = "source address; the default is of the benchmarking range (RFC 2544)"},
    {.name = "dst",
     .kind = FieldKind::kIpv4,
     .bit_offset = 128,
     .bits = 32,
     .preset = 0xc6'12'00'02,
     .doc = "destination address"},
    {.name = "router_alert",
     .bits = 16,
     .doc = "option: 0 asks every router to look (RFC 2113)",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x94\x04"},
    {.name = "stream_id",
     .bits = 16,
     .doc = "option (RFC 791, obsolete)",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x88\x04"},
    {.name = "options",
     .kind = FieldKind::kBytes,
     .doc = "further options as bytes; all together are up to 40 bytes, extended with zeros to a "
            "multiple of 4"},
};

constexpr Place kPlaces[] = {{Space::kEtherType, 0x0800},
                             {Space::kIpProtocol, 4},
                             {Space::kMpls, 4 << 1 | 1},
                             {Space::kPpp, 0x0021},
                             {Space::kGtp, 4}};
constexpr LengthRule kLengths[] = {{.field = "total_length"}};
constexpr ChecksumRule kChecksums[] = {{.field = "header_checksum", .covers = Covers::kHeader}};

std::string Info(std::span<const uint8_t> bytes) {
  const auto offset = GetBits(bytes.data(), 51, 13) * 8;
  const bool fragment = offset > 0 || GetBits(bytes.data(), 50, 1) != 0;
  if (!fragment) return absl::StrFormat("Protocol %d", bytes[9]);
  return absl::StrFormat("Fragmented IP protocol (proto=%d, off=%d, ID=%04x)", bytes[9], offset,
                         Get16(bytes.data() + 4));
}

// A later fragment goes on in the middle of its datagram.
bool Opaque(std::span<const uint8_t> bytes) {
  return bytes[0] >> 4 != 4 || GetBits(bytes.data(), 51, 13) != 0;
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "ipv4",
    .title = "IPv4",
    .doc = "Internet Protocol, version 4",
    .source = "RFC 791",
    .fields = kFields,
    .fixed_bytes = 20,
    .follows = kPlaces,
    .selects = Space::kIpProtocol,
    .lengths = kLengths,
    .checksums = kChecksums,
    .info = Info,
    .opaque = Opaque,
};

}  // namespace spate::packet::ipv4
