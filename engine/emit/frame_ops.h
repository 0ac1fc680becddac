// What all composing kernels do to a frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace spate::engine {

inline constexpr size_t kLine = 64;

// Copies whole lines: prototypes own their last line and frames have room for theirs.
inline void CopyLines(uint8_t* to, const uint8_t* from, size_t bytes) {
  size_t at = 0;
  do {
    std::memcpy(to + at, from + at, kLine);
    at += kLine;
  } while (at < bytes);
}

// The checksum (RFC 1071) of an unfolded sum.
inline uint16_t ChecksumOf(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~((sum & 0xffff) + (sum >> 16)));
}

}  // namespace spate::engine
