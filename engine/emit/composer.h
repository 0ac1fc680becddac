// Composition: a burst of records becomes frames. Operations outside, packets inside: each field
// operation is dispatched once per piece of equal messages and fills a column; then the frames are
// assembled from prototype and columns.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/emit/assemble.h"
#include "engine/emit/batch.h"
#include "engine/plan/limits.h"
#include "engine/plan/plan.h"
#include "engine/port/port.h"
#include "packet/seal.h"

namespace spate::engine {

class Composer {
 public:
  // Keeps a reference to `plan`.
  explicit Composer(const Plan& plan);

  // Writes every byte of the frames of `burst`, whose data pointers are set; sets their length and
  // due time.
  void Compose(const Batch& batch, Burst& burst);

 private:
  void ComposePiece(const MessagePlan& message, const Batch& batch, Burst& burst);
  void PadShort(const MessagePlan& message, Burst& burst);
  bool MostlySteps(const Slot* const* records) const;
  void ComposeCounters(const MessagePlan& message, const Slot* const* records, Burst& burst);
  void ComposeSteps(const MessagePlan& message, uint64_t index, Burst& burst, uint16_t begin,
                    uint16_t end);
  void FillColumns(const MessagePlan& message, const Slot* const* records, const Burst& burst);
  void StartSums(const MessagePlan& message);
  void ReadRecords(const FieldOp& op, const Slot* const* records);
  void ReadRun(const MessagePlan& message, const FieldOp& op);
  void Select(const FieldOp& op);
  void Map(const FieldOp& op);
  void Place(const FieldOp& op);
  void PlaceLengths(const MessagePlan& message, const Burst& burst);
  void AddTails(const MessagePlan& message, const Burst& burst);
  void PlaceSums(const MessagePlan& message);
  void StoreCrcs(const MessagePlan& message, const Burst& burst) const;
  static void AddToOuterSums(const SumSite* sums, const SumSite& site, uint32_t more,
                             uint8_t* frame);
  void Seal(const MessagePlan& message, Burst& burst);

  const Plan& plan_;
  const Piece* piece_ = nullptr;  // being composed …
  uint16_t begin_ = 0, end_ = 0;  // … its frames
  alignas(64) uint64_t values_[kBurst];
  alignas(64) uint64_t sums_[8][kBurst];
  Column columns_[kMaxColumns];
  Assembler assembler_;
  std::vector<packet::Sealer> sealers_;  // one for each of the plan's seals
};

}  // namespace spate::engine
