// Every bound of a plan in one place; each is checked with a message that states it.
#pragma once

#include <cstdint>

namespace spate::engine {

inline constexpr uint32_t kMaxMessages = 65'535;               // Descriptor::message
inline constexpr uint64_t kMaxInstances = 0xffff'fffe;         // of a group: Descriptor::index
inline constexpr uint32_t kMaxFrame = 65'535 - 4;              // Descriptor::length, without FCS
inline constexpr uint32_t kMaxOperandWords = 14;               // kMaxRecordSlots
inline constexpr uint32_t kMaxSums = 8;                        // FieldOp::sums
inline constexpr uint32_t kMaxLengths = 8;                     // SumSite::lengths
inline constexpr uint32_t kMaxLengthBytes = 4;                 // LengthSite::bytes: a column
inline constexpr uint64_t kMaxTableWords = uint64_t{1} << 27;  // 1 GiB of tables
inline constexpr uint64_t kLeastTimers = 1'024;                // fewer stay in the first cache
inline constexpr uint32_t kMaxColumns = 64;                    // Composer: 16 KiB of columns
inline constexpr uint32_t kMaxStrata = 1'024;

}  // namespace spate::engine
