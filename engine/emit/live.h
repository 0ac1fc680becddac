// What a run is told while it runs: emission lcores look at it once per burst.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace spate::engine {

class Live {
 public:
  explicit Live(size_t flows) : muted_(flows) {}

  // Nothing is sent until it is told otherwise.
  void Hold(bool hold) { held_.store(hold, std::memory_order_relaxed); }
  // The flow goes on as planned, but its packets are not sent: they count as dropped, "stopped".
  void Mute(uint32_t flow, bool mute) {
    muted_[flow].store(mute, std::memory_order_relaxed);
    const bool any = std::ranges::any_of(
        muted_, [](const std::atomic<bool>& one) { return one.load(std::memory_order_relaxed); });
    mutes_.store(any, std::memory_order_relaxed);
  }

  bool held() const { return held_.load(std::memory_order_relaxed); }
  bool mutes() const { return mutes_.load(std::memory_order_relaxed); }  // any flow
  bool muted(uint32_t flow) const { return muted_[flow].load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> held_{false};
  std::atomic<bool> mutes_{false};
  std::vector<std::atomic<bool>> muted_;  // by flow
};

}  // namespace spate::engine
