// Counters with a single writer, which others may read.
#pragma once

#include <atomic>

namespace spate::engine {

// No locked instruction.
template <class T>
void Bump(std::atomic<T>& counter, T by) {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

}  // namespace spate::engine
