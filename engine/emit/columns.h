// The first step of composing: all that varies in frames as columns of 32-bit numbers. Operations
// outside, packets inside: each field operation is dispatched once for all frames.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/emit/frames.h"
#include "engine/plan/limits.h"
#include "engine/plan/plan.h"

namespace spate::engine {

class Columns {
 public:
  // Keeps a reference to `plan`.
  explicit Columns(const Plan& plan) : plan_(plan) {}

  // The columns of the frames' shape, valid until the next call.
  const Column* Fill(const Frames& frames);

  // The lengths of the packets of a run whose size varies.
  void SizeRun(const MessagePlan& message, const PacketRun& run, uint16_t* length);

 private:
  void StartSums(const Frames& frames);
  void Count(const FieldOp& op, const Frames& frames);
  void Read(const FieldOp& op, const Frames& frames);
  void ReadRun(const FieldOp& op, const Frames& frames);
  void ReadBits(const MessagePlan& message, uint64_t packet, uint32_t count);
  void DrawRun(uint32_t draw, const MessagePlan& message, uint64_t packet, uint32_t count);
  void Select(const FieldOp& op, uint32_t count);
  void SelectAlias(uint32_t table, uint64_t size, uint32_t count);
  void Map(const FieldOp& op, uint32_t count);
  void AddToSums(const FieldOp& op, const Frames& frames);
  void AddColumn(const Column& column, bool odd, Column& sum, uint32_t lanes);
  void PlaceLengths(const Frames& frames);
  void AddTails(const Frames& frames);
  void PlaceSums(const Frames& frames);

  const Plan& plan_;
  alignas(64) uint64_t bits_[kBurst];      // of the packets of a run …
  bool has_bits_ = false;                  // … if they were needed
  alignas(64) uint64_t outcomes_[kBurst];  // of the draw that was made last
  alignas(64) uint64_t fractions_[kBurst];
  Column sums_[kMaxSums];
  Column columns_[kMaxColumns];
};

}  // namespace spate::engine
