// What a burst is made from, in order: pieces of runs, and single records by message.
#pragma once

#include <cstdint>

#include "engine/plan/plan.h"
#include "engine/port/port.h"
#include "engine/ring/descriptor.h"

namespace spate::engine {

// Frames [begin, end) of a burst, all of one message.
struct Piece {
  uint16_t begin = 0, end = 0;
  uint16_t message = 0;
  bool is_run = false;
  PacketRun run;  // else Batch::records has theirs
};

class Batch {
 public:
  void Clear() {
    count_ = pieces_ = 0;
    last_message_ = kNoMessage;
  }
  uint16_t size() const { return count_; }
  const Piece* begin() const { return piece_; }
  const Piece* end() const { return piece_ + pieces_; }
  // Of frames that are not of runs.
  const Slot* const* records() const { return record_; }

  // The caller sees to it that no more than kBurst packets come together. `record` stays valid as
  // long as the batch is used.
  void Add(const Slot* record) {
    const uint16_t message = record->descriptor.message;
    record_[count_] = record;
    if (message != last_message_) {
      Piece& piece = piece_[pieces_++];  // its run stays as it is: most have none
      piece.begin = count_;
      piece.message = message;
      piece.is_run = false;
      last_message_ = message;
    }
    piece_[pieces_ - 1].end = ++count_;
  }
  void Add(const PacketRun& run) {
    const uint16_t end = static_cast<uint16_t>(count_ + run.count);
    piece_[pieces_++] = {
        .begin = count_, .end = end, .message = run.message, .is_run = true, .run = run};
    count_ = end;
    last_message_ = kNoMessage;
  }

 private:
  static constexpr uint32_t kNoMessage = UINT32_MAX;

  uint16_t count_ = 0, pieces_ = 0;
  uint32_t last_message_ = kNoMessage;  // of the record added last
  const Slot* record_[kBurst];
  Piece piece_[kBurst];
};

}  // namespace spate::engine
