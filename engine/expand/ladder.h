// A calendar for very many timers, whose records carry their state: nothing is fetched at random
// from memory. Times are cut into coarse buckets, to which records are appended; when a bucket's
// turn comes, its records are dealt to fine slots by a counting sort and each slot is sorted.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/ring/descriptor.h"

namespace spate::engine {

// A flow instance that does one thing again and again: all its state.
struct Timer {
  int64_t due_ps = 0;
  uint64_t key = 0;  // SubKey(flow key, number)
  uint64_t packets = 0;
  uint32_t number = 0;  // within its group
  uint32_t flow = 0;

  OrderKey order() const { return {due_ps, uint64_t{flow} << 32 | number}; }
};
static_assert(sizeof(Timer) == 32);

class Ladder {
 public:
  // Takes the first timers in any order; never more are inside, so nothing is allocated later.
  // `gap_ps`: about how long one of them waits (> 0).
  void Reset(std::span<const Timer> timers, int64_t gap_ps);

  bool empty() const { return size_ == 0; }

  // The key of the first timer; Max() when there is none.
  OrderKey Next() const {
    if (size_ == 0) return OrderKey::Max();
    const OrderKey sorted = next_ < sorted_end_ ? sorted_[next_].order() : OrderKey::Max();
    return soon_ > 0 && sorted_[0].order() < sorted ? sorted_[0].order() : sorted;
  }
  // Takes the first timer out; there must be one. Then Push may put one in that comes after all
  // that were popped, and Advance must be called.
  Timer Pop();
  void Push(const Timer& timer);
  void Advance() {
    if (next_ == sorted_end_ && soon_ == 0 && size_ > 0) [[unlikely]]
      Refill();
  }

 private:
  // Records of a bucket, in chunks from one pool.
  struct Bucket {
    uint32_t last = kNoChunk;
    uint32_t used = 0;  // in the last chunk
    uint32_t count = 0;
  };
  static constexpr uint32_t kChunk = 32;
  static constexpr uint32_t kBuckets = 256;
  static constexpr uint32_t kMostSlots = 8'192;
  static constexpr uint32_t kNoChunk = UINT32_MAX;

  void Append(const Timer& timer, Bucket& bucket);
  template <class Visit>
  void Drain(Bucket& bucket, Visit visit);
  int64_t IndexOf(int64_t due_ps) const { return (due_ps - base_ps_) >> shift_; }
  void SetShift(size_t timers, int64_t gap_ps);
  // Sorts the next bucket that holds any: afterwards the first timer is in sorted_.
  void Refill();
  void TurnOver();
  void Spread(Bucket& bucket, int64_t begin_ps);
  void SortSlots(uint32_t slots);

  size_t size_ = 0;
  size_t near_ = 0;  // in buckets_
  int64_t base_ps_ = 0;
  unsigned shift_ = 0;
  int64_t current_ = -1;  // the bucket in sorted_
  std::array<Bucket, kBuckets> buckets_;
  Bucket far_;  // beyond the last bucket
  std::vector<Timer> pool_;
  std::vector<uint32_t> before_;  // per chunk: the one before it in its bucket, or in the free list
  uint32_t free_ = kNoChunk;
  // The current bucket in order. What has been popped makes room at the front for a heap of those
  // that came back while their bucket was already sorted.
  std::unique_ptr<Timer[]> sorted_;
  size_t next_ = 0, sorted_end_ = 0;
  size_t soon_ = 0;  // in that heap
  std::vector<uint32_t> slots_;
};

}  // namespace spate::engine
