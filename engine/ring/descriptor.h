// The seam between generation and emission: what crosses the rings. A descriptor says what to
// send and when; the emission lcore composes the bytes (docs/performance.md: mbufs taken on one
// lcore and freed on another cost 2.5 times as much).
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>

namespace spate::engine {

// A record on a ring is one Descriptor slot followed by MessagePlan::operand_slots Operands slots.
struct Descriptor {
  int64_t due_ps;    // since the start of the run, scaled to the asked rate
  uint16_t message;  // index into Plan::messages
  uint16_t length;   // frame bytes without FCS
  uint32_t index;    // number of the instance in its group; in groups of one the packet's lockstep
                     // counter modulo MessagePlan::index_modulus
};

// Words of 64 bits first, behind them those of which 32 are enough.
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

// Writes a record's operand words, value_of(w) each: the first `wide` of them take 64 bits, the
// others 32.
template <class ValueOf>
inline void PutOperands(Slot* record, uint32_t wide, uint32_t count, ValueOf value_of) {
  auto* at = reinterpret_cast<uint8_t*>(record + 1);
  uint32_t w = 0;
  for (; w < wide; ++w, at += sizeof(uint64_t)) {
    const uint64_t value = value_of(w);
    std::memcpy(at, &value, sizeof value);
  }
  for (; w < count; ++w, at += sizeof(uint32_t)) {
    const auto value = static_cast<uint32_t>(value_of(w));
    std::memcpy(at, &value, sizeof value);
  }
}

// The 32 bits that stand so many times 32 bits behind the descriptor: a narrow word, or half of a
// wide one, the low one first.
inline uint32_t HalfAt(const Slot* record, uint32_t place) {
  uint32_t half;
  std::memcpy(&half, reinterpret_cast<const uint8_t*>(record + 1) + sizeof half * place,
              sizeof half);
  return half;
}

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
