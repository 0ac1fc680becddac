// Requests of a service joined with their responses.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "generator/prompt/outline.h"

namespace spate::generator {

struct Exchange {
  uint32_t request = 0;   // positions among the conversation's packets
  uint32_t response = 0;  // = request: unanswered
};

// The exchanges of each conversation in order of their requests. `steps` names request, response,
// request, response …; each response goes to the oldest open request that it is paired with there.
std::vector<std::vector<Exchange>> JoinExchanges(
    std::span<const std::vector<OutlineEvent>> conversations, std::span<const uint16_t> steps);

}  // namespace spate::generator
