// The last step of every composing kernel: prototype and columns become frames. A line of 64 bytes
// is written once, whole, with all that varies in it already in place: bytes are moved from columns
// to their places by shuffles in registers instead of narrow stores into the frame
// (docs/performance.md).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/plan/plan.h"
#include "engine/port/port.h"

namespace spate::engine {

// Sixteen numbers at a time; the compiler takes as many registers as that needs on its machine.
using Lanes [[gnu::vector_size(64)]] = uint32_t;
inline constexpr uint32_t kLanes = 16;

// What varies in the frames of a burst: columns of one number per frame. Kernels may write beyond
// the frames they are asked for, up to whole lanes.
union alignas(64) Column {
  uint32_t at[kBurst];
  Lanes lanes[kBurst / kLanes];
};

class Assembler {
 public:
  // Keeps a reference to `plan`.
  explicit Assembler(const Plan& plan);

  // Writes every byte of frames [begin, end) of `burst`, all of `message`; their data and length
  // are set. `columns`: those of the message, numbers at the frames' places.
  void Assemble(const MessagePlan& message, const Column* columns, const Burst& burst,
                uint16_t begin, uint16_t end);

 private:
  struct alignas(16) Operand {
    uint8_t bytes[16];
  };
  // Four columns of each frame, side by side.
  struct alignas(64) Block {
    Operand of[kBurst];
  };

  void Pack(const Column* columns, Block& block, uint16_t begin, uint16_t end);
  void WriteLine(const MessagePlan& message, const LinePatch* patches, uint32_t count,
                 const Burst& burst, uint16_t begin, uint16_t end) const;
  void WriteRest(const MessagePlan& message, uint32_t line, uint32_t end_line, const Burst& burst,
                 uint16_t begin, uint16_t end) const;

  const Plan& plan_;
  std::vector<Block> blocks_;
};

}  // namespace spate::engine
