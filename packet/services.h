// Names of services by their well-known ports, for people who read summaries.
#pragma once

#include <cstdint>
#include <string_view>

namespace spate::packet {

enum class Transport : uint8_t { kTcp, kUdp };

// The service between two ports, as protocol analysers name it ("MQTT"); the lower port counts
// first. Empty when neither port is known.
std::string_view ServiceName(Transport transport, uint16_t port, uint16_t other_port);

}  // namespace spate::packet
