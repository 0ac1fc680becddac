// Numbers of neighbouring frames, as many at a time as a register of the machine holds: what needs
// several of them GCC takes apart in memory.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/random.h"

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

// As many of them at `numbers`, which is as aligned.
inline WideLanes& WideAt(uint64_t* numbers) { return *reinterpret_cast<WideLanes*>(numbers); }
inline const WideLanes& WideAt(const uint64_t* numbers) {
  return *reinterpret_cast<const WideLanes*>(numbers);
}

// The low halves of the numbers of `a`, then of those of `b`, or the high ones.
template <int kHigh, size_t... kAt>
inline Lanes HalvesOf(WideLanes a, WideLanes b, std::index_sequence<kAt...>) {
  return __builtin_shufflevector(reinterpret_cast<Lanes>(a), reinterpret_cast<Lanes>(b),
                                 static_cast<int>(2 * kAt + kHigh)...);
}
inline Lanes LowHalves(WideLanes a, WideLanes b) {
  return HalvesOf<0>(a, b, std::make_index_sequence<kLanes>());
}
inline Lanes HighHalves(WideLanes a, WideLanes b) {
  return HalvesOf<1>(a, b, std::make_index_sequence<kLanes>());
}

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

// Whole products by a constant: both halves across at once, which is one operation less.
inline WideLanes Products(WideLanes a, uint64_t factor) {
#if defined(__AVX2__) && !defined(__AVX512F__)
  const __m256i across =
      _mm256_mullo_epi32(reinterpret_cast<__m256i>(a),
                         _mm256_set1_epi64x(static_cast<int64_t>(factor << 32 | factor >> 32)));
  const __m256i sums = _mm256_add_epi32(across, _mm256_slli_epi64(across, 32));
  const __m256i high = _mm256_blend_epi32(_mm256_setzero_si256(), sums, 0xaa);
  return LowProducts(a, WideLanes{} + factor) + reinterpret_cast<WideLanes>(high);
#else
  return a * factor;
#endif
}

// Mix() of each.
inline WideLanes MixEach(WideLanes x) {
  x = Products(x ^ (x >> 30), kMixFirst);
  x = Products(x ^ (x >> 27), kMixSecond);
  return x ^ (x >> 31);
}

}  // namespace spate::engine
