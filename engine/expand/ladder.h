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

  // The first timer; nullptr when there is none.
  const Timer* First() const {
    if (size_ == 0) return nullptr;
    const Timer* const sorted = &sorted_[next_];
    if (soon_ == 0) [[likely]]
      return sorted;
    return next_ < sorted_end_ && sorted->order() < sorted_[0].order() ? sorted : &sorted_[0];
  }
  // Its key; Max() when there is none.
  OrderKey Next() const {
    const Timer* const first = First();
    return first == nullptr ? OrderKey::Max() : first->order();
  }
  // Takes the first timer out; there must be one. Then Push may put one in that comes after all
  // that were popped, and Advance must be called. The timer itself stays where First found it until
  // then.
  void Pop() {
    const Timer* const first = First();
    --size_;
    if (first == &sorted_[next_]) [[likely]] {
      ++next_;
    } else {
      PopSoon();
    }
  }
  void Push(Timer timer) {
    const int64_t index = IndexOf(timer.due_ps);
    ++size_;
    if (index <= current_) [[unlikely]] {
      PushSoon(timer);
    } else if (index < kBuckets) {
      Append(timer, buckets_[static_cast<size_t>(index)]);
      ++near_;
    } else {
      Append(timer, far_);
    }
  }
  void Advance() {
    if (next_ == sorted_end_ && soon_ == 0 && size_ > 0) [[unlikely]]
      Refill();
  }

 private:
  static constexpr uint32_t kChunk = 32;
  static constexpr uint32_t kBuckets = 256;
  static constexpr uint32_t kMostSlots = 8'192;
  static constexpr uint32_t kNoChunk = UINT32_MAX;

  // Records of a bucket, in chunks from one pool.
  struct Bucket {
    uint32_t last = kNoChunk;
    uint32_t used = kChunk;  // of the last chunk, if there is one
    uint32_t count = 0;
  };

  void Append(Timer timer, Bucket& bucket) {
    if (bucket.used == kChunk) [[unlikely]]
      AddChunk(bucket);
    pool_[bucket.last * size_t{kChunk} + bucket.used++] = timer;
    ++bucket.count;
  }
  void AddChunk(Bucket& bucket);
  void PopSoon();
  void PushSoon(Timer timer);
  template <class Visit>
  void Drain(Bucket& bucket, Visit visit);
  int64_t IndexOf(int64_t due_ps) const { return (due_ps - base_ps_) >> shift_; }
  void SetShift(size_t timers, int64_t gap_ps);
  // Sorts the next bucket that holds any: afterwards the first timer is in sorted_.
  void Refill();
  void TurnOver();
  void Fetch(uint32_t chunk) const;
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
