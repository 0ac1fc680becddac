// The time base of a run, shared by its emission lcores: when due time 0 is on the clock, and by
// how much stalls have shifted the whole schedule (invariant 3).
//
// A stall is never repaid by a burst, but a shared CPU that is taken away for milliseconds now and
// then must not cost the run its rate either. So a short stall's shift wears off: the schedule runs
// faster by 1/64 until it is gone. A stall longer than kShortStallPs shifts it for good, and so
// does what a port that cannot keep up adds beyond that.
//
// The schedule's own time may go faster or slower than the clock, or stand still: a run whose rate
// is changed while it runs. It never jumps, so there is no burst.
#pragma once

#include <time.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <deque>

#include "base/random.h"

namespace spate::engine {

// CLOCK_MONOTONIC through the vDSO: no system call, 20 ns, and disciplined, so that rates hold for
// days where a calibrated TSC would drift by its calibration error. Lanes read it by way of the TSC
// (lane_clock.h).
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

// Stalls up to this long are made up for; no more than this is owed at any time.
inline constexpr int64_t kShortStallPs = 100'000'000'000;

// The schedule's time: `at_ps` when the clock showed `since_ps`, and from then on so many times as
// fast.
struct Tempo {
  static constexpr int64_t kOne = int64_t{1} << 32;
  int64_t since_ps = 0, at_ps = 0;
  int64_t speed = kOne;     // 2^-32; 0: it stands still
  int64_t slowness = kOne;  // its inverse

  // `speed`: 0 to 2^20.
  static Tempo From(int64_t since_ps, int64_t at_ps, double speed) {
    const auto fraction = [](double number) {
      return static_cast<int64_t>(std::llround(std::ldexp(number, 32)));
    };
    return {.since_ps = since_ps,
            .at_ps = at_ps,
            .speed = fraction(speed),
            .slowness = speed > 0 ? fraction(1 / speed) : 0};
  }

  static int64_t Scaled(int64_t ps, int64_t factor) {
    return static_cast<int64_t>(static_cast<int128>(ps) * factor >> 32);
  }
  int64_t TimeOf(int64_t clock_ps) const { return at_ps + Scaled(clock_ps - since_ps, speed); }
  // How long a stretch of its time takes by the clock.
  int64_t OnClock(int64_t stretch_ps) const { return Scaled(stretch_ps, slowness); }
};

template <class Clock>
class BasicSchedule {
 public:
  // What relates the clock to due times, as one lcore has read it.
  struct Base {
    int64_t origin_ps;  // due time 0 in the schedule's time
    int64_t owed_ps;    // the shift that wears off, plus the schedule's time / 64 when it was set
    const Tempo* tempo;
  };

  // Due time 0 becomes now + `delay_ps`, and nothing is owed. Not while lcores use it.
  void Start(int64_t delay_ps) {
    owed_ps_.store(0, std::memory_order_relaxed);
    const Tempo* const tempo = tempo_.load(std::memory_order_acquire);
    origin_ps_.store(tempo->TimeOf(Clock::NowPs()) + delay_ps, std::memory_order_release);
  }

  // From now on it goes `speed` times as fast as the clock (0 to 2^20). One thread may change this.
  void SetSpeed(double speed) {
    const int64_t now = Clock::NowPs();
    tempos_.push_back(Tempo::From(now, tempos_.back().TimeOf(now), speed));
    tempo_.store(&tempos_.back(), std::memory_order_release);
  }

  Base base() const {
    return {.origin_ps = origin_ps_.load(std::memory_order_acquire),
            .owed_ps = owed_ps_.load(std::memory_order_acquire),
            .tempo = tempo_.load(std::memory_order_acquire)};
  }

  // A time of the clock as a due time.
  static int64_t DueTime(int64_t clock_ps, const Base& base) {
    const int64_t time = base.tempo->TimeOf(clock_ps);
    return time - base.origin_ps - std::max<int64_t>(0, base.owed_ps - time / kWear);
  }

  // When a due time comes by the clock, which is at `clock_ps` now.
  static int64_t ClockTime(int64_t due_ps, int64_t clock_ps, const Base& base) {
    int64_t time = due_ps + base.origin_ps;
    if (base.owed_ps > time / kWear) {
      const int64_t owing = time + base.owed_ps;
      time = owing - owing / (kWear + 1);
    }
    return clock_ps + base.tempo->OnClock(time - base.tempo->TimeOf(clock_ps));
  }

  // Shifts the schedule by `late_ps`, unless another lcore has shifted it since `base` was read.
  void Shift(Base base, int64_t late_ps) {
    if (late_ps > kShortStallPs) {
      if (!origin_ps_.compare_exchange_strong(base.origin_ps, base.origin_ps + late_ps)) return;
    } else if (!Owe(base, late_ps)) {
      return;
    }
    stalls_.fetch_add(1, std::memory_order_relaxed);
    stalled_ps_.fetch_add(late_ps, std::memory_order_relaxed);
  }

  uint64_t stalls() const { return stalls_.load(std::memory_order_relaxed); }

  // The length of all stalls.
  int64_t stalled_ps() const { return stalled_ps_.load(std::memory_order_relaxed); }

 private:
  static constexpr int64_t kWear = 64;

  bool Owe(Base base, int64_t late_ps) {
    const int64_t worn = base.tempo->TimeOf(Clock::NowPs()) / kWear;
    const int64_t owed = std::max<int64_t>(0, base.owed_ps - worn) + late_ps;
    const int64_t kept = std::min(owed, kShortStallPs);
    if (!owed_ps_.compare_exchange_strong(base.owed_ps, worn + kept)) return false;
    origin_ps_.fetch_add(owed - kept);
    return true;
  }

  std::deque<Tempo> tempos_{Tempo()};  // lcores may still read those before the last
  std::atomic<const Tempo*> tempo_{&tempos_.front()};
  std::atomic<int64_t> origin_ps_{0};
  std::atomic<int64_t> owed_ps_{0};
  std::atomic<uint64_t> stalls_{0};
  std::atomic<int64_t> stalled_ps_{0};
};

using Schedule = BasicSchedule<MonotonicClock>;

}  // namespace spate::engine
