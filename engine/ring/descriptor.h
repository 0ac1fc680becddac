// The seam between generation and emission: what crosses the rings. A descriptor says what to
// send and when; the emission lcore composes the bytes (docs/performance.md: mbufs taken on one
// lcore and freed on another cost 2.5 times as much).
#pragma once

#include <compare>
#include <cstdint>

namespace spate::engine {

// A record on a ring is one Descriptor slot followed by MessagePlan::operand_slots Operands slots.
struct Descriptor {
  int64_t due_ps;    // since the start of the run, scaled to the asked rate
  uint16_t message;  // index into Plan::messages
  uint16_t length;   // frame bytes without FCS
  uint32_t index;    // number of the instance in its group; in groups of one the packet's lockstep
                     // counter modulo MessagePlan::index_modulus
};

struct Operands {
  uint64_t word[2];
};

union Slot {
  Descriptor descriptor;
  Operands operands;
};
static_assert(sizeof(Slot) == 16);

// Most slots a record may have: a descriptor and up to 14 operand words.
inline constexpr uint32_t kMaxRecordSlots = 8;

// The total order of a trace: due time, then flow (in plan order), then instance. Sharding never
// changes it (invariant 1).
struct OrderKey {
  int64_t due_ps = 0;
  uint64_t rank = 0;  // flow << 32 | instance

  friend constexpr auto operator<=>(const OrderKey&, const OrderKey&) = default;
  static constexpr OrderKey Max() { return {INT64_MAX, UINT64_MAX}; }
  static constexpr OrderKey Min() { return {INT64_MIN, 0}; }
};

}  // namespace spate::engine
