#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::pppoe {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "version", .bit_offset = 0, .bits = 4, .preset = 1, .doc = "1"},
    {.name = "type", .bit_offset = 4, .bits = 4, .preset = 1, .doc = "1"},
    {.name = "code", .bit_offset = 8, .bits = 8, .doc = "0: session data"},
    {.name = "session_id",
     .bit_offset = 16,
     .bits = 16,
     .preset = 1,
     .doc = "given by the concentrator"},
    {.name = "length",
     .bit_offset = 32,
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "bytes after it"},
    {.name = "protocol_type",
     .bit_offset = 48,
     .bits = 16,
     .derived = Derived::kNext,
     .preset = 0x40ff,
     .doc = "what follows; without a further header 0x40ff, which is nobody's"},
};

constexpr Place kPlaces[] = {{Space::kEtherType, 0x8864}};
constexpr LengthRule kLengths[] = {{.field = "length", .skip = 6}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("PPPoE session 0x%04x, PPP protocol 0x%04x", Get16(bytes.data() + 2),
                         Get16(bytes.data() + 6));
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "pppoe",
    .title = "PPPoE",
    .doc = "PPP over Ethernet, session stage, with the PPP protocol",
    .source = "RFC 2516, 6",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .selects = Space::kPpp,
    .lengths = kLengths,
    .info = Info,
};

}  // namespace spate::packet::pppoe
