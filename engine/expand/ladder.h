// A calendar for very many events: nothing is sought in memory at random. Times are cut into
// buckets, to which records are appended; when a bucket's turn comes, its records are dealt to fine
// slots by a counting sort, and what is still out of order is put right.
//
// The buckets are a wheel: a bucket that is past is the next one beyond the last. What lies beyond
// them waits in coarse buckets, a wheel too, each as wide as many of the others; what lies beyond
// those waits in a bucket of its own. So most records are moved once from one wait to the next.
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

// A flow instance that does one thing again and again: all its state. Ids are in order as those of
// events are.
struct Timer {
  int64_t due_ps = 0;
  uint32_t id = 0;
  uint32_t packets = 0;  // sent so far, whole laps left out (Shard::timer_lap)

  Event event() const { return {due_ps, id}; }
  friend bool operator<(const Timer& a, const Timer& b) { return a.event() < b.event(); }
};
static_assert(sizeof(Timer) == 16);

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
    const int64_t number = record.due_ps >> shift_;
    ++size_;
    if (number <= current_) [[unlikely]] {
      PushSoon(record);
    } else if (number < near_end_) [[likely]] {
      Append(record, near_[At<kNear>(number)]);
    } else {
      PlaceBeyond(record);
    }
  }
  // Both in one: another one in place of the first, or none.
  void ReplaceFirst(const Record& record) {
    Pop();
    Push(record);
    Advance();
  }
  void PopFirst() {
    Pop();
    Advance();
  }
  void Advance() {
    if (next_ % kChunk == 0) [[unlikely]]
      FetchNext();
    if (next_ == sorted_end_ && soon_ == 0 && size_ > 0) [[unlikely]]
      Refill();
  }

 private:
  static constexpr uint32_t kChunk = 1024 / sizeof(Record);
  static constexpr uint32_t kNear = 1'024;
  static constexpr uint32_t kCoarse = 256;
  static constexpr unsigned kStepBits = 7;  // a coarse bucket is as wide as 2^7 near ones
  static constexpr uint32_t kMostSlots = 16'384;
  static constexpr uint32_t kNoChunk = UINT32_MAX / kChunk;
  static constexpr uint32_t kSamples = 1'024;

  // Records of a bucket, in chunks from one pool. `end` is behind the last one; at the begin of a
  // chunk the one before it is full, or, at the first one of all, which is never used, there is
  // none.
  struct Bucket {
    uint32_t end = 0;
    uint32_t count = 0;
    uint32_t last_chunk() const { return (end - 1) / kChunk; }
  };

  void Append(Record record, Bucket& bucket) {
    if (bucket.end % kChunk == 0) [[unlikely]]
      AddChunk(bucket);
    pool_[bucket.end++] = record;
    ++bucket.count;
  }
  template <uint32_t kSize>
  static constexpr size_t At(int64_t number) {
    return static_cast<size_t>(number) % kSize;
  }
  void Place(const Record& record);
  void PlaceBeyond(const Record& record);
  Record BoundBehind() const;
  void AddChunk(Bucket& bucket);
  void PopSoon();
  void PushSoon(Record record);
  template <class Visit>
  void ForEach(const Bucket& bucket, Visit visit) const;
  template <class Visit>
  void Drain(Bucket& bucket, Visit visit);
  // Sorts the next bucket that holds any: afterwards the first record is in sorted_.
  void Refill();
  void Extend();
  void Learn();
  void GatherFar();
  int64_t Measure();
  void Begin(int64_t first_ps);
  void FetchNext();
  void Spread(Bucket& bucket, int64_t begin_ps);
  void SortCrowded(uint32_t slots);
  void Insert();

  size_t size_ = 0;
  unsigned shift_ = 0;      // a near bucket is 2^shift_ ps wide; its number is due_ps >> shift_
  int64_t current_ = -1;    // the bucket in sorted_
  int64_t near_end_ = 0;    // number of the first one that is no near bucket …
  int64_t coarse_end_ = 0;  // … and of the coarse bucket behind the last one
  std::array<Bucket, kNear> near_;
  std::array<Bucket, kCoarse> coarse_;
  Bucket far_;
  size_t in_coarse_ = 0;
  HugeArray<Record> pool_;
  std::vector<uint32_t> before_;  // per chunk: the one before it in its bucket, or in the free list
  uint32_t free_ = kNoChunk;
  uint32_t fetch_ = kNoChunk;  // of the next bucket: the chunk to be fetched next
  // The current bucket in order. What has been popped makes room at the front for a heap of those
  // that came back while their bucket was already sorted.
  HugeArray<Record> sorted_;
  size_t next_ = 0, sorted_end_ = 0;
  size_t soon_ = 0;  // in that heap
  std::vector<uint32_t> slots_;
  // Since Learn has looked: records that came into a bucket in time, and into one that was sorted
  // already; and those that were moved between buckets.
  size_t dealt_ = 0, late_ = 0, moved_ = 0;
};

}  // namespace spate::engine
