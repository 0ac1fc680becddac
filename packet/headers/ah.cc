#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::ah {
namespace {

using std::string_view_literals::operator""sv;

constexpr FieldSpec kFields[] = {
    {.name = "next_header",
     .bit_offset = 0,
     .bits = 8,
     .derived = Derived::kNext,
     .preset = 59,
     .doc = "what follows; 59: nothing"},
    {.name = "payload_length",
     .bit_offset = 8,
     .bits = 8,
     .derived = Derived::kHeaderLength,
     .doc = "of this header in 32-bit words, less 2",
     .unit = 4,
     .less = 8},
    {.name = "reserved", .bit_offset = 16, .bits = 16, .doc = "0"},
    {.name = "spi", .bit_offset = 32, .bits = 32, .preset = 256, .doc = "security association"},
    {.name = "sequence_number", .bit_offset = 64, .bits = 32, .preset = 1, .doc = "counts up"},
    {.name = "icv",
     .kind = FieldKind::kBytes,
     .doc = "integrity check value, as given: spate has no keys",
     .preset_bytes = "\0\0\0\0\0\0\0\0\0\0\0\0"sv},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 51}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("AH (SPI=0x%08x)", Get32(bytes.data() + 4));
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "ah",
    .title = "AH",
    .doc = "IP authentication header",
    .source = "RFC 4302",
    .fields = kFields,
    .fixed_bytes = 12,
    .follows = kPlaces,
    .only_after = "ipv4 ipv6 ipv6_hop_by_hop ipv6_destination_options ipv6_routing ipv6_fragment",
    .selects = Space::kIpProtocol,
    .info = Info,
};

}  // namespace spate::packet::ah
