// Keyed permutations: every number below a count once, in an order that only the key knows.
#pragma once

#include <bit>
#include <cstdint>

#include "base/random.h"

namespace spate {

// A bijection of [0, 2^width): odd multipliers, additions and xor-shifts are bijections modulo
// 2^width, so their chain is one too.
constexpr uint64_t Shuffle(uint64_t key, uint64_t p, unsigned width) {
  const uint64_t mask = ~uint64_t{0} >> (64 - width);
  for (unsigned step = 0; step < 3; ++step) {
    const uint64_t k = Mix(key + step);
    p = (p * (k | 1) + (k >> 32)) & mask;
    p ^= p >> ((width + 1) / 2);
  }
  return p;
}

// The place of a counter in a keyed permutation of 0 … count-1, another one in each round of
// `count` consecutive counters.
constexpr uint64_t Permuted(uint64_t key, uint64_t counter, uint64_t count) {
  const auto width = static_cast<unsigned>(std::bit_width(count - 1));
  const uint64_t round_key = Draw(key, counter / count);
  // What falls outside goes on along its cycle, at last back inside: a bijection again.
  uint64_t p = Shuffle(round_key, counter % count, width);
  while (p >= count) p = Shuffle(round_key, p, width);
  return p;
}

}  // namespace spate
