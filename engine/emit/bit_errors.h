// Bit errors in composed frames (impairments).
#pragma once

#include <cstdint>

#include "engine/plan/plan.h"
#include "engine/port/port.h"
#include "engine/ring/descriptor.h"

namespace spate::engine {

// Flips MessagePlan::flips bits in each of the frames [begin, end): anywhere behind the link
// header, or in the payload with the checksums adjusted to it. Which ones the record's last word
// says.
void FlipBits(const Plan& plan, const MessagePlan& message, const Slot* const* records,
              Burst& burst, uint16_t begin, uint16_t end);

}  // namespace spate::engine
