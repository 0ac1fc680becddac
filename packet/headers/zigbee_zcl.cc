#include <algorithm>

#include "absl/strings/str_format.h"
#include "packet/header.h"

namespace spate::packet::zigbee_zcl {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "reserved", .bit_offset = 0, .bits = 3, .doc = "0"},
    {.name = "disable_default_response",
     .bit_offset = 3,
     .bits = 1,
     .doc = "1: only an error is answered"},
    {.name = "direction", .bit_offset = 4, .bits = 1, .doc = "0: to the server, 1: to the client"},
    {.name = "manufacturer_specific",
     .bit_offset = 5,
     .bits = 1,
     .doc = "`manufacturer_code` is there"},
    {.name = "frame_type",
     .bit_offset = 6,
     .bits = 2,
     .doc = "0: a command that all clusters have, 1: one of the cluster"},
    {.name = "manufacturer_code",
     .bits = 16,
     .doc = "of the manufacturer whose command it is; optional",
     .part = Part::kTail,
     .when = {.byte = 0, .mask = 0x04},
     .little_endian = true},
    {.name = "sequence",
     .bits = 8,
     .doc = "a response has that of its request",
     .part = Part::kTail},
    {.name = "command",
     .bits = 8,
     .doc =
         "of frame type 0: 0: read attributes, 1: read attributes response, 2: write attributes, "
         "10: report attributes, 11: default response",
     .part = Part::kTail},
};

constexpr Place kPlaces[] = {{Space::kZigbeeAps, 0}};

constexpr const char* kGeneral[] = {"Read Attributes",
                                    "Read Attributes Response",
                                    "Write Attributes",
                                    "Write Attributes Undivided",
                                    "Write Attributes Response",
                                    "Write Attributes No Response",
                                    "Configure Reporting",
                                    "Configure Reporting Response",
                                    "Read Reporting Configuration",
                                    "Read Reporting Configuration Response",
                                    "Report Attributes",
                                    "Default Response",
                                    "Discover Attributes",
                                    "Discover Attributes Response"};

// Commands of single clusters (Zigbee Cluster Library 07-5123, 3.6 to 3.8 and 11), by direction.
struct ClusterCommand {
  uint16_t cluster;
  bool to_client;
  uint8_t command;
  const char* text;
};
constexpr ClusterCommand kClusterCommands[] = {
    {0x0003, false, 0, "Identify: Identify"},
    {0x0004, false, 0, "Groups: Add Group"},
    {0x0004, false, 1, "Groups: View Group"},
    {0x0004, false, 2, "Groups: Get Group Membership"},
    {0x0004, false, 3, "Groups: Remove Group"},
    {0x0004, true, 0, "Groups: Add Group Response"},
    {0x0004, true, 1, "Groups: View Group Response"},
    {0x0004, true, 2, "Groups: Get Group Membership Response"},
    {0x0004, true, 3, "Groups: Remove Group Response"},
    {0x0005, false, 0, "Scenes: Add Scene"},
    {0x0005, false, 1, "Scenes: View Scene"},
    {0x0005, false, 5, "Scenes: Recall Scene"},
    {0x0005, false, 6, "Scenes: Get Scene Membership"},
    {0x0005, true, 0, "Scenes: Add Scene Response"},
    {0x0005, true, 1, "Scenes: View Scene Response"},
    {0x0005, true, 6, "Scenes: Get Scene Membership Response"},
    {0x0006, false, 0, "OnOff: Off"},
    {0x0006, false, 1, "OnOff: On"},
    {0x0006, false, 2, "OnOff: Toggle"},
    {0x0008, false, 0, "Level Control: Move to Level"},
    {0x0019, true, 0, "OTA: Image Notify"},
    {0x0019, false, 1, "OTA: Query Next Image Request"},
    {0x0019, true, 2, "OTA: Query Next Image Response"},
    {0x0019, false, 3, "OTA: Image Block Request"},
    {0x0019, true, 5, "OTA: Image Block Response"},
};

constexpr size_t kApsBytes = 8;

// `bytes` begin at the application support header, which names the cluster.
std::string Info(std::span<const uint8_t> bytes) {
  const uint8_t* const zcl = bytes.data() + kApsBytes;
  const size_t skip = (zcl[0] & 4) != 0 ? 2 : 0;  // manufacturer code
  const uint8_t sequence = zcl[1 + skip], command = zcl[2 + skip];
  const bool to_client = (zcl[0] & 8) != 0;
  if ((zcl[0] & 3) == 0) {
    const char* name = command < std::size(kGeneral) ? kGeneral[command] : "Unknown Command";
    return absl::StrFormat("ZCL: %s, Seq: %u", name, sequence);
  }
  const auto cluster = static_cast<uint16_t>(bytes[2] | bytes[3] << 8);
  const auto* const known = std::ranges::find_if(kClusterCommands, [&](const ClusterCommand& c) {
    return c.cluster == cluster && c.to_client == to_client && c.command == command;
  });
  if (known != std::end(kClusterCommands)) {
    return absl::StrFormat("ZCL %s, Seq: %u", known->text, sequence);
  }
  return absl::StrFormat("ZCL: Cluster 0x%04x Command 0x%02x, Seq: %u", cluster, command, sequence);
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "zigbee_zcl",
    .title = "ZigBee HA",
    .doc = "Zigbee Cluster Library frame; its records are the payload",
    .source = "Zigbee Cluster Library 07-5123, 2.4",
    .fields = kFields,
    .fixed_bytes = 1,
    .follows = kPlaces,
    .info = Info,
    .info_from_previous = true,
};

}  // namespace spate::packet::zigbee_zcl
