// Composition: a burst of records becomes frames. Operations outside, packets inside: each field
// operation is dispatched once per run of equal messages and walks the burst.
#pragma once

#include <cstdint>

#include "engine/plan/plan.h"
#include "engine/port/port.h"
#include "engine/ring/descriptor.h"

namespace spate::engine {

class Composer {
 public:
  // Keeps a reference to `plan`.
  explicit Composer(const Plan& plan) : plan_(plan) {}

  // Writes every byte of frames [begin, end) of `burst`, whose data pointers are set, from
  // `records[begin, end)`; sets their length and due time.
  void Compose(const Slot* const* records, Burst& burst, uint16_t begin, uint16_t end);

 private:
  void ComposeRun(const MessagePlan& message, const Slot* const* records, Burst& burst);
  void CopyPrototypes(const MessagePlan& message, Burst& burst);
  void StartSums(const MessagePlan& message);
  void Select(const FieldOp& op, const Slot* const* records);
  void Map(const FieldOp& op);
  void Store(const FieldOp& op, Burst& burst);
  void StoreLengths(const MessagePlan& message, Burst& burst);
  void AddTails(const MessagePlan& message, Burst& burst);
  void StoreSums(const MessagePlan& message, Burst& burst);

  const Plan& plan_;
  uint16_t begin_ = 0, end_ = 0;  // the run being composed
  alignas(64) uint64_t values_[kBurst];
  alignas(64) uint64_t sums_[8][kBurst];
};

}  // namespace spate::engine
