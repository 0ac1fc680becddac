// Numbers of sixteen neighbouring frames at a time. The compiler takes as many registers as that
// needs on its machine.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace spate::engine {

using Lanes [[gnu::vector_size(64)]] = uint32_t;
inline constexpr uint32_t kLanes = 16;

// out = the 32 bits that stand at `table` + kStride * index bytes, for each lane. By reference: as
// a result the vector would ask for an ABI of its own where it is several registers wide.
template <int kStride>
inline void LookUp(const void* table, const Lanes& index, Lanes& out) {
#ifdef __AVX512F__
  out = reinterpret_cast<Lanes>(
      _mm512_i32gather_epi32(reinterpret_cast<__m512i>(index), table, kStride));
#else
  for (uint32_t i = 0; i < kLanes; ++i) {
    uint32_t found;
    std::memcpy(&found, static_cast<const uint8_t*>(table) + uint64_t{kStride} * index[i],
                sizeof found);
    out[i] = found;
  }
#endif
}

}  // namespace spate::engine
