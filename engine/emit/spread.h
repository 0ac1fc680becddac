// Lengths and due times of the frames of a piece.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/emit/batch.h"
#include "engine/plan/plan.h"
#include "engine/port/port.h"

namespace spate::engine {

// Those of a run go by the same steps as Expander::AdvancePeriods takes.
inline void SpreadRun(const Plan& plan, const Piece& piece, Burst& burst) {
  const MessagePlan& message = plan.messages[piece.message];
  const FlowPlan& flow = plan.flows[message.flow];
  const uint32_t count = piece.end - piece.begin;
  std::fill_n(burst.length + piece.begin, count, message.length);
  int64_t* const due_ps = burst.due_ps + piece.begin;
  const int64_t period = flow.period_q;
  const uint64_t period_fraction = flow.period_fraction;
  int64_t due = piece.run.due_ps;
  uint64_t fraction = piece.run.fraction;
  for (uint32_t i = 0; i < count; ++i) {
    due_ps[i] = due;
    const uint64_t sum = fraction + period_fraction;
    due += period + (sum < fraction);
    fraction = sum;
  }
}

// Those of single records.
inline void SpreadRecords(const Batch& batch, uint32_t begin, uint32_t end, Burst& burst) {
  const Slot* const* const records = batch.records();
  for (uint32_t i = begin; i < end; ++i) {
    burst.length[i] = records[i]->descriptor.length;
    burst.due_ps[i] = records[i]->descriptor.due_ps;
  }
}

inline void Spread(const Plan& plan, const Batch& batch, const Piece& piece, Burst& burst) {
  if (piece.is_run) return SpreadRun(plan, piece, burst);
  SpreadRecords(batch, piece.begin, piece.end, burst);
}

}  // namespace spate::engine
