// Headers of sample packets as header uses of the template.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "generator/sample/sample.h"
#include "template/surface.h"

namespace spate::generator {

std::string HexOf(std::span<const uint8_t> bytes);

// What conversations like that of this packet share beyond the defaults: VLAN tags, time to live,
// traffic class.
std::vector<tmpl::HeaderUse> EnvelopeOf(const Sample& sample, uint32_t packet);

// Flags and, in a handshake, the window.
tmpl::HeaderUse TcpHeader(const Sample& sample, uint32_t packet);
uint16_t TcpWindow(const Sample& sample, uint32_t packet);

// All headers, up to the outermost network layer of a tunnel, with every field that differs from
// its default; addresses of the conversation's ends become {"host": "client"} and {"host":
// "server"}. `payload_at`: where in the frame the headers told end.
std::vector<tmpl::HeaderUse> WholeStack(const Sample& sample, uint32_t packet,
                                        uint32_t& payload_at);

}  // namespace spate::generator
