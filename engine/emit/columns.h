// The first step of composing: all that varies in frames as columns of 32-bit numbers. Operations
// outside, packets inside: each field operation is dispatched once for all frames.
#pragma once

#include <cstdint>

#include "engine/emit/frames.h"
#include "engine/emit/outcomes.h"
#include "engine/plan/limits.h"
#include "engine/plan/plan.h"

namespace spate::engine {

class Columns {
 public:
  // Keeps a reference to `plan`.
  explicit Columns(const Plan& plan) : plan_(plan), outcomes_(plan) {}

  // The columns of the frames' shape, valid until the next call.
  const Column* Fill(const Frames& frames);

  // The lengths of the packets of a run whose size varies.
  void SizeRun(const MessagePlan& message, const PacketRun& run, uint16_t* length);

 private:
  void StartSums(const Frames& frames);
  void Count(const FieldOp& op, const Frames& frames);
  void Map(const FieldOp& op, uint32_t count);
  void FillHigh(const FieldOp& op, uint32_t lanes);
  void MapNumbers(const FieldOp& op, uint32_t lanes);
  void AddToSums(const FieldOp& op, const Frames& frames);
  static void AddColumn(const Column& column, bool one_word, bool odd, Column& sum, uint32_t lanes);
  void ReadLengths(const Frames& frames);
  void PlaceLengths(const Frames& frames);
  void AddTails(const Frames& frames);
  void PlaceSums(const Frames& frames);

  const Plan& plan_;
  Outcomes outcomes_;  // of the selector that was asked last
  Column lengths_;
  Column sums_[kMaxSums];
  Column columns_[kMaxColumns];
};

}  // namespace spate::engine
