// Numbers of the capture file formats (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng) and their
// integers in either byte order.
#pragma once

#include <cstdint>
#include <cstring>

namespace spate::capture {

inline constexpr uint32_t kPcapMicrosMagic = 0xa1b2c3d4;
inline constexpr uint32_t kPcapNanosMagic = 0xa1b23c4d;

inline constexpr uint32_t kSectionHeaderBlock = 0x0a0d0d0a;  // the same in both byte orders
inline constexpr uint32_t kByteOrderMagic = 0x1a2b3c4d;
inline constexpr uint32_t kInterfaceBlock = 1;
inline constexpr uint32_t kPacketBlock = 2;  // obsolete
inline constexpr uint32_t kSimplePacketBlock = 3;
inline constexpr uint32_t kEnhancedPacketBlock = 6;

inline constexpr uint16_t kOptionEnd = 0;
inline constexpr uint16_t kOptionTsResol = 9;
inline constexpr uint16_t kOptionTsOffset = 14;

inline constexpr uint64_t kNanosPerSecond = 1'000'000'000;

// Reads integers that may stand in the other byte order than this machine's.
struct ByteOrder {
  bool swapped = false;

  uint16_t U16(const uint8_t* at) const {
    uint16_t value;
    std::memcpy(&value, at, sizeof(value));
    return swapped ? __builtin_bswap16(value) : value;
  }
  uint32_t U32(const uint8_t* at) const {
    uint32_t value;
    std::memcpy(&value, at, sizeof(value));
    return swapped ? __builtin_bswap32(value) : value;
  }
  uint64_t U64(const uint8_t* at) const {
    uint64_t value;
    std::memcpy(&value, at, sizeof(value));
    return swapped ? __builtin_bswap64(value) : value;
  }
};

}  // namespace spate::capture
