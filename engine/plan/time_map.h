// Time maps: when clock time reaches a point, where its speed changes in pieces (schedules, ramps).
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "template/core.h"

namespace spate::engine {

// Within a piece that begins at clock time `from` and time `to`, clock time after t ps is
//   from + speed * t + bend * t².
struct TimePiece {
  int64_t from_ps = 0, to_ps = 0;
  double speed = 1;
  double bend = 0;     // per ps: half of the change of the speed
  double inverse = 1;  // 1 / speed where the speed is constant; else 0
};

class TimeMap {
 public:
  // Never: later than any end of a run.
  static constexpr int64_t kNever = INT64_MAX;

  // All times of `map` are multiplied by `scale`; its speeds stay.
  static TimeMap Of(const core::TimeMap& map, double scale);

  // The time at which clock time is `clock_ps` + `fraction` / 2^64 (≥ 0), or kNever. Closed form:
  // no error adds up. Where clock time stands still, the end of that stretch.
  int64_t TimeOf(int64_t clock_ps, uint64_t fraction = 0) const;

  // What the clock shows at `time_ps` (≥ 0).
  int64_t ClockAt(int64_t time_ps) const;

  // Whether there is an end to it.
  bool ends() const { return ends_; }

 private:
  int64_t TimeInCycle(double clock) const;
  int64_t ClockInCycle(int64_t time_ps) const;

  std::vector<TimePiece> pieces_;  // by from_ps, rising; at least one
  int64_t cycle_clock_ps_ = 0;     // of all pieces: clock time …
  int64_t cycle_ps_ = 0;           // … and time
  double inverse_cycle_ = 0;       // 1 / cycle_clock_ps_
  int64_t cycles_ = 1;             // how often
  bool ends_ = true;
};

}  // namespace spate::engine
