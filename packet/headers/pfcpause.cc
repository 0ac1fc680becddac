#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::pfcpause {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "control_op_code",
     .bit_offset = 0,
     .bits = 16,
     .preset = 0x101,
     .doc = "0x101: pause by class"},
    {.name = "class_enable_vector",
     .bit_offset = 16,
     .bits = 16,
     .doc = "bit i: the time of class i counts"},
    {.name = "pause_class_0", .bit_offset = 32, .bits = 16, .doc = "in units of 512 bit times"},
    {.name = "pause_class_1", .bit_offset = 48, .bits = 16, .doc = "in units of 512 bit times"},
    {.name = "pause_class_2", .bit_offset = 64, .bits = 16, .doc = "in units of 512 bit times"},
    {.name = "pause_class_3", .bit_offset = 80, .bits = 16, .doc = "in units of 512 bit times"},
    {.name = "pause_class_4", .bit_offset = 96, .bits = 16, .doc = "in units of 512 bit times"},
    {.name = "pause_class_5", .bit_offset = 112, .bits = 16, .doc = "in units of 512 bit times"},
    {.name = "pause_class_6", .bit_offset = 128, .bits = 16, .doc = "in units of 512 bit times"},
    {.name = "pause_class_7", .bit_offset = 144, .bits = 16, .doc = "in units of 512 bit times"},
};

constexpr Place kPlaces[] = {{Space::kEtherType, 0x8808}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("MAC PFC: class_enable_vector: 0x%04x", Get16(bytes.data() + 2));
}

bool Matches(std::span<const uint8_t> bytes) { return Get16(bytes.data()) == 0x101; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "pfcpause",
    .title = "MAC CTRL",
    .doc = "priority flow control frame; its destination is 01:80:c2:00:00:01",
    .source = "IEEE 802.1Q-2022, 36",
    .fields = kFields,
    .fixed_bytes = 20,
    .follows = kPlaces,
    .only_after = "ethernet",
    .carries_payload = false,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::pfcpause
