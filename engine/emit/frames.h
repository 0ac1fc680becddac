// Frames of a burst that are composed together.
#pragma once

#include <cstdint>

#include "engine/emit/lanes.h"
#include "engine/plan/plan.h"
#include "engine/port/port.h"
#include "engine/ring/descriptor.h"

namespace spate::engine {

// What varies in frames that are composed together: columns of one number per frame. Kernels may
// write beyond the frames they are asked for, up to whole lanes.
union alignas(64) Column {
  uint32_t at[kBurst];
  Lanes lanes[kBurst / kLanes];
};

// All of messages of one shape (Plan::shapes); lengths are set.
struct Frames {
  const MessagePlan* message = nullptr;          // of all of them …
  const MessagePlan* const* messages = nullptr;  // … or, unless null, of each
  uint32_t count = 0;
  uint8_t* const* data = nullptr;
  uint16_t* length = nullptr;            // without FCS
  const Slot* const* records = nullptr;  // null: those of a run …
  uint64_t packet = 0;                   // … whose first has this number
  bool steps = false;  // fields that cycle (FieldOp::cycles) step by one from frame to frame, the
                       // first one's index is `packet`

  uint32_t lanes() const { return (count + kLanes - 1) / kLanes; }
  const MessagePlan& Of(uint32_t i) const { return messages != nullptr ? *messages[i] : *message; }
};

}  // namespace spate::engine
