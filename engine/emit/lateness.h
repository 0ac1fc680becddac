// How late packets leave, and whose doing it is: the lane's own, or that of what kept it from
// running.
#pragma once

#include <cstdint>

#include "measure/records.h"

namespace spate::engine {

class Lateness {
 public:
  // A lane is on time, and has caught up with its schedule, when a packet leaves this late or less.
  static constexpr int64_t kOnTimePs = 1'000'000;

  // The lane has not run for so long: what is late from now on is so because of that, until it has
  // caught up.
  void NoteInterruption(int64_t ps) {
    interruptions_.Add(ps / 1000);
    caught_up_ = false;
  }

  // Where the lateness of packets is counted that leave now, the first of them so late.
  measure::Histogram& Of(int64_t late_ps) {
    on_time_ = late_ps <= kOnTimePs;
    if (on_time_) caught_up_ = true;
    return caught_up_ ? own_ns_ : interruptions_.lateness_ns;
  }

  bool on_time() const { return on_time_; }
  const measure::Histogram& own_ns() const { return own_ns_; }
  const measure::Interruptions& interruptions() const { return interruptions_; }

 private:
  bool on_time_ = true;    // the last packet left at its time
  bool caught_up_ = true;  // since the last interruption
  measure::Histogram own_ns_;
  measure::Interruptions interruptions_;
};

}  // namespace spate::engine
