// Frames for tests, written as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "packet/frame.h"

namespace spate::packet {

// "ethernet / ipv4 src=10.0.0.1 dst=10.0.0.2 / udp": headers with fields. Ends the test program at
// unknown names or values, which are mistakes of the test.
std::vector<HeaderValues> Stack(std::string_view text);

HeaderValues Values(std::string_view header);
void SetField(HeaderValues& values, std::string_view field, std::string_view text);

// The frame of Stack(text) with the payload; ends the test program when it cannot be encoded.
Frame MakeFrame(std::string_view text, const std::vector<uint8_t>& payload = {}, uint32_t size = 0);

}  // namespace spate::packet
