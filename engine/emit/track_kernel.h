// Composition of captured frames: the bytes as they were, and the addresses of the instance.
#pragma once

#include <cstdint>

#include "engine/plan/plan.h"
#include "engine/port/port.h"
#include "engine/ring/descriptor.h"

namespace spate::engine {

// Writes frames [begin, end) of `burst` from records of a message that stands for a track: operand
// word 0 is the frame's number, word 1 that of the instance.
void ComposeTrack(const Plan& plan, const MessagePlan& message, const Slot* const* records,
                  Burst& burst, uint16_t begin, uint16_t end);

}  // namespace spate::engine
