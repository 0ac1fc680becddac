// What a template file may be at most; each is stated in the fault that it causes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace spate::tmpl {

inline constexpr size_t kMaxFileBytes = 64u << 20;
inline constexpr size_t kMaxYamlBytes = 16u << 20;  // read at a few MB/s: no more than seconds
inline constexpr int kMaxDepth = 64;                // of nested objects and lists
inline constexpr size_t kMaxNodes = 4u << 20;       // values in a file
inline constexpr size_t kMaxInclusions = 256;       // files in all
inline constexpr size_t kMaxStretches = 100'000;    // of a schedule, inner repetitions written out
inline constexpr uint64_t kMaxTrackBytes = uint64_t{8} << 30;  // different frames of a capture
inline constexpr uint64_t kMaxTrackEntries = 1u << 31;         // its packets, 16 bytes each
inline constexpr uint64_t kMaxListed = 1u << 20;     // rows of a column that must be written out
inline constexpr uint32_t kMaxFrameBytes = 65535;    // with FCS
inline constexpr uint32_t kMaxRadioBytes = 127;      // IEEE 802.15.4-2020, 11.3 (aMaxPhyPacketSize)
inline constexpr uint32_t kUsualFrameBytes = 1518;   // the longest without tags (IEEE 802.3)
inline constexpr uint32_t kMinEthernetBytes = 64;    // with FCS (IEEE 802.3)
inline constexpr uint32_t kMaxStrata = 1024;         // of a balanced draw
inline constexpr uint32_t kMaxRetries = 16;          // of an exchange: each is unrolled
inline constexpr uint32_t kMaxWindowScale = 14;      // of TCP (RFC 7323)
inline constexpr uint32_t kMaxSegmentBytes = 65000;  // of data, in a segment or datagram
inline constexpr size_t kMaxJoined = 60;             // flows of a group: a join names them by bits

}  // namespace spate::tmpl
