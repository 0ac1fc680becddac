// Putting one value into one frame, shared by the plan (constants baked into prototypes) and the
// burst kernels; and the random bits that all readers of a draw agree on.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/random.h"
#include "engine/plan/plan.h"
#include "packet/bits.h"

namespace spate::engine {

// Random bits of `draw` in the scope that `key` and `counter` stand for.
inline uint64_t ScopeBits(uint64_t key, uint64_t counter, const DrawPlan& draw) {
  return Mix(Draw(key, counter) + draw.key);
}

inline constexpr uint64_t MaskOf(unsigned bits) {
  return bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
}

template <class T>
inline void StoreBig(uint8_t* at, T value) {
  if constexpr (sizeof(T) == 2) value = __builtin_bswap16(value);
  if constexpr (sizeof(T) == 4) value = __builtin_bswap32(value);
  if constexpr (sizeof(T) == 8) value = __builtin_bswap64(value);
  std::memcpy(at, &value, sizeof value);
}

inline void OrBig64(uint8_t* at, uint64_t value) {
  uint64_t there;
  std::memcpy(&there, at, sizeof there);
  there |= __builtin_bswap64(value);
  std::memcpy(at, &there, sizeof there);
}

// Stores the masked value; returns what it adds to a ones' complement sum of 16-bit words. Sums
// are kept unfolded: 2^16 = 1 modulo 0xffff, so whole 32-bit parts may be added.
template <int kBytes>
inline uint64_t StoreWhole(uint8_t* frame, uint16_t offset, uint64_t value) {
  uint8_t* at = frame + offset;
  if constexpr (kBytes == 1) *at = static_cast<uint8_t>(value);
  if constexpr (kBytes == 2) StoreBig(at, static_cast<uint16_t>(value));
  if constexpr (kBytes == 4) StoreBig(at, static_cast<uint32_t>(value));
  if constexpr (kBytes == 6) {
    StoreBig(at, static_cast<uint16_t>(value >> 32));
    StoreBig(at + 2, static_cast<uint32_t>(value));
  }
  if constexpr (kBytes == 8) StoreBig(at, value);
  return kBytes <= 4 ? value : (value >> 32) + (value & 0xffffffff);
}

inline uint64_t StoreWindow(uint8_t* frame, uint16_t offset, unsigned shift, uint64_t value) {
  const uint64_t placed = value << shift;
  OrBig64(frame + offset, placed);
  return (placed >> 32) + (placed & 0xffffffff);
}

inline uint64_t StoreField(const FieldOp& op, uint8_t* frame, uint64_t value) {
  value &= MaskOf(op.bits);
  if (op.little_endian) value = packet::SwapBytes(value, op.bits / 8u);
  switch (op.bytes) {
    case 1:
      return StoreWhole<1>(frame, op.offset, value);
    case 2:
      return StoreWhole<2>(frame, op.offset, value);
    case 4:
      return StoreWhole<4>(frame, op.offset, value);
    case 6:
      return StoreWhole<6>(frame, op.offset, value);
    case 8:
      return StoreWhole<8>(frame, op.offset, value);
    default:
      return StoreWindow(frame, op.offset, op.shift, value);
  }
}

}  // namespace spate::engine
