// The clock of a NIC that sends each frame at the time written into it, as CLOCK_MONOTONIC sees it:
// both are read together, once before the run and then again and again, and what lies between is
// taken to be a straight line. Neither what the NIC counts nor where it begins has to be known.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/random.h"

namespace spate::engine {

class DeviceClock {
 public:
  // Both clocks at one moment, known to half of `span_ps`.
  struct Reading {
    int64_t ps = 0;  // of CLOCK_MONOTONIC
    uint64_t ticks = 0;
    int64_t span_ps = 0;
  };
  // Ticks as a function of CLOCK_MONOTONIC.
  struct Line {
    int64_t ps = 0;
    uint64_t ticks = 0;
    uint64_t per_ps = 0;  // 2^-48 ticks

    uint64_t At(int64_t clock_ps) const {
      const int128 since = static_cast<int128>(clock_ps - ps) * static_cast<int64_t>(per_ps);
      return ticks + static_cast<uint64_t>(static_cast<int64_t>((since + (int128{1} << 47)) >> 48));
    }
  };

  // The rate is that since the first reading: the longer the run, the better it is known. Readings
  // between which the thread was away are passed over. One thread may call this.
  void Note(const Reading& now);

  // There is a line.
  bool ready() const { return version_.load(std::memory_order_acquire) >= 2; }
  // The latest. Any thread.
  Line line() const;

 private:
  void Publish(const Line& line);

  std::optional<Reading> first_;
  int64_t least_span_ps_ = std::numeric_limits<int64_t>::max();
  // Odd while the rest is written.
  std::atomic<uint32_t> version_{0};
  std::atomic<int64_t> ps_{0};
  std::atomic<uint64_t> ticks_{0}, per_ps_{0};
};

// The best of a few; nullopt: the DPDK device has no clock that can be read.
std::optional<DeviceClock::Reading> ReadDeviceClock(uint16_t device);

}  // namespace spate::engine
