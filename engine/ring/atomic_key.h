// An OrderKey that one thread publishes and others read: how far an emission or generation lcore
// has come. A sequence lock (Boehm, "Can seqlocks get along with programming language memory
// models?", MSPC 2012): readers never make the writer wait.
#pragma once

#include <atomic>
#include <cstdint>

#include "engine/ring/descriptor.h"

namespace spate::engine {

// On a cache line of its own: neighbours would share the traffic of its readers.
class alignas(64) AtomicKey {
 public:
  explicit AtomicKey(OrderKey key = OrderKey::Min()) : due_ps_(key.due_ps), rank_(key.rank) {}

  // Writer only. What the writer did before is visible to a reader that loads this key.
  void Store(OrderKey key) {
    const uint64_t version = version_.load(std::memory_order_relaxed);
    version_.store(version + 1, std::memory_order_relaxed);
    // Release on the parts, not a fence (which ThreadSanitizer cannot follow): whoever sees a new
    // part also sees the odd version before it.
    due_ps_.store(key.due_ps, std::memory_order_release);
    rank_.store(key.rank, std::memory_order_release);
    version_.store(version + 2, std::memory_order_release);
  }

  // Any thread: a key that was stored as a whole. Repeats while a Store is under way.
  OrderKey Load() const {
    for (;;) {
      const uint64_t before = version_.load(std::memory_order_acquire);
      const OrderKey key{.due_ps = due_ps_.load(std::memory_order_acquire),
                         .rank = rank_.load(std::memory_order_acquire)};
      const uint64_t after = version_.load(std::memory_order_relaxed);
      if (before == after && before % 2 == 0) return key;
    }
  }

 private:
  std::atomic<uint64_t> version_{0};
  std::atomic<int64_t> due_ps_;
  std::atomic<uint64_t> rank_;
};

}  // namespace spate::engine
