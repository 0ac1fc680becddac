// When the conversations of a kind begin, and how many go on at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "generator/sample/sample.h"
#include "template/surface.h"

namespace spate::generator {

struct Arrivals {
  uint64_t instances = 1;
  uint64_t passes = 1;                 // per instance
  std::optional<tmpl::TimeLaw> start;  // nullopt: 0
  tmpl::Clock clock;                   // kOnce when there is one pass
};

// Conversations that do not overlap are passes of one instance, started by a grid (periodic), a
// list (few) or a renewal law. Overlapping ones are instances, each with every k-th conversation.
Arrivals FindArrivals(const Sample& sample, const std::vector<uint32_t>& conversations);

// The same with exponential gaps of the same mean, where a renewal law tells them.
Arrivals FindPoissonArrivals(const Sample& sample, const std::vector<uint32_t>& conversations);

}  // namespace spate::generator
