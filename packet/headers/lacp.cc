#include "absl/strings/str_format.h"
#include "packet/addresses.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::lacp {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "subtype", .bit_offset = 0, .bits = 8, .preset = 1, .doc = "1: LACP"},
    {.name = "version", .bit_offset = 8, .bits = 8, .preset = 1, .doc = "1"},
    {.name = "actor_type", .bit_offset = 16, .bits = 8, .preset = 1, .doc = "of this part"},
    {.name = "actor_length", .bit_offset = 24, .bits = 8, .preset = 20, .doc = "of this part"},
    {.name = "actor_system_priority",
     .bit_offset = 32,
     .bits = 16,
     .preset = 32768,
     .doc = "of this side"},
    {.name = "actor_system",
     .kind = FieldKind::kMac,
     .bit_offset = 48,
     .bits = 48,
     .preset = 0x02'00'00'00'00'01,
     .doc = "of this side"},
    {.name = "actor_key",
     .bit_offset = 96,
     .bits = 16,
     .preset = 1,
     .doc = "ports that may join have equal keys"},
    {.name = "actor_port_priority",
     .bit_offset = 112,
     .bits = 16,
     .preset = 32768,
     .doc = "of the port"},
    {.name = "actor_port", .bit_offset = 128, .bits = 16, .preset = 1, .doc = "number of the port"},
    {.name = "actor_state",
     .kind = FieldKind::kFlags,
     .bit_offset = 144,
     .bits = 8,
     .preset = 0x3d,
     .doc = "A: active, T: short time-out, G: aggregatable, S: in step, C: collecting, D: "
            "distributing, F: defaulted, E: expired",
     .letters = "ATGSCDFE"},
    {.name = "actor_reserved", .bit_offset = 152, .bits = 24, .doc = "0"},
    {.name = "partner_type", .bit_offset = 176, .bits = 8, .preset = 2, .doc = "of this part"},
    {.name = "partner_length", .bit_offset = 184, .bits = 8, .preset = 20, .doc = "of this part"},
    {.name = "partner_system_priority",
     .bit_offset = 192,
     .bits = 16,
     .preset = 32768,
     .doc = "of the other side"},
    {.name = "partner_system",
     .kind = FieldKind::kMac,
     .bit_offset = 208,
     .bits = 48,
     .preset = 0x02'00'00'00'00'02,
     .doc = "of the other side"},
    {.name = "partner_key",
     .bit_offset = 256,
     .bits = 16,
     .preset = 1,
     .doc = "ports that may join have equal keys"},
    {.name = "partner_port_priority",
     .bit_offset = 272,
     .bits = 16,
     .preset = 32768,
     .doc = "of the port"},
    {.name = "partner_port",
     .bit_offset = 288,
     .bits = 16,
     .preset = 1,
     .doc = "number of the port"},
    {.name = "partner_state",
     .kind = FieldKind::kFlags,
     .bit_offset = 304,
     .bits = 8,
     .preset = 0x3d,
     .doc = "A: active, T: short time-out, G: aggregatable, S: in step, C: collecting, D: "
            "distributing, F: defaulted, E: expired",
     .letters = "ATGSCDFE"},
    {.name = "partner_reserved", .bit_offset = 312, .bits = 24, .doc = "0"},
    {.name = "collector_type", .bit_offset = 336, .bits = 8, .preset = 3, .doc = "of this part"},
    {.name = "collector_length", .bit_offset = 344, .bits = 8, .preset = 16, .doc = "of this part"},
    {.name = "collector_max_delay", .bit_offset = 352, .bits = 16, .doc = "in units of 10 µs"},
    {.name = "terminator_type", .bit_offset = 464, .bits = 8, .doc = "0"},
    {.name = "terminator_length", .bit_offset = 472, .bits = 8, .doc = "0"},
};

constexpr Place kPlaces[] = {{Space::kEtherType, 0x8809}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("v%d ACTOR %s P: %d K: %d PARTNER %s P: %d K: %d", bytes[1],
                         FormatMac(bytes.data() + 6), Get16(bytes.data() + 16),
                         Get16(bytes.data() + 12), FormatMac(bytes.data() + 26),
                         Get16(bytes.data() + 36), Get16(bytes.data() + 32));
}

bool Matches(std::span<const uint8_t> bytes) { return bytes[0] == 1; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "lacp",
    .title = "LACP",
    .doc = "Link Aggregation Control Protocol; its destination is 01:80:c2:00:00:02",
    .source = "IEEE 802.1AX-2020, 6.4",
    .fields = kFields,
    .fixed_bytes = 110,
    .follows = kPlaces,
    .only_after = "ethernet vlan qinq",
    .carries_payload = false,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::lacp
