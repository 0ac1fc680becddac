// What draws and counters say for each of the frames that are composed together, before it becomes
// the value of a field.
#pragma once

#include <cstdint>

#include "engine/emit/frames.h"
#include "engine/plan/plan.h"

namespace spate::engine {

class Outcomes {
 public:
  // Keeps a reference to `plan`.
  explicit Outcomes(const Plan& plan) : plan_(plan) {}

  // Those of a field's selector.
  void Select(const FieldOp& op, const Frames& frames);
  // Those of the draw of the message's size, for the packets of a run.
  void SelectSizes(const MessagePlan& message, const PacketRun& run);
  // The next frames are of other packets than the last ones.
  void NextFrames() { has_bits_ = false; }

  // The outcomes of the last call: numbers below 2^32 as they are …
  bool narrow() const { return narrow_; }
  const Column& numbers() const { return numbers_; }
  // … or of any size.
  const uint64_t* Wide(uint32_t count);

 private:
  void ReadNumbers(const FieldOp& op, const Frames& frames);
  const uint64_t* Read(const FieldOp& op, const Frames& frames);
  const uint64_t* ReadRun(const FieldOp& op, const Frames& frames);
  void ReadBits(const MessagePlan& message, uint64_t packet, uint32_t count);
  void DrawRun(uint32_t draw, const MessagePlan& message, uint64_t packet, uint32_t count);
  void SelectCells(const uint64_t* bits, uint64_t key, const uint64_t* table, uint64_t size,
                   uint32_t count);
  void SelectAlias(const uint64_t* bits, uint64_t key, const uint64_t* table, uint64_t size,
                   uint32_t count);

  const Plan& plan_;
  bool narrow_ = false;
  bool has_bits_ = false;
  alignas(64) uint64_t bits_[kBurst] = {};  // of the packets of a run, if has_bits_
  alignas(64) uint64_t wide_[kBurst] = {};
  Column numbers_ = {};
  alignas(64) uint64_t products_[kBurst] = {};  // place in a table and fraction …
  alignas(64) uint64_t cells_[kBurst] = {};     // … and what stands there
};

}  // namespace spate::engine
