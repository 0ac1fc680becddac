#include "absl/strings/str_format.h"
#include "packet/header.h"

namespace spate::packet::zigbee_command {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "command",
     .bit_offset = 0,
     .bits = 8,
     .derived = Derived::kNext,
     .preset = 1,
     .doc = "1: route request, 2: route reply, 3: network status, 4: leave, 5: route record, 6: "
            "rejoin request, 7: rejoin response, 8: link status; without a further header what "
            "follows the number is payload"},
};

constexpr Place kPlaces[] = {{Space::kZigbeeFrame, 1}};

std::string Info(std::span<const uint8_t> bytes) {
  static constexpr const char* kCommands[] = {"Reserved",
                                              "Route Request",
                                              "Route Reply",
                                              "Network Status",
                                              "Leave",
                                              "Route Record",
                                              "Rejoin Request",
                                              "Rejoin Response",
                                              "Link Status",
                                              "Network Report",
                                              "Network Update",
                                              "End Device Timeout Request",
                                              "End Device Timeout Response"};
  if (bytes[0] < std::size(kCommands)) return kCommands[bytes[0]];
  return absl::StrFormat("Command 0x%02x", bytes[0]);
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "zigbee_command",
    .title = "ZigBee",
    .doc = "Command of Zigbee's network layer",
    .source = "Zigbee 05-3474-23, 3.4",
    .fields = kFields,
    .fixed_bytes = 1,
    .follows = kPlaces,
    .selects = Space::kZigbeeCommand,
    .info = Info,
};

}  // namespace spate::packet::zigbee_command
