// The Internet checksum (RFC 1071) in parts, so that hot code can sum what never changes once.
//
// A sum is an unfolded total of big-endian 16-bit words; sums of even-length pieces add up. Only
// its value modulo 0xffff counts, and whether it is zero at all.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace spate::packet {

// Folds to 16 bits; 0 only if `sum` is 0.
constexpr uint16_t Fold(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>((sum & 0xffff) + (sum >> 16));
}

// The sum of `size` bytes; an odd last byte is followed by a zero.
//
// Words are added in the machine's order and the result is swapped once: the one's complement sum
// does not depend on byte order (RFC 1071, 2(B)).
inline uint64_t SumBytes(const uint8_t* data, size_t size) {
  uint64_t sum = 0;
  for (; size >= 4; data += 4, size -= 4) {
    uint32_t word;
    std::memcpy(&word, data, 4);
    sum += word;
  }
  uint32_t tail = 0;
  if (size > 0) std::memcpy(&tail, data, size);
  const uint16_t folded = Fold(sum + tail);
  if constexpr (std::endian::native == std::endian::big) return folded;
  return static_cast<uint16_t>(folded << 8 | folded >> 8);
}

// The checksum of data that sums to `sum`, the checksum field itself counted as zero.
// zero_as_ones: see ChecksumRule.
constexpr uint16_t FinishChecksum(uint64_t sum, bool zero_as_ones) {
  const auto checksum = static_cast<uint16_t>(~Fold(sum));
  return checksum == 0 && zero_as_ones ? uint16_t{0xffff} : checksum;
}

}  // namespace spate::packet
