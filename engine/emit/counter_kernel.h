// The kernel for stress streams: messages whose varying fields all cycle with the packet's index
// (MessagePlan::counters_only). Neighbours' indices step by one, so whole bursts are computed eight
// or sixteen packets at a time in 32-bit lanes, without the multiplications that a lone index
// needs. Composer's passes remain for all else.
#pragma once

#include <cstdint>

#include "engine/emit/assemble.h"
#include "engine/plan/plan.h"

namespace spate::engine {

// Fills places [begin, end) of the columns of `message` for consecutive packets, the first of which
// has this index.
void CountColumns(const Plan& plan, const MessagePlan& message, uint64_t index, uint16_t begin,
                  uint16_t end, Column* columns);

}  // namespace spate::engine
