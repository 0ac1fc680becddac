#include "generator/model/backoff.h"

#include <algorithm>
#include <thread>

namespace spate::model {

std::optional<Limits::Duration> NextPause(const Limits& limits, uint32_t attempt, uint64_t random,
                                          std::optional<Limits::Duration> retry_after) {
  if (attempt >= limits.retries) return std::nullopt;
  if (retry_after.has_value() && *retry_after > limits.longest_wait) return std::nullopt;
  const double jitter = 0.5 + static_cast<double>(random >> 11) * 0x1p-53;  // [0.5, 1.5)
  const double doubled = static_cast<double>(limits.backoff.count()) *
                         static_cast<double>(1u << std::min(attempt, 20u));
  const double pause = std::min(doubled * jitter, static_cast<double>(limits.longest_wait.count()));
  return std::max(Limits::Duration(static_cast<int64_t>(pause)),
                  retry_after.value_or(Limits::Duration(0)));
}

bool Pause(Limits::Duration duration, const std::atomic<bool>* cancel) {
  using Clock = std::chrono::steady_clock;
  constexpr Limits::Duration kSlice{20};  // how soon a cancel is noticed
  const Clock::time_point end = Clock::now() + duration;
  for (;;) {
    if (cancel != nullptr && cancel->load()) return false;
    const auto left = std::chrono::ceil<Limits::Duration>(end - Clock::now());
    if (left.count() <= 0) return true;
    std::this_thread::sleep_for(std::min(left, kSlice));
  }
}

}  // namespace spate::model
