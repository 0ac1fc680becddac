#include "engine/expand/ladder.h"

#include <bit>

namespace spate::engine {
namespace {

// The buckets reach this many times as far ahead as the median of what waits: nearly all come into
// a bucket at once instead of waiting beyond the last one, and few into one that is sorted already.
constexpr size_t kReach = 6;

// Few would leave no room to look ahead, and an empty bucket costs as much as several events.
constexpr size_t kLeastInBucket = 128;

// Two to the power of this many ps, a week, is as wide as a bucket becomes.
constexpr unsigned kWidest = 59;

// Records of one slot that are cheaper to insert one by one than to sort.
constexpr size_t kInsertionMost = 24;

}  // namespace

template <class Record>
void Ladder<Record>::Reserve(size_t most) {
  // Each bucket may have a chunk that is not full, and another one is being drained.
  const size_t chunks = 1 + most / kChunk + kNear + kCoarse + 2;
  pool_ = HugeArray<Record>(chunks * kChunk);
  before_.resize(chunks);
  for (uint32_t i = 1; i < chunks; ++i) before_[i] = i + 1 == chunks ? kNoChunk : i + 1;
  free_ = 1;
  sorted_ = HugeArray<Record>(most + 1);
  slots_.resize(kMostSlots + 1);
}

template <class Record>
void Ladder<Record>::AddChunk(Bucket& bucket) {
  const uint32_t chunk = free_;
  free_ = before_[chunk];
  before_[chunk] = bucket.last_chunk();
  bucket.end = chunk * kChunk;
}

template <class Record>
template <class Visit>
void Ladder<Record>::ForEach(const Bucket& bucket, Visit visit) const {
  for (uint32_t chunk = bucket.last_chunk(), used = (bucket.end - 1) % kChunk + 1;
       chunk != kNoChunk; chunk = before_[chunk], used = kChunk) {
    const Record* const records = &pool_[chunk * size_t{kChunk}];
    for (uint32_t i = 0; i < used; ++i) visit(records[i]);
  }
}

// Visits all records of a bucket and gives their chunks back; `visit` may append to any bucket.
template <class Record>
template <class Visit>
void Ladder<Record>::Drain(Bucket& bucket, Visit visit) {
  const Bucket drained = std::exchange(bucket, Bucket{});
  uint32_t used = (drained.end - 1) % kChunk + 1;
  for (uint32_t chunk = drained.last_chunk(); chunk != kNoChunk; used = kChunk) {
    const Record* const records = &pool_[chunk * size_t{kChunk}];
    for (uint32_t i = 0; i < used; ++i) visit(records[i]);
    const uint32_t freed = chunk;
    chunk = std::exchange(before_[freed], free_);
    free_ = freed;
  }
}

template <class Record>
void Ladder<Record>::Place(const Record& record) {
  const int64_t number = record.due_ps >> shift_;
  if (number >= near_end_) return PlaceBeyond(record);
  Append(record, near_[At<kNear>(number)]);
}

template <class Record>
void Ladder<Record>::PlaceBeyond(const Record& record) {
  const int64_t number = record.due_ps >> shift_ >> kStepBits;
  if (number >= coarse_end_) return Append(record, far_);
  Append(record, coarse_[At<kCoarse>(number)]);
  ++in_coarse_;
}

template <class Record>
Record Ladder<Record>::BoundBehind() const {
  const auto sorted = [this](size_t at) {
    if (at < sorted_end_) return sorted_[at];
    Record end{};
    end.due_ps = (current_ + 1) << shift_;
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
  if (dealt_ + late_ > size_) Learn();
  Bucket* bucket = nullptr;
  do {
    if (size_ == far_.count) Begin(Measure());
    const bool near = size_ > far_.count + in_coarse_;
    current_ = near ? current_ + 1 : near_end_;
    Extend();
    bucket = &near_[At<kNear>(current_)];
  } while (bucket->count == 0);
  Spread(*bucket, current_ << shift_);
  fetch_ = near_[At<kNear>(current_ + 1)].last_chunk();
}

// Buckets that are past begin again beyond the last one, as many at a time as a coarse one, of
// which they take what it holds.
template <class Record>
void Ladder<Record>::Extend() {
  while (near_end_ < (current_ >> kStepBits << kStepBits) + kNear) {
    Bucket& coarse = coarse_[At<kCoarse>(near_end_ >> kStepBits)];
    near_end_ += int64_t{1} << kStepBits;
    in_coarse_ -= coarse.count;
    moved_ += coarse.count;
    Drain(coarse, [this](const Record& record) { Place(record); });
    if (coarse_end_ - (near_end_ >> kStepBits) > kCoarse / 4 * 3) continue;
    coarse_end_ += kCoarse / 4;
    moved_ += far_.count;
    Drain(far_, [this](const Record& record) { Place(record); });
  }
}

// Looks, when as many records have been dealt as there are, whether the buckets have the right
// width. Programs wait for very different times, and a bucket that is sorted already is a heap:
// narrower buckets keep short waits out of it. Wider ones move fewer records twice.
template <class Record>
void Ladder<Record>::Learn() {
  const size_t seen = dealt_ + late_;
  const int64_t first_ps = (current_ + 1) << shift_;
  const bool finer = late_ > seen / 16 && moved_ < seen && shift_ > 0;
  const bool coarser = late_ < seen / 64 && moved_ > seen / 2 && shift_ < kWidest;
  dealt_ = late_ = moved_ = 0;
  if (!finer && !coarser) return;
  GatherFar();
  shift_ = finer ? shift_ - 1 : shift_ + 1;
  Begin(first_ps);
}

template <class Record>
void Ladder<Record>::GatherFar() {
  const auto move = [this](const Record& record) { Append(record, far_); };
  for (Bucket& bucket : near_) Drain(bucket, move);
  for (Bucket& bucket : coarse_) Drain(bucket, move);
  in_coarse_ = 0;
}

// All are in far_: makes the buckets as wide as what waits asks for, a power of two, so that no
// event divides. Returns the first time.
template <class Record>
int64_t Ladder<Record>::Measure() {
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
  const size_t per_median = std::clamp<size_t>(far_.count / kLeastInBucket, 1, kNear / kReach);
  const int64_t width = (*median - first_ps) / static_cast<int64_t>(per_median);
  shift_ = static_cast<unsigned>(std::bit_width(static_cast<uint64_t>(width)));
  return first_ps;
}

// All are in far_: the buckets begin at a time before which there are none.
template <class Record>
void Ladder<Record>::Begin(int64_t first_ps) {
  current_ = (first_ps >> shift_) - 1;
  near_end_ = ((current_ + 1) >> kStepBits << kStepBits) + kNear;
  coarse_end_ = (near_end_ >> kStepBits) + kCoarse;
  Drain(far_, [this](const Record& record) { Place(record); });
}

// What a bucket holds was written a bucket's time ago and has left the near caches: it is fetched
// while the bucket before it is gone through.
template <class Record>
void Ladder<Record>::FetchNext() {
  if (fetch_ == kNoChunk) return;
  const Record* const records = &pool_[fetch_ * size_t{kChunk}];
  for (uint32_t i = 0; i < kChunk; i += 64 / sizeof(Record)) {
    __builtin_prefetch(records + i, 0, 2);
  }
  fetch_ = before_[fetch_];
}

template <class Record>
void Ladder<Record>::Spread(Bucket& bucket, int64_t begin_ps) {
  const size_t count = bucket.count;
  const unsigned bits = std::min({static_cast<unsigned>(std::bit_width(count)),
                                  unsigned{std::bit_width(kMostSlots - 1)}, shift_});
  const uint32_t slots = 1u << bits;
  const unsigned down = shift_ - bits;
  const auto slot_of = [=](const Record& record) {
    return static_cast<size_t>((record.due_ps - begin_ps) >> down);
  };
  uint32_t* const slot = slots_.data();
  std::fill_n(slot, slots + 1, 0u);
  ForEach(bucket, [=](const Record& record) { ++slot[slot_of(record)]; });
  // Where each slot ends; dealing moves it to where it begins.
  uint32_t sum = 0, most = 0;
  for (uint32_t s = 0; s <= slots; ++s) {
    most = std::max(most, slot[s]);
    slot[s] = sum += slot[s];
  }
  Record* const sorted = sorted_.data();
  Drain(bucket, [=](const Record& record) { sorted[--slot[slot_of(record)]] = record; });
  next_ = 0;
  sorted_end_ = count;
  dealt_ += count;
  if (most > kInsertionMost) SortCrowded(slots);
  Insert();
}

template <class Record>
void Ladder<Record>::SortCrowded(uint32_t slots) {
  for (uint32_t s = 0; s < slots; ++s) {
    if (slots_[s + 1] - slots_[s] <= kInsertionMost) continue;
    std::sort(sorted_.data() + slots_[s], sorted_.data() + slots_[s + 1]);
  }
}

// Slots follow each other in order, so what is out of order has not far to go. One loop over all:
// how many records a slot holds no branch predictor knows.
template <class Record>
void Ladder<Record>::Insert() {
  Record* const begin = sorted_.data();
  Record* const end = begin + sorted_end_;
  for (Record* at = begin + 1; at < end; ++at) {
    if (!(*at < at[-1])) [[likely]]
      continue;
    const Record moving = *at;
    Record* to = at;
    do {
      *to = to[-1];
    } while (--to > begin && moving < to[-1]);
    *to = moving;
  }
}

template class Ladder<Event>;
template class Ladder<Timer>;

}  // namespace spate::engine
