#include "engine/receive/receiver.h"

#include <sched.h>
#include <x86intrin.h>

#include <chrono>

#include "engine/ring/counter.h"

namespace spate::engine {
namespace {

using std::chrono::steady_clock;

// Empty rounds between two looks at the clock.
constexpr uint32_t kIdleRounds = 64;

}  // namespace

uint64_t Receiver::Poll() {
  RxBurst burst;
  uint64_t taken = 0;
  for (size_t i = 0; i < queues_.size(); ++i) {
    const uint16_t count = queues_[i]->Receive(burst);
    uint64_t bytes = 0;
    for (uint16_t f = 0; f < count; ++f) bytes += burst.length[f];
    Bump<uint64_t>(counters_[i].packets, count);
    Bump(counters_[i].bytes, bytes);
    taken += count;
  }
  return taken;
}

absl::Status Receiver::Run(const std::atomic<bool>& stop, int64_t quiet_ns, uint64_t packets) {
  const auto quiet = std::chrono::nanoseconds(quiet_ns);
  steady_clock::time_point last = steady_clock::now();
  bool stopping = false;
  uint64_t taken = 0;
  for (uint32_t idle = 0; taken < packets;) {
    const uint64_t began = __rdtsc();
    const uint64_t count = Poll();
    taken += count;
    if (count > 0) {
      busy_cycles_ += __rdtsc() - began;
      idle = 0;
      if (stopping) last = steady_clock::now();
      continue;
    }
    _mm_pause();
    if (++idle % kIdleRounds != 0) continue;
    if (yield_when_idle_) sched_yield();
    const bool ending = stop.load(std::memory_order_relaxed);
    for (RxQueue* queue : queues_) {
      // What goes away at the end has done its part.
      if (!queue->status().ok() && !ending) return queue->status();
    }
    if (!ending) continue;
    const steady_clock::time_point now = steady_clock::now();
    if (!stopping) last = now;
    stopping = true;
    if (now - last >= quiet) break;
  }
  return absl::OkStatus();
}

uint64_t Receiver::packets() const {
  uint64_t sum = 0;
  for (const RxCounters& counters : counters_) {
    sum += counters.packets.load(std::memory_order_relaxed);
  }
  return sum;
}

}  // namespace spate::engine
