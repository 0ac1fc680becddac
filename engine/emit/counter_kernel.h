// The kernel for stress streams: messages whose varying fields all cycle with the descriptor's
// index (MessagePlan::counters_only). Neighbours' indices step by one, so whole bursts are computed
// eight packets at a time in 32-bit lanes, without the multiplications that a lone index needs.
// Composer's passes remain for all else.
#pragma once

#include <cstdint>

#include "engine/plan/plan.h"
#include "engine/port/port.h"
#include "engine/ring/descriptor.h"

namespace spate::engine {

// Composes frames [begin, end) of `burst`, all of `message`.
void ComposeCounters(const Plan& plan, const MessagePlan& message, const Slot* const* records,
                     Burst& burst, uint16_t begin, uint16_t end);

}  // namespace spate::engine
