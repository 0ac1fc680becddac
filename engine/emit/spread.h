// Lengths and due times of the frames of a piece.
#pragma once

#include <cstdint>

#include "engine/emit/batch.h"
#include "engine/plan/plan.h"
#include "engine/port/port.h"

namespace spate::engine {

// Those of a run go by the same steps as Expander::AdvancePeriods takes.
inline void SpreadRun(const Plan& plan, const Piece& piece, Burst& burst) {
  const MessagePlan& message = plan.messages[piece.message];
  const FlowPlan& flow = plan.flows[message.flow];
  const uint16_t begin = piece.begin, end = piece.end;
  for (uint16_t i = begin; i < end; ++i) burst.length[i] = message.length;
  int64_t due = piece.run.due_ps;
  uint64_t fraction = piece.run.fraction;
  for (uint16_t i = begin; i < end; ++i) {
    burst.due_ps[i] = due;
    const uint64_t sum = fraction + flow.period_fraction;
    due += flow.period_q + (sum < fraction);
    fraction = sum;
  }
}

inline void Spread(const Plan& plan, const Batch& batch, const Piece& piece, Burst& burst) {
  if (piece.is_run) return SpreadRun(plan, piece, burst);
  for (uint16_t i = piece.begin; i < piece.end; ++i) {
    burst.length[i] = batch.records()[i]->descriptor.length;
    burst.due_ps[i] = batch.records()[i]->descriptor.due_ps;
  }
}

}  // namespace spate::engine
