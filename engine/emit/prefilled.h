// Prefilled frames: some of each message, written before the run and sent again and again, also
// while they are still under way. Nothing is left to do for a packet but to point at a frame.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "engine/emit/batch.h"
#include "engine/plan/plan.h"
#include "engine/port/port.h"

namespace spate::engine {

class Prefilled {
 public:
  // Keeps a reference to `plan`, whose frames are constant (mode.h).
  explicit Prefilled(const Plan& plan) : plan_(plan) {}

  // Keeps and writes frames of `queue`, of the messages that are `sent` by it (by message; empty:
  // all). Errors: the queue has too few.
  absl::Status Write(TxQueue& queue, const std::vector<bool>& sent);

  // Points `burst` at frames of the batch's messages; sets lengths and due times.
  void Point(const Batch& batch, Burst& burst);

 private:
  // Frames that hold one prototype, in turn.
  struct Kept {
    uint32_t prototype = 0;
    uint16_t length = 0;
    uint32_t first = 0;  // in handles_, which has `count` frames and then the first kBurst again
    uint16_t next = 0;
    uint16_t count = 0;  // a power of two
  };

  absl::Status WriteFrames(const MessagePlan& message, uint16_t count, TxQueue& queue);

  const Plan& plan_;
  std::vector<Kept> kept_;
  std::vector<uint32_t> kept_of_;  // by message
  std::vector<void*> handles_;
};

}  // namespace spate::engine
