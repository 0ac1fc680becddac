// Numbers of neighbouring frames, as many at a time as a register of the machine holds: what needs
// several of them GCC takes apart in memory.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace spate::engine {

#if defined(__AVX512F__)
using Lanes [[gnu::vector_size(64)]] = uint32_t;
#elif defined(__AVX2__)
using Lanes [[gnu::vector_size(32)]] = uint32_t;
#else
using Lanes [[gnu::vector_size(16)]] = uint32_t;
#endif
inline constexpr uint32_t kLanes = sizeof(Lanes) / sizeof(uint32_t);

// The 32 bits that stand at `table` + kStride * index bytes, for each lane.
template <int kStride>
inline Lanes LookUp(const void* table, Lanes index) {
#ifdef __AVX512F__
  return reinterpret_cast<Lanes>(
      _mm512_i32gather_epi32(reinterpret_cast<__m512i>(index), table, kStride));
#else
  Lanes out;
  for (uint32_t i = 0; i < kLanes; ++i) {
    uint32_t found;
    std::memcpy(&found, static_cast<const uint8_t*>(table) + uint64_t{kStride} * index[i],
                sizeof found);
    out[i] = found;
  }
  return out;
#endif
}

// Numbers of 64 bits.
using WideLanes [[gnu::vector_size(sizeof(Lanes)), gnu::may_alias]] = uint64_t;
inline constexpr uint32_t kWideLanes = kLanes / 2;

// The products of their low halves: GCC takes seven operations where it sees a product of 64 bits.
inline WideLanes LowProducts(WideLanes a, WideLanes b) {
#if defined(__AVX512F__)
  return reinterpret_cast<WideLanes>(
      _mm512_mul_epu32(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif defined(__AVX2__)
  return reinterpret_cast<WideLanes>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#else
  return reinterpret_cast<WideLanes>(
      _mm_mul_epu32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#endif
}

}  // namespace spate::engine
