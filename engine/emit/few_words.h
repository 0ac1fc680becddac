// Tables of a few words that stay in registers while they are looked up.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "engine/emit/lanes.h"

namespace spate::engine {

#ifdef __AVX2__

inline constexpr uint64_t kFewWords = 16;

// Those halves of up to kRegisters * kLanes words that stand on one side.
template <uint32_t kRegisters>
class FewNumbers {
 public:
  void Set(uint32_t place, Lanes numbers) { of_[place] = numbers; }

  Lanes At(Lanes index) const {
#ifdef __AVX512F__
    return reinterpret_cast<Lanes>(_mm512_permutexvar_epi32(reinterpret_cast<__m512i>(index),
                                                            reinterpret_cast<__m512i>(of_[0])));
#else
    const auto at = reinterpret_cast<__m256i>(index);
    const auto part = [&](uint32_t place) {
      return _mm256_castsi256_ps(
          _mm256_permutevar8x32_epi32(reinterpret_cast<__m256i>(of_[place]), at));
    };
    if constexpr (kRegisters == 1) return reinterpret_cast<Lanes>(part(0));
    const __m256 second = _mm256_castsi256_ps(_mm256_slli_epi32(at, 28));  // bit 3 on top
    return reinterpret_cast<Lanes>(_mm256_blendv_ps(part(0), part(kRegisters - 1), second));
#endif
  }

 private:
  Lanes of_[kRegisters] = {};
};

// Up to kRegisters * kLanes words: low and high halves, at places below that.
template <uint32_t kRegisters>
class FewWords {
 public:
  FewWords(const uint64_t* words, uint64_t size) {
    for (uint32_t place = 0; place < kRegisters; ++place) {
      const uint32_t first = place * kLanes;
      const WideLanes a = Some(words + first, size, first);
      const WideLanes b = Some(words + first + kWideLanes, size, first + kWideLanes);
      low_.Set(place, LowHalves(a, b));
      high_.Set(place, HighHalves(a, b));
    }
  }
  Lanes Low(Lanes index) const { return low_.At(index); }
  Lanes High(Lanes index) const { return high_.At(index); }

 private:
  // Words `first` and those behind it, of `size`; 0 beyond.
  static WideLanes Some(const uint64_t* at, uint64_t size, uint64_t first) {
    WideLanes number;
    for (uint32_t i = 0; i < kWideLanes; ++i) number[i] = first + i;
#ifdef __AVX512F__
    const __mmask8 there = _mm512_cmplt_epu64_mask(reinterpret_cast<__m512i>(number),
                                                   _mm512_set1_epi64(static_cast<int64_t>(size)));
    return reinterpret_cast<WideLanes>(_mm512_maskz_loadu_epi64(there, at));
#else
    const __m256i there = reinterpret_cast<__m256i>(number < size);
    return reinterpret_cast<WideLanes>(
        _mm256_maskload_epi64(reinterpret_cast<const long long*>(at), there));
#endif
  }

  FewNumbers<kRegisters> low_, high_;
};

// Calls `use` with the words in as many registers as they take.
template <class Use>
void WithFewWords(const uint64_t* words, uint64_t size, Use use) {
  if (size <= kLanes) return use(FewWords<1>(words, size));
  if constexpr (kLanes < kFewWords) use(FewWords<kFewWords / kLanes>(words, size));
}

#endif

}  // namespace spate::engine
