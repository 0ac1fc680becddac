#define ALLOW_EXPERIMENTAL_API  // rte_eth_read_clock
#include "engine/port/device_clock.h"

#include <rte_ethdev.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace spate::engine {
namespace {

constexpr int kDeviceClockReadings = 5;

// A reading that took so many times as long as the shortest one was interrupted.
constexpr int64_t kMostSpans = 4;

// CLOCK_MONOTONIC.
int64_t SteadyPs() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count() *
         1'000;
}

}  // namespace

void DeviceClock::Note(const Reading& now) {
  if (now.span_ps / kMostSpans > least_span_ps_) return;
  least_span_ps_ = std::min(least_span_ps_, now.span_ps);
  if (!first_) {
    first_ = now;
    return;
  }
  if (now.ticks <= first_->ticks || now.ps <= first_->ps) return;
  const double ticks = static_cast<double>(now.ticks - first_->ticks);
  const double picos = static_cast<double>(now.ps - first_->ps);
  Publish({.ps = now.ps,
           .ticks = now.ticks,
           .per_ps = static_cast<uint64_t>(std::llround(std::ldexp(ticks / picos, 48)))});
}

void DeviceClock::Publish(const Line& line) {
  const uint32_t version = version_.load(std::memory_order_relaxed);
  version_.store(version + 1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  ps_.store(line.ps, std::memory_order_relaxed);
  ticks_.store(line.ticks, std::memory_order_relaxed);
  per_ps_.store(line.per_ps, std::memory_order_relaxed);
  version_.store(version + 2, std::memory_order_release);
}

DeviceClock::Line DeviceClock::line() const {
  for (;;) {
    const uint32_t before = version_.load(std::memory_order_acquire);
    const Line line{.ps = ps_.load(std::memory_order_relaxed),
                    .ticks = ticks_.load(std::memory_order_relaxed),
                    .per_ps = per_ps_.load(std::memory_order_relaxed)};
    std::atomic_thread_fence(std::memory_order_acquire);
    if (before % 2 == 0 && version_.load(std::memory_order_relaxed) == before) return line;
  }
}

std::optional<DeviceClock::Reading> ReadDeviceClock(uint16_t device) {
  std::optional<DeviceClock::Reading> best;
  for (int i = 0; i < kDeviceClockReadings; ++i) {
    uint64_t ticks = 0;
    const int64_t before = SteadyPs();
    if (rte_eth_read_clock(device, &ticks) != 0) return std::nullopt;
    const int64_t span = SteadyPs() - before;
    if (!best || span < best->span_ps) best = {before + span / 2, ticks, span};
  }
  return best;
}

}  // namespace spate::engine
