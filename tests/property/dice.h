// Random choices, all of them functions of a seed.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include "base/random.h"

namespace spate::testing {

class Dice {
 public:
  explicit Dice(uint64_t seed) : key_(Mix(seed + 1)) {}

  uint64_t Below(uint64_t n) { return spate::Below(Draw(key_, count_++), n); }
  uint64_t From(uint64_t min, uint64_t max) { return min + Below(max - min + 1); }
  bool Chance(double p) { return static_cast<double>(Below(1'000'000)) < p * 1e6; }
  double Real(double min, double max) {
    return min + (max - min) * static_cast<double>(Below(10'000)) / 10'000;
  }
  // Of every order of magnitude alike.
  double Magnitude(double min, double max) { return std::exp(Real(std::log(min), std::log(max))); }
  template <class List>
  const auto& OneOf(const List& list) {
    return list[Below(std::size(list))];
  }

 private:
  const uint64_t key_;
  uint64_t count_ = 0;
};

}  // namespace spate::testing
