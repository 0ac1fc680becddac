// What the size of a frame adds to its checksums, where it varies.
#pragma once

#include <cstdint>
#include <span>

#include "engine/plan/plan.h"

namespace spate::engine {

// Of a checksum up to the frame's end: what its bytes and its pseudo-header's length add, by
// length, so that any size's is one look-up away; nothing but the length where all bytes behind
// the shortest frame's end are zeros. `bytes`: the prototype.
void AddTail(const MessagePlan& message, std::span<const uint8_t> bytes, SumSite& site, Plan& plan);

// The length fields that it covers add the length, too, as often as there are (SumSite::times).
void JoinLengths(const MessagePlan& message, SumSite& site, const Plan& plan);

}  // namespace spate::engine
