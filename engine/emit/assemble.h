// The last step of every composing kernel: prototype and columns become frames. A line of 64 bytes
// is written once, whole, with all that varies in it already in place: bytes are moved from columns
// to their places by shuffles in registers instead of narrow stores into the frame
// (docs/performance.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/emit/frames.h"
#include "engine/plan/plan.h"
#include "engine/port/port.h"

namespace spate::engine {

class Assembler {
 public:
  // Keeps a reference to `plan`.
  explicit Assembler(const Plan& plan);

  // Writes every byte of the frames that is not there yet. `columns`: those of their shape.
  void Assemble(const Column* columns, const Frames& frames);

  // Somebody else has written into these frames, into their payloads too.
  void Forget(const Frames& frames);

 private:
  struct alignas(16) Operand {
    uint8_t bytes[16];
  };
  // Four columns of each frame, side by side.
  struct alignas(64) Block {
    Operand of[kBurst];
  };
  // A frame and the message whose bytes it holds from MessagePlan::tail_line on, up to the longest
  // frame of that message: a port gives the same frames again and again, and what never changes in
  // a payload is written into them but once.
  using Held = uint64_t;
  static constexpr unsigned kHeldBits = 11, kHeldPrototypeBits = 22;

  void Pack(const Column* columns, Block& block, uint32_t count);
  void WriteLine(const LinePatch* patches, uint32_t count, const Frames& frames) const;
  void WritePlain(uint32_t line, uint32_t end_line, const Frames& frames) const;
  void WriteTails(const Frames& frames);
  void WriteTail(const MessagePlan& message, uint8_t* frame);
  static size_t HeldAt(const uint8_t* frame);
  static Held HeldOf(const uint8_t* frame, uint32_t prototype);

  const Plan& plan_;
  std::vector<Block> blocks_;
  // The frames that were looked at last, all of one message: nearly always they come again.
  struct {
    uint32_t prototype = 0, count = 0;
    const uint8_t* data[kBurst];
  } same_;
  std::vector<Held> held_;  // by a hash of the frame's address; empty: no message has a tail
  uint32_t first_tail_ = UINT32_MAX;  // line where the first constant tail of a message begins
};

}  // namespace spate::engine
