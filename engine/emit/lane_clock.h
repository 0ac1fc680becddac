// The clock of pacing: CLOCK_MONOTONIC, read through the TSC. A reading of the TSC costs a third of
// one of the clock and is anchored to the clock a hundred times a second, so that rates hold for
// days and all lanes agree. Where the TSC is no clock (not invariant, or at another rate from one
// moment to the next), the clock itself is read.
#pragma once

#include <x86intrin.h>

#include <cstdint>
#include <string>

#include "base/random.h"
#include "engine/emit/schedule.h"

namespace spate::engine {

// What the TSC is worth on this machine.
struct TscRate {
  double hz = 0;       // 0: not usable …
  std::string reason;  // … why
};

// Compares the TSC with the clock over two stretches of 5 ms.
TscRate CalibrateTsc();

// One lane's view; no two lanes share one.
class LaneClock {
 public:
  explicit LaneClock(const TscRate& rate);

  int64_t NowPs() {
    if (per_tick_ == 0) [[unlikely]]
      return MonotonicClock::NowPs();
    const uint64_t tsc = __rdtsc();
    if (tsc - anchor_tsc_ >= ticks_per_anchor_) [[unlikely]]
      Anchor();
    return Extrapolate(tsc);
  }

 private:
  struct Pair {
    uint64_t tsc;
    int64_t ps;
    uint64_t ticks;  // between the readings of the TSC around that of the clock
  };
  friend TscRate CalibrateTsc();
  // The clock and the TSC at one moment, to some 20 ns.
  static Pair ReadBoth();

  int64_t Extrapolate(uint64_t tsc) const {
    const auto ticks = static_cast<int64_t>(tsc - anchor_tsc_);
    return anchor_ps_ + static_cast<int64_t>(
                            (static_cast<int128>(ticks) * static_cast<int64_t>(per_tick_)) >> 32);
  }
  void Anchor();

  uint64_t per_tick_ = 0;  // 2^-32 ps
  uint64_t ticks_per_anchor_ = 0;
  uint64_t anchor_tsc_ = 0;
  int64_t anchor_ps_ = 0;
  uint64_t first_tsc_ = 0;  // the rate is taken since then
  int64_t first_ps_ = 0;
};

}  // namespace spate::engine
