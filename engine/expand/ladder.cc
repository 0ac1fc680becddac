#include "engine/expand/ladder.h"

#include <algorithm>
#include <bit>

namespace spate::engine {
namespace {

bool Before(const Timer& a, const Timer& b) { return a.order() < b.order(); }
bool After(const Timer& a, const Timer& b) { return b.order() < a.order(); }

// A bucket's share of a mean gap: few enough come back into a bucket that is already sorted, and
// the buckets reach four mean gaps ahead.
constexpr int64_t kBucketsPerGap = 64;

// Timers of one slot that are cheaper to insert one by one than to sort.
constexpr size_t kInsertionMost = 24;

}  // namespace

void Ladder::Reset(std::span<const Timer> timers, int64_t gap_ps) {
  const size_t chunks = timers.size() / kChunk + kBuckets + 3;
  pool_.resize(chunks * kChunk);
  before_.resize(chunks);
  for (uint32_t i = 0; i < chunks; ++i) before_[i] = i == 0 ? kNoChunk : i - 1;
  free_ = static_cast<uint32_t>(chunks - 1);
  sorted_ = std::make_unique_for_overwrite<Timer[]>(timers.size());
  slots_.resize(kMostSlots + 1);
  SetShift(timers.size(), gap_ps);
  size_ = timers.size();
  for (const Timer& timer : timers) Append(timer, far_);
  Advance();
}

// The width of a bucket is a power of two, so that no event divides.
void Ladder::SetShift(size_t timers, int64_t gap_ps) {
  // Few timers need wide buckets: an empty one costs as much as several events.
  const int64_t per_gap = std::clamp<int64_t>(static_cast<int64_t>(timers) / 16, 1, kBucketsPerGap);
  shift_ = static_cast<unsigned>(std::bit_width(static_cast<uint64_t>(gap_ps / per_gap)));
}

void Ladder::AddChunk(Bucket& bucket) {
  const uint32_t chunk = free_;
  free_ = before_[chunk];
  before_[chunk] = bucket.last;
  bucket.last = chunk;
  bucket.used = 0;
}

// Visits all records of a bucket and then gives their chunk back; `visit` may append to other
// buckets.
template <class Visit>
void Ladder::Drain(Bucket& bucket, Visit visit) {
  Bucket drained = std::exchange(bucket, Bucket{});
  while (drained.last != kNoChunk) {
    const uint32_t chunk = drained.last;
    const Timer* const timers = &pool_[chunk * size_t{kChunk}];
    for (uint32_t i = 0; i < drained.used; ++i) visit(timers[i]);
    drained.last = std::exchange(before_[chunk], free_);
    free_ = chunk;
    drained.used = kChunk;
  }
}

void Ladder::PopSoon() {
  std::pop_heap(sorted_.get(), sorted_.get() + soon_, After);
  --soon_;
}

// There is room: at least as many have been popped from sorted_ as are in the heap.
void Ladder::PushSoon(Timer timer) {
  sorted_[soon_++] = timer;
  std::push_heap(sorted_.get(), sorted_.get() + soon_, After);
}

void Ladder::Refill() {
  if (near_ == 0) TurnOver();
  do {
    ++current_;
  } while (buckets_[static_cast<size_t>(current_)].count == 0);
  Bucket& bucket = buckets_[static_cast<size_t>(current_)];
  near_ -= bucket.count;
  Spread(bucket, base_ps_ + (current_ << shift_));
}

// All buckets are past: they begin again at the first time that is left.
void Ladder::TurnOver() {
  Bucket far = std::exchange(far_, Bucket{});
  int64_t first_ps = INT64_MAX;
  for (uint32_t chunk = far.last, used = far.used; chunk != kNoChunk;
       chunk = before_[chunk], used = kChunk) {
    for (uint32_t i = 0; i < used; ++i) {
      first_ps = std::min(first_ps, pool_[chunk * size_t{kChunk} + i].due_ps);
    }
  }
  base_ps_ = first_ps >> shift_ << shift_;
  current_ = -1;
  Drain(far, [this](const Timer& timer) {
    --size_;
    Push(timer);
  });
}

// What a bucket holds was written a bucket's time ago and has left the near caches.
void Ladder::Fetch(uint32_t chunk) const {
  if (chunk == kNoChunk) return;
  const Timer* const timers = &pool_[chunk * size_t{kChunk}];
  for (uint32_t i = 0; i < kChunk; i += 2) __builtin_prefetch(timers + i);
}

void Ladder::Spread(Bucket& bucket, int64_t begin_ps) {
  const size_t count = bucket.count;
  const unsigned slot_bits = std::min<unsigned>(static_cast<unsigned>(std::bit_width(count / 2)),
                                                std::bit_width(kMostSlots - 1));
  const uint32_t slots = 1u << std::min(slot_bits, shift_);
  const unsigned down = shift_ - std::min(slot_bits, shift_);
  std::fill_n(slots_.begin(), slots + 1, 0u);
  for (uint32_t chunk = bucket.last, used = bucket.used; chunk != kNoChunk;
       chunk = before_[chunk], used = kChunk) {
    Fetch(before_[chunk]);
    for (uint32_t i = 0; i < used; ++i) {
      ++slots_[static_cast<size_t>((pool_[chunk * size_t{kChunk} + i].due_ps - begin_ps) >> down)];
    }
  }
  // Where each slot ends; dealing moves it to where it begins.
  uint32_t sum = 0;
  for (uint32_t s = 0; s <= slots; ++s) slots_[s] = sum += slots_[s];
  Drain(bucket, [&](const Timer& timer) {
    sorted_[--slots_[static_cast<size_t>((timer.due_ps - begin_ps) >> down)]] = timer;
  });
  next_ = 0;
  sorted_end_ = count;
  SortSlots(slots);
}

void Ladder::SortSlots(uint32_t slots) {
  for (uint32_t s = 0; s < slots; ++s) {
    Timer* const begin = sorted_.get() + slots_[s];
    Timer* const end = sorted_.get() + slots_[s + 1];
    if (static_cast<size_t>(end - begin) > kInsertionMost) {
      std::sort(begin, end, Before);
      continue;
    }
    for (Timer* at = begin + 1; at < end; ++at) {
      if (!Before(*at, at[-1])) continue;
      const Timer moving = *at;
      Timer* to = at;
      do {
        *to = to[-1];
      } while (--to > begin && Before(moving, to[-1]));
      *to = moving;
    }
  }
}

}  // namespace spate::engine
