// A calendar for very many events: nothing is sought in memory at random. Times are cut into coarse
// buckets, to which records are appended; when a bucket's turn comes, its records are dealt to fine
// slots by a counting sort and each slot is sorted.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/huge_array.h"
#include "engine/ring/descriptor.h"

namespace spate::engine {

// When an instance in the calendar acts next. Ids rise with flow and instance, so equal times come
// out in the total order of the trace.
struct Event {
  int64_t due_ps = 0;
  uint32_t id = 0;

  friend constexpr auto operator<=>(const Event&, const Event&) = default;
  static constexpr Event Never() { return {INT64_MAX, UINT32_MAX}; }
};

// A flow instance that does one thing again and again: all its state.
struct Timer {
  int64_t due_ps = 0;
  uint64_t key = 0;  // SubKey(flow key, number)
  uint64_t packets = 0;
  uint32_t number = 0;  // within its group
  uint32_t flow = 0;

  OrderKey order() const { return {due_ps, uint64_t{flow} << 32 | number}; }
  friend bool operator<(const Timer& a, const Timer& b) { return a.order() < b.order(); }
};
static_assert(sizeof(Timer) == 32);

// Record: Event or Timer.
template <class Record>
class Ladder {
 public:
  // Takes the first records in any order: Reserve, Add each of them, Start. Never more than `most`
  // are inside, so nothing is allocated later.
  void Reserve(size_t most);
  void Add(const Record& record) {
    Append(record, far_);
    ++size_;
  }
  void Start() { Advance(); }

  bool empty() const { return size_ == 0; }

  // The first record; nullptr when there is none.
  const Record* First() const {
    if (size_ == 0) return nullptr;
    const Record* const sorted = &sorted_[next_];
    if (soon_ == 0) [[likely]]
      return sorted;
    return next_ < sorted_end_ && *sorted < sorted_[0] ? sorted : &sorted_[0];
  }
  // Nothing but the first record comes before this one, which need not be there.
  Record Bound() const {
    if (soon_ == 0 && next_ + 1 < sorted_end_) [[likely]]
      return sorted_[next_ + 1];
    return BoundBehind();
  }
  // The record that is `ahead` places behind the first; nullptr if that is not known yet.
  const Record* Ahead(size_t ahead) const {
    return next_ + ahead < sorted_end_ ? &sorted_[next_ + ahead] : nullptr;
  }
  // Whether a bucket has just begun: who looks ahead has not seen its records yet.
  bool begins() const { return next_ == 0; }
  // Takes the first record out; there must be one. Then Push may put one in that comes after all
  // that were popped, and Advance must be called. The record itself stays where First found it
  // until then.
  void Pop() {
    const Record* const first = First();
    --size_;
    if (first == &sorted_[next_]) [[likely]] {
      ++next_;
    } else {
      PopSoon();
    }
  }
  void Push(Record record) {
    const int64_t index = IndexOf(record.due_ps);
    ++size_;
    if (index <= current_) [[unlikely]] {
      PushSoon(record);
    } else if (index < kBuckets) {
      Append(record, buckets_[static_cast<size_t>(index)]);
      ++near_;
    } else {
      Append(record, far_);
    }
  }
  void Advance() {
    if (next_ == sorted_end_ && soon_ == 0 && size_ > 0) [[unlikely]]
      Refill();
  }

 private:
  static constexpr uint32_t kChunk = 1024 / sizeof(Record);
  static constexpr uint32_t kBuckets = 1'024;
  static constexpr uint32_t kMostSlots = 8'192;
  static constexpr uint32_t kNoChunk = UINT32_MAX;
  static constexpr uint32_t kSamples = 1'024;

  // Records of a bucket, in chunks from one pool.
  struct Bucket {
    uint32_t last = kNoChunk;
    uint32_t used = kChunk;  // of the last chunk, if there is one
    uint32_t count = 0;
  };

  void Append(Record record, Bucket& bucket) {
    if (bucket.used == kChunk) [[unlikely]]
      AddChunk(bucket);
    pool_[bucket.last * size_t{kChunk} + bucket.used++] = record;
    ++bucket.count;
  }
  Record BoundBehind() const;
  void AddChunk(Bucket& bucket);
  void PopSoon();
  void PushSoon(Record record);
  template <class Visit>
  void ForEach(const Bucket& bucket, Visit visit) const;
  template <class Visit>
  void Drain(Bucket& bucket, Visit visit);
  int64_t IndexOf(int64_t due_ps) const { return (due_ps - base_ps_) >> shift_; }
  // Sorts the next bucket that holds any: afterwards the first record is in sorted_.
  void Refill();
  void TurnOver();
  void Learn();
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
  HugeArray<Record> pool_;
  std::vector<uint32_t> before_;  // per chunk: the one before it in its bucket, or in the free list
  uint32_t free_ = kNoChunk;
  // The current bucket in order. What has been popped makes room at the front for a heap of those
  // that came back while their bucket was already sorted.
  HugeArray<Record> sorted_;
  size_t next_ = 0, sorted_end_ = 0;
  size_t soon_ = 0;  // in that heap
  std::vector<uint32_t> slots_;
  // Since the buckets began: records that came into a bucket in time, and into one that was sorted
  // already; and how many times narrower than the median asks the buckets are, as a power of two.
  size_t dealt_ = 0, late_ = 0;
  unsigned finer_ = 0;
};

}  // namespace spate::engine
