// Composition of captured frames: the bytes as they were, and the addresses of the instance.
#pragma once

#include <cstdint>

#include "engine/emit/frames.h"
#include "engine/plan/plan.h"

namespace spate::engine {

// Writes frames from records of a message that stands for a track: operand word 0 is the frame's
// number, word 1 that of the instance.
void ComposeTrack(const Plan& plan, const Frames& frames);

}  // namespace spate::engine
