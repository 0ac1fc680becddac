// Impairments: what becomes of a record between the program that made it and the lane it goes to.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/expand/calendar.h"
#include "engine/plan/plan.h"
#include "engine/ring/descriptor.h"

namespace spate::engine {

// A record that is held back. Its memory grows with the most that are held at once.
struct HeldRecord {
  Event event;        // when it comes, and of which instance
  uint64_t sequence;  // of two for one instance and moment, the older first
  uint32_t lane;
  Slot slots[kMaxRecordSlots];
};

class Impairer {
 public:
  // Keeps a reference to `plan`.
  explicit Impairer(const Plan& plan) : plan_(plan) {}

  // The record in the first slots of `out` (room for two of the largest) was just made by instance
  // `id`, whose number stream is `key`, as its packet number `packet`. Returns how many slots are
  // to be sent now: none if it is held back, a shorter record if it is lost, two if it is doubled.
  uint32_t Apply(const core::Impairment& impairment, uint32_t id, uint64_t key, uint64_t packet,
                 uint32_t lane, Slot* out);

  // When the first held record comes; Event::Never() if there is none.
  Event Next() const { return held_.empty() ? Event::Never() : held_.front().event; }
  const HeldRecord& top() const { return held_.front(); }
  void Pop();

 private:
  struct Chances;
  uint32_t ApplyToCopy(const core::Impairment& impairment, uint32_t id, const Chances& chances,
                       uint64_t copy, uint32_t lane, Slot* record);
  bool Lost(const core::Impairment& impairment, uint32_t id, const Chances& chances);
  void Corrupt(const MessagePlan& message, uint64_t bits, Slot* record);
  void Hold(uint32_t id, uint32_t lane, int64_t due_ps, const Slot* record);

  const Plan& plan_;
  std::vector<bool> bursts_;  // by instance: whether it is in the bad state
  std::vector<HeldRecord> held_;
  uint64_t sequence_ = 0;
};

}  // namespace spate::engine
