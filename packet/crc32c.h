// CRC-32C (Castagnoli), as SCTP uses it (RFC 9260, appendix A).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace spate::packet {

namespace internal {

constexpr std::array<uint32_t, 256> MakeCrc32cTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    table[i] = crc;
  }
  return table;
}
inline constexpr std::array<uint32_t, 256> kCrc32cTable = MakeCrc32cTable();

}  // namespace internal

// The state after `size` more bytes; begins with ~0, and the checksum is the complement of the
// last.
constexpr uint32_t ExtendCrc32c(uint32_t state, const uint8_t* data, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    state = state >> 8 ^ internal::kCrc32cTable[(state ^ data[i]) & 0xff];
  }
  return state;
}

// The checksum of data whose 4 bytes at `field` count as zeros.
constexpr uint32_t Crc32cAround(const uint8_t* data, size_t size, size_t field) {
  constexpr uint8_t kZeros[4] = {};
  uint32_t state = ExtendCrc32c(~uint32_t{0}, data, field);
  state = ExtendCrc32c(state, kZeros, 4);
  return ~ExtendCrc32c(state, data + field + 4, size - field - 4);
}

// Least byte first, as on the wire.
constexpr void PutCrc32c(uint8_t* at, uint32_t crc) {
  for (unsigned i = 0; i < 4; ++i) at[i] = static_cast<uint8_t>(crc >> (8 * i));
}

}  // namespace spate::packet
