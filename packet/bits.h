// Unsigned numbers of any width up to 64 bits at any bit of a byte string, network order.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spate::packet {

// The bytes [bit_offset / 8, (bit_offset + bits + 7) / 8) of `base` must exist.
constexpr uint64_t GetBits(const uint8_t* base, size_t bit_offset, unsigned bits) {
  uint64_t value = 0;
  for (size_t bit = bit_offset; bits > 0;) {
    const unsigned room = 8 - bit % 8;
    const unsigned take = bits < room ? bits : room;
    const unsigned chunk = (base[bit / 8] >> (room - take)) & ((1u << take) - 1);
    value = value << take | chunk;
    bit += take;
    bits -= take;
  }
  return value;
}

// Writes the lowest `bits` of `value`, leaving all other bits as they are.
constexpr void PutBits(uint8_t* base, size_t bit_offset, unsigned bits, uint64_t value) {
  for (size_t bit = bit_offset; bits > 0;) {
    const unsigned room = 8 - bit % 8;
    const unsigned take = bits < room ? bits : room;
    const unsigned shift = room - take;
    const unsigned mask = ((1u << take) - 1) << shift;
    const unsigned chunk = static_cast<unsigned>(value >> (bits - take)) << shift;
    base[bit / 8] = static_cast<uint8_t>((base[bit / 8] & ~mask) | (chunk & mask));
    bit += take;
    bits -= take;
  }
}

// The lowest `bytes` of `value` in the opposite order.
constexpr uint64_t SwapBytes(uint64_t value, unsigned bytes) {
  return bytes == 0 ? 0 : __builtin_bswap64(value) >> (64 - 8 * bytes);
}

constexpr uint16_t Get16(const uint8_t* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }

constexpr uint32_t Get32(const uint8_t* at) {
  return static_cast<uint32_t>(Get16(at)) << 16 | Get16(at + 2);
}

constexpr void Put16(uint8_t* at, uint16_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}

}  // namespace spate::packet
