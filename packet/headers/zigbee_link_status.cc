#include "packet/header.h"

namespace spate::packet::zigbee_link_status {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "reserved", .bit_offset = 0, .bits = 1, .doc = "0"},
    {.name = "last_frame",
     .bit_offset = 1,
     .bits = 1,
     .preset = 1,
     .doc = "the neighbours with the highest addresses are in it"},
    {.name = "first_frame",
     .bit_offset = 2,
     .bits = 1,
     .preset = 1,
     .doc = "the neighbours with the lowest addresses are in it"},
    {.name = "count",
     .bit_offset = 3,
     .bits = 5,
     .derived = Derived::kHeaderLength,
     .doc = "neighbours listed",
     .of = "neighbours",
     .unit = 3},
    {.name = "neighbours",
     .kind = FieldKind::kBytes,
     .doc = "3 bytes for each: its short address, lowest byte first, then 16 times the cost of the "
            "link to it (1 to 7, 0: none) plus the cost of the link from it"},
};

constexpr Place kPlaces[] = {{Space::kZigbeeCommand, 8}};

std::string Info(std::span<const uint8_t>) { return "Link Status"; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "zigbee_link_status",
    .title = "ZigBee",
    .doc = "Link Status: the neighbours of a router and what the links to them cost",
    .source = "Zigbee 05-3474-23, 3.4.8",
    .fields = kFields,
    .fixed_bytes = 1,
    .follows = kPlaces,
    .carries_payload = false,
    .info = Info,
};

}  // namespace spate::packet::zigbee_link_status
