#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::ethernetpause {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "control_op_code", .bit_offset = 0, .bits = 16, .preset = 1, .doc = "1: pause"},
    {.name = "time", .bit_offset = 16, .bits = 16, .doc = "in units of 512 bit times; 0: go on"},
};

constexpr Place kPlaces[] = {{Space::kEtherType, 0x8808}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("MAC PAUSE: pause_time: %d quanta", Get16(bytes.data() + 2));
}

bool Matches(std::span<const uint8_t> bytes) { return Get16(bytes.data()) == 1; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "ethernetpause",
    .title = "MAC CTRL",
    .doc = "pause frame; its destination is 01:80:c2:00:00:01",
    .source = "IEEE 802.3-2022, annex 31B",
    .fields = kFields,
    .fixed_bytes = 4,
    .follows = kPlaces,
    .only_after = "ethernet",
    .carries_payload = false,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::ethernetpause
