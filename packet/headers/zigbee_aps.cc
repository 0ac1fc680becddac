#include "absl/strings/str_format.h"
#include "packet/header.h"

namespace spate::packet::zigbee_aps {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "extended_header", .bit_offset = 0, .bits = 1, .doc = "0: no fragment"},
    {.name = "ack_request", .bit_offset = 1, .bits = 1, .doc = "the receiver shall acknowledge"},
    {.name = "security", .bit_offset = 2, .bits = 1, .doc = "0: no security of this sublayer"},
    {.name = "ack_format", .bit_offset = 3, .bits = 1, .doc = "0 in data frames"},
    {.name = "delivery_mode",
     .bit_offset = 4,
     .bits = 2,
     .doc = "0: one receiver, 2: all (the network's `dst` is a broadcast address)"},
    {.name = "frame_type", .bit_offset = 6, .bits = 2, .doc = "0: data"},
    {.name = "dst_endpoint", .bit_offset = 8, .bits = 8, .preset = 1, .doc = "255: all"},
    {.name = "cluster",
     .bit_offset = 16,
     .bits = 16,
     .preset = 6,
     .doc = "0x0000: basic, 0x0004: groups, 0x0005: scenes, 0x0006: on/off, 0x0702: metering, "
            "0x0b04: electrical measurement",
     .little_endian = true},
    {.name = "profile",
     .bit_offset = 32,
     .bits = 16,
     .preset = 0x0104,
     .doc = "0x0104: home automation",
     .little_endian = true},
    {.name = "src_endpoint", .bit_offset = 48, .bits = 8, .preset = 1, .doc = "of the sender"},
    {.name = "counter", .bit_offset = 56, .bits = 8, .doc = "counts the frames of the sender"},
};

constexpr Place kPlaces[] = {{Space::kZigbeeFrame, 0}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("APS: Data, Dst Endpt: %d, Src Endpt: %d", bytes[1], bytes[6]);
}

// Groups, acknowledgements, commands and fragments have other headers; profile 0 carries the device
// profile, not the cluster library.
uint32_t Next(std::span<const uint8_t> bytes) {
  const unsigned mode = bytes[0] >> 2 & 3;
  const bool data = (bytes[0] & 0xa3) == 0 && mode != 1 && mode != 3;
  const bool cluster_library = bytes[4] != 0 || bytes[5] != 0;
  return data && cluster_library ? 0 : HeaderSpec::kNothing;
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "zigbee_aps",
    .title = "ZigBee",
    .doc = "Zigbee application support sublayer, data frame to one endpoint or all",
    .source = "Zigbee 05-3474-23, 2.2.5",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .selects = Space::kZigbeeAps,
    .info = Info,
    .next = Next,
};

}  // namespace spate::packet::zigbee_aps
