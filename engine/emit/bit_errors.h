// Bit errors in composed frames (impairments).
#pragma once

#include <cstdint>

#include "engine/emit/frames.h"
#include "engine/plan/plan.h"

namespace spate::engine {

// Flips MessagePlan::flips bits in each of the frames: anywhere behind the link header, or in the
// payload with the checksums adjusted to it. Which ones the record's last word says.
void FlipBits(const Plan& plan, const Frames& frames);

}  // namespace spate::engine
