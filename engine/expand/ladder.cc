#include "engine/expand/ladder.h"

#include <bit>

namespace spate::engine {
namespace {

// The buckets reach this many times as far ahead as the median of what waits: nearly all come into
// a bucket at once instead of waiting beyond the last one, and few into one that is sorted already.
constexpr size_t kReach = 6;

// Few would leave no room to look ahead, and an empty bucket costs as much as several events.
constexpr size_t kLeastInBucket = 128;

// Records of one slot that are cheaper to insert one by one than to sort.
constexpr size_t kInsertionMost = 24;

}  // namespace

template <class Record>
void Ladder<Record>::Reserve(size_t most) {
  const size_t chunks = most / kChunk + kBuckets + 3;
  pool_ = HugeArray<Record>(chunks * kChunk);
  before_.resize(chunks);
  for (uint32_t i = 0; i < chunks; ++i) before_[i] = i + 1 == chunks ? kNoChunk : i + 1;
  free_ = 0;
  sorted_ = HugeArray<Record>(most + 1);
  slots_.resize(kMostSlots + 1);
}

template <class Record>
void Ladder<Record>::AddChunk(Bucket& bucket) {
  const uint32_t chunk = free_;
  free_ = before_[chunk];
  before_[chunk] = bucket.last;
  bucket.last = chunk;
  bucket.used = 0;
}

template <class Record>
template <class Visit>
void Ladder<Record>::ForEach(const Bucket& bucket, Visit visit) const {
  for (uint32_t chunk = bucket.last, used = bucket.used; chunk != kNoChunk;
       chunk = before_[chunk], used = kChunk) {
    Fetch(before_[chunk]);
    for (uint32_t i = 0; i < used; ++i) visit(pool_[chunk * size_t{kChunk} + i]);
  }
}

// Visits all records of a bucket and then gives their chunk back; `visit` may append to other
// buckets.
template <class Record>
template <class Visit>
void Ladder<Record>::Drain(Bucket& bucket, Visit visit) {
  Bucket drained = std::exchange(bucket, Bucket{});
  while (drained.last != kNoChunk) {
    const uint32_t chunk = drained.last;
    const Record* const records = &pool_[chunk * size_t{kChunk}];
    for (uint32_t i = 0; i < drained.used; ++i) visit(records[i]);
    drained.last = std::exchange(before_[chunk], free_);
    free_ = chunk;
    drained.used = kChunk;
  }
}

template <class Record>
Record Ladder<Record>::BoundBehind() const {
  const auto sorted = [this](size_t at) {
    if (at < sorted_end_) return sorted_[at];
    Record end{};
    end.due_ps = base_ps_ + ((current_ + 1) << shift_);
    return end;
  };
  if (soon_ == 0) return sorted(next_ + 1);
  if (First() == &sorted_[next_]) return std::min(sorted(next_ + 1), sorted_[0]);
  Record least = sorted(next_);
  for (size_t i = 1; i < soon_ && i <= 2; ++i) least = std::min(least, sorted_[i]);
  return least;
}

template <class Record>
void Ladder<Record>::PopSoon() {
  std::pop_heap(sorted_.data(), sorted_.data() + soon_,
                [](const Record& a, const Record& b) { return b < a; });
  --soon_;
}

// There is room: at least as many have been popped from sorted_ as are in the heap.
template <class Record>
void Ladder<Record>::PushSoon(Record record) {
  ++late_;
  sorted_[soon_++] = record;
  std::push_heap(sorted_.data(), sorted_.data() + soon_,
                 [](const Record& a, const Record& b) { return b < a; });
}

template <class Record>
void Ladder<Record>::Refill() {
  if (near_ == 0) TurnOver();
  do {
    ++current_;
  } while (buckets_[static_cast<size_t>(current_)].count == 0);
  Bucket& bucket = buckets_[static_cast<size_t>(current_)];
  near_ -= bucket.count;
  Spread(bucket, base_ps_ + (current_ << shift_));
}

// Programs wait for very different times: round trips are short where pauses are long. Narrower
// buckets keep the short ones out of the bucket that is sorted already, and cost a visit to all
// that is beyond the last one more often.
template <class Record>
void Ladder<Record>::Learn() {
  constexpr unsigned kFinest = 10;
  const size_t seen = dealt_ + late_;
  if (late_ > seen / 16 && seen > 2 * far_.count && finer_ < kFinest) {
    ++finer_;
  } else if (seen < far_.count / 2 && finer_ > 0) {
    --finer_;
  }
  dealt_ = late_ = 0;
}

// All buckets are past: they begin again at the first time that is left, as wide as what waits asks
// for. A power of two, so that no event divides.
template <class Record>
void Ladder<Record>::TurnOver() {
  std::array<int64_t, kSamples> samples;
  const size_t step = far_.count / kSamples + 1;
  size_t seen = 0, sampled = 0;
  int64_t first_ps = INT64_MAX;
  ForEach(far_, [&](const Record& record) {
    first_ps = std::min(first_ps, record.due_ps);
    if (seen++ % step == 0) samples[sampled++] = record.due_ps;
  });
  const auto median = samples.begin() + sampled / 2;
  std::nth_element(samples.begin(), median, samples.begin() + sampled);
  const size_t per_median = std::clamp<size_t>(far_.count / kLeastInBucket, 1, kBuckets / kReach);
  const int64_t width = (*median - first_ps) / static_cast<int64_t>(per_median);
  Learn();
  const auto bits = static_cast<unsigned>(std::bit_width(static_cast<uint64_t>(width)));
  shift_ = bits - std::min(bits, finer_);
  base_ps_ = first_ps >> shift_ << shift_;
  current_ = -1;
  Bucket far = std::exchange(far_, Bucket{});
  Drain(far, [this](const Record& record) {
    --size_;
    Push(record);
  });
}

// What a bucket holds was written a bucket's time ago and has left the near caches.
template <class Record>
void Ladder<Record>::Fetch(uint32_t chunk) const {
  if (chunk == kNoChunk) return;
  const Record* const records = &pool_[chunk * size_t{kChunk}];
  for (uint32_t i = 0; i < kChunk; i += 64 / sizeof(Record)) __builtin_prefetch(records + i);
}

template <class Record>
void Ladder<Record>::Spread(Bucket& bucket, int64_t begin_ps) {
  const size_t count = bucket.count;
  const unsigned slot_bits = std::min<unsigned>(static_cast<unsigned>(std::bit_width(count / 2)),
                                                std::bit_width(kMostSlots - 1));
  const uint32_t slots = 1u << std::min(slot_bits, shift_);
  const unsigned down = shift_ - std::min(slot_bits, shift_);
  std::fill_n(slots_.begin(), slots + 1, 0u);
  ForEach(bucket, [&](const Record& record) {
    ++slots_[static_cast<size_t>((record.due_ps - begin_ps) >> down)];
  });
  // Where each slot ends; dealing moves it to where it begins.
  uint32_t sum = 0;
  for (uint32_t s = 0; s <= slots; ++s) slots_[s] = sum += slots_[s];
  Drain(bucket, [&](const Record& record) {
    sorted_[--slots_[static_cast<size_t>((record.due_ps - begin_ps) >> down)]] = record;
  });
  next_ = 0;
  sorted_end_ = count;
  dealt_ += count;
  SortSlots(slots);
}

template <class Record>
void Ladder<Record>::SortSlots(uint32_t slots) {
  for (uint32_t s = 0; s < slots; ++s) {
    Record* const begin = sorted_.data() + slots_[s];
    Record* const end = sorted_.data() + slots_[s + 1];
    if (static_cast<size_t>(end - begin) > kInsertionMost) {
      std::sort(begin, end);
      continue;
    }
    for (Record* at = begin + 1; at < end; ++at) {
      if (!(*at < at[-1])) continue;
      const Record moving = *at;
      Record* to = at;
      do {
        *to = to[-1];
      } while (--to > begin && moving < to[-1]);
      *to = moving;
    }
  }
}

template class Ladder<Event>;
template class Ladder<Timer>;

}  // namespace spate::engine
