// Fields of a request that its answer repeats and that differ from request to request: transaction
// identifiers (DNS, Modbus/TCP), packet identifiers (MQTT), originate timestamps (NTP).
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "generator/sample/sample.h"

namespace spate::generator {

struct Echo {
  uint32_t request_offset = 0, response_offset = 0;  // bytes into the payloads
  uint32_t bytes = 0;                                // 1 to 8

  friend bool operator==(const Echo&, const Echo&) = default;
};

// Request and answer as packet numbers.
using Pairs = std::vector<std::pair<uint32_t, uint32_t>>;

// Within each conversation, the n-th open request belongs to the next answer of the other side.
Pairs PairUp(const Sample& sample, const std::vector<uint32_t>& conversations);

// The echoes that hold for (nearly) all of these pairs; at least 3 pairs are needed to tell.
std::vector<Echo> FindEchoes(const Sample& sample, const Pairs& pairs);

// The field's value, big-endian; 0 where the payload was not kept that far.
uint64_t FieldValue(std::span<const uint8_t> payload, uint32_t offset, uint32_t bytes);

}  // namespace spate::generator
