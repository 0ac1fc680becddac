#include "absl/strings/str_format.h"
#include "packet/header.h"

namespace spate::packet::ipv6 {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "version", .bit_offset = 0, .bits = 4, .preset = 6, .doc = "6"},
    {.name = "traffic_class",
     .bit_offset = 4,
     .bits = 8,
     .doc = "DSCP (6 bits) and ECN (2 bits), RFC 2474"},
    {.name = "flow_label", .bit_offset = 12, .bits = 20, .doc = "RFC 6437"},
    {.name = "payload_length",
     .bit_offset = 32,
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "bytes after this header"},
    {.name = "next_header",
     .bit_offset = 48,
     .bits = 8,
     .derived = Derived::kNext,
     .preset = 253,
     .doc = "what follows; without a further header 253, for experiments (RFC 3692)"},
    {.name = "hop_limit", .bit_offset = 56, .bits = 8, .preset = 64, .doc = "hops left"},
    {.name = "src",
     .kind = FieldKind::kIpv6,
     .bit_offset = 64,
     .bits = 128,
     .preset = 1,
     .doc = "source address; the default is of the benchmarking range (RFC 5180)",
     .preset_high = 0x2001'0002'0000'0000},
    {.name = "dst",
     .kind = FieldKind::kIpv6,
     .bit_offset = 192,
     .bits = 128,
     .preset = 2,
     .doc = "destination address",
     .preset_high = 0x2001'0002'0000'0000},
};

constexpr Place kPlaces[] = {{Space::kEtherType, 0x86dd},
                             {Space::kIpProtocol, 41},
                             {Space::kMpls, 6 << 1 | 1},
                             {Space::kPpp, 0x0057},
                             {Space::kGtp, 6}};
constexpr LengthRule kLengths[] = {{.field = "payload_length", .after_header = true}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("Next header %d", bytes[6]);
}

bool Opaque(std::span<const uint8_t> bytes) { return bytes[0] >> 4 != 6; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "ipv6",
    .title = "IPv6",
    .doc = "Internet Protocol, version 6",
    .source = "RFC 8200",
    .fields = kFields,
    .fixed_bytes = 40,
    .follows = kPlaces,
    .selects = Space::kIpProtocol,
    .lengths = kLengths,
    .info = Info,
    .opaque = Opaque,
};

}  // namespace spate::packet::ipv6
