#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::ppp {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "address", .bit_offset = 0, .bits = 8, .preset = 0xff, .doc = "all stations"},
    {.name = "control", .bit_offset = 8, .bits = 8, .preset = 3, .doc = "unnumbered information"},
    {.name = "protocol_type",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kNext,
     .preset = 0x40ff,
     .doc = "what follows; without a further header 0x40ff, which is nobody's"},
};

constexpr Place kPlaces[] = {{Space::kFrame, 2}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("PPP protocol 0x%04x", Get16(bytes.data() + 2));
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "ppp",
    .title = "PPP",
    .doc = "Point-to-Point Protocol frame",
    .source = "RFC 1661, RFC 1662",
    .fields = kFields,
    .fixed_bytes = 4,
    .follows = kPlaces,
    .only_after = "l2tp",
    .selects = Space::kPpp,
    .info = Info,
};

}  // namespace spate::packet::ppp
