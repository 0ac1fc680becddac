// A lock-free ring of slots between one generation and one emission lcore: rte_ring's element API
// on memory of our own, so it works before and without the EAL. Records travel whole: what Push
// takes, one or several Pops return in the same order.
#pragma once

#include <rte_ring.h>
#include <rte_ring_elem.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

#include "engine/ring/descriptor.h"

// Acquire and release operations instead of compiler fences: the same instructions on x86, but
// ThreadSanitizer and weakly ordered CPUs understand them. engine/meson.build defines it for all.
#ifndef RTE_USE_C11_MEM_MODEL
#error "engine/ring needs rte_ring's C11 memory model: build with -DRTE_USE_C11_MEM_MODEL"
#endif

namespace spate::engine {

class DescriptorRing {
 public:
  // Room for at least `slots` slots (at most 2^30); throws std::bad_alloc like any container.
  explicit DescriptorRing(uint32_t slots) {
    const uint32_t size = std::bit_ceil(slots + 1);  // rte_ring keeps one slot free
    const size_t bytes = static_cast<size_t>(rte_ring_get_memsize_elem(sizeof(Slot), size));
    ring_.reset(static_cast<rte_ring*>(std::aligned_alloc(kAlignment, RoundUp(bytes))));
    if (ring_ == nullptr ||
        rte_ring_init(ring_.get(), "descriptors", size, RING_F_SP_ENQ | RING_F_SC_DEQ) != 0) {
      throw std::bad_alloc();
    }
  }

  uint32_t capacity() const { return rte_ring_get_capacity(ring_.get()); }

  // Producer only. Takes all of `slots` or, when there is no room for them, none. The lines that as
  // many more will go to start on their way from the consumer's cache meanwhile: stores to them
  // would wait for one after the other.
  bool Push(std::span<const Slot> slots) {
    if (slots.empty()) return true;
    unsigned free = 0;
    if (rte_ring_sp_enqueue_bulk_elem(ring_.get(), slots.data(), sizeof(Slot), Count(slots),
                                      &free) == 0) {
      return false;
    }
    Prefetch<1>(ring_->prod.head, std::min(free, Count(slots)));
    return true;
  }

  // Consumer only. Fills the front of `slots` with what is there; returns how many. What the next
  // Pop will read starts on its way from the producer's cache meanwhile, but nothing that is still
  // to be written.
  size_t Pop(std::span<Slot> slots) {
    unsigned left = 0;
    const unsigned popped = rte_ring_sc_dequeue_burst_elem(ring_.get(), slots.data(), sizeof(Slot),
                                                           Count(slots), &left);
    Prefetch<0>(ring_->cons.head, std::min(left, popped));
    return popped;
  }

 private:
  struct Free {
    void operator()(rte_ring* ring) const { std::free(ring); }
  };
  template <int kToWrite>
  void Prefetch(uint32_t from, unsigned slots) const {
    constexpr unsigned kSlotsPerLine = RTE_CACHE_LINE_SIZE / sizeof(Slot);
    const auto* const first = reinterpret_cast<const Slot*>(ring_.get() + 1);
    for (unsigned i = 0; i < slots; i += kSlotsPerLine) {
      __builtin_prefetch(first + ((from + i) & ring_->mask), kToWrite);
    }
  }
  static constexpr size_t kAlignment = 2 * RTE_CACHE_LINE_SIZE;  // rte_ring's own, see its fields

  static constexpr size_t RoundUp(size_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }
  template <class T>
  static constexpr unsigned Count(std::span<T> slots) {
    return static_cast<unsigned>(slots.size());
  }

  std::unique_ptr<rte_ring, Free> ring_;
};

}  // namespace spate::engine
