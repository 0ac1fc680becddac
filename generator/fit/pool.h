// Fewer types for conversations that are told by a chain: rare sizes share a type.
#pragma once

#include <cstdint>
#include <vector>

#include "generator/fit/behaviour.h"

namespace spate::generator {

// Sizes that are frequent stay types of their own; the others of one side and about one size become
// one new type of `typing` that remembers the sizes that it stands for. At most kMostStates types
// are left. `conversations` and `sequences` belong together.
void PoolTypes(const Sample& sample, const std::vector<uint32_t>& conversations,
               std::vector<Sequence>& sequences, Typing& typing);

}  // namespace spate::generator
