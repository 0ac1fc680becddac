// What all composing kernels do to a frame.
#pragma once

#include <cstdint>

namespace spate::engine {

// The checksum (RFC 1071) of an unfolded sum.
inline uint16_t ChecksumOf(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~((sum & 0xffff) + (sum >> 16)));
}

}  // namespace spate::engine
