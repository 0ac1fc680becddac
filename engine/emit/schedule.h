// The time base of a run, shared by its emission lcores: when due time 0 is on the clock, and by
// how much stalls have shifted the whole schedule (invariant 3).
#pragma once

#include <time.h>

#include <atomic>
#include <cstdint>

namespace spate::engine {

// CLOCK_MONOTONIC through the vDSO: no system call, 20 ns, and disciplined, so that rates hold for
// days where a calibrated TSC would drift by its calibration error.
struct MonotonicClock {
  static int64_t NowPs() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<int64_t>(now.tv_sec) * 1'000'000'000'000 + now.tv_nsec * 1'000;
  }
};

// What happens to packets later than the catch-up window.
enum class LatePolicy : uint8_t {
  kShift,    // the whole schedule moves: reported as a stall, never repaid by a burst
  kDrop,     // they are dropped
  kCatchUp,  // they are sent at once, however many there are
};

template <class Clock>
class BasicSchedule {
 public:
  // Due time 0 becomes now + `delay_ps`.
  void Start(int64_t delay_ps) {
    origin_ps_.store(Clock::NowPs() + delay_ps, std::memory_order_release);
  }

  // The present as a due time, under a shift that was read before.
  int64_t Now(int64_t shift_ps) const {
    return Clock::NowPs() - origin_ps_.load(std::memory_order_acquire) - shift_ps;
  }

  // Shifts the schedule by `late_ps`, unless another lcore has shifted it since `shift_ps` was
  // read.
  void Shift(int64_t shift_ps, int64_t late_ps) {
    if (shift_ps_.compare_exchange_strong(shift_ps, shift_ps + late_ps)) {
      stalls_.fetch_add(1, std::memory_order_relaxed);
    }
  }

  uint64_t stalls() const { return stalls_.load(std::memory_order_relaxed); }
  int64_t shift_ps() const { return shift_ps_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> origin_ps_{0};
  std::atomic<int64_t> shift_ps_{0};
  std::atomic<uint64_t> stalls_{0};
};

using Schedule = BasicSchedule<MonotonicClock>;

}  // namespace spate::engine
