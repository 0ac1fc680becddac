// A receive lcore: polls ports and counts what arrives at each.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "engine/port/port.h"

namespace spate::engine {

// What other threads may read while it runs: written by the receive lcore only.
struct alignas(64) RxCounters {
  std::atomic<uint64_t> packets{0};
  std::atomic<uint64_t> bytes{0};  // without FCS
};

class Receiver {
 public:
  // `queues` outlive it. `yield_when_idle`: more threads than CPUs.
  Receiver(std::vector<RxQueue*> queues, bool yield_when_idle)
      : queues_(std::move(queues)), counters_(queues_.size()), yield_when_idle_(yield_when_idle) {}

  // Until `stop` is set and nothing has arrived for `quiet_ns` since, or `packets` have arrived.
  // Not OK: a port from which nothing would come any more before the stop.
  absl::Status Run(const std::atomic<bool>& stop, int64_t quiet_ns,
                   uint64_t packets = std::numeric_limits<uint64_t>::max());

  const RxCounters& counters(size_t queue) const { return counters_[queue]; }
  uint64_t packets() const;
  uint64_t busy_cycles() const { return busy_cycles_; }

 private:
  // Takes what is there, from each port in turn; returns how many frames.
  uint64_t Poll();

  const std::vector<RxQueue*> queues_;
  std::deque<RxCounters> counters_;
  const bool yield_when_idle_;
  uint64_t busy_cycles_ = 0;
};

}  // namespace spate::engine
