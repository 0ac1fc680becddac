// Message types: packets of a service that say the same, so that one message stands for them.
#pragma once

#include <cstdint>
#include <vector>

#include "generator/fit/echo.h"
#include "generator/sample/sample.h"

namespace spate::generator {

inline constexpr uint32_t kNoType = UINT32_MAX;

struct MessageType {
  uint32_t service = 0;
  bool from_client = true;
  uint8_t tcp_flags = 0;
  uint32_t payload_bytes = 0;
  uint32_t example = 0;  // packet: the first of its kind
  uint32_t count = 0;
  bool opaque = false;          // nearly every payload byte differs from packet to packet
  std::vector<uint64_t> sizes;  // frame bytes without FCS, of types that pool several; else empty
};

struct Typing {
  std::vector<MessageType> types;
  std::vector<uint32_t> of;               // type by packet
  std::vector<std::vector<Echo>> echoes;  // by service: fields that answers repeat
};

// Same service, side, TCP flags, length of headers and payload, and payload bytes, leaving aside
// bytes that answers echo, that look like counters or random numbers, and digits that vary. Where
// nearly every payload of a length still differs, the length alone counts. Payloads that are mostly
// text go by their letters, so that numbers may have more or fewer digits.
Typing TypeMessages(const Sample& sample);

}  // namespace spate::generator
