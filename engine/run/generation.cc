#include "engine/run/generation.h"

#include <sched.h>
#include <x86intrin.h>

#include <algorithm>

namespace spate::engine {
namespace {

constexpr uint32_t kPausesPerLook = 32;

}  // namespace

Generator::Generator(const Plan& plan, const Shard& shard, std::vector<DescriptorRing*> rings,
                     bool yield_when_idle)
    : plan_(plan),
      expander_(plan, shard),
      rings_(std::move(rings)),
      yield_when_idle_(yield_when_idle) {
  for (size_t i = 0; i < rings_.size(); ++i) {
    Outbox& outbox = outboxes_.emplace_back();
    outbox.slots = std::make_unique<Slot[]>(kOutboxSlots);
    outbox.lane = {.slots = outbox.slots.get(), .used = 0, .capacity = kOutboxSlots};
  }
  bound_.Store(expander_.Next());
}

absl::Status Generator::Run(const std::atomic<bool>& stop) {
  std::vector<Lane> lanes(rings_.size());
  bool more = true;
  while (more && !stop.load(std::memory_order_relaxed)) {
    const uint64_t began = __rdtsc();
    for (size_t i = 0; i < lanes.size(); ++i) lanes[i] = outboxes_[i].lane;
    more = expander_.Expand(lanes);
    for (size_t i = 0; i < lanes.size(); ++i) outboxes_[i].lane = lanes[i];
    busy_cycles_ += __rdtsc() - began;
    // What was stopped leaves its bound as it is: nothing may overtake what is not sent any more.
    if (!PushAll(stop)) return expander_.status();
    bound_.Store(expander_.Next());
  }
  if (!more) bound_.Store(OrderKey::Max());
  return expander_.status();
}

// Waits for room as long as it takes. Meanwhile the lanes that have room go on, and the bound says
// how far this lcore has come: an emission lcore that waits for it must not wait for a full ring.
bool Generator::PushAll(const std::atomic<bool>& stop) {
  while (!PushOnce()) {
    if (stop.load(std::memory_order_relaxed)) return false;
    bound_.Store(std::min(FirstWaiting(), expander_.Next()));
    // Every look at the ring takes its tail away from the lcore that empties it: look seldom.
    for (uint32_t i = 0; i < kPausesPerLook; ++i) _mm_pause();
    if (yield_when_idle_) sched_yield();
  }
  return true;
}

bool Generator::PushOnce() {
  bool all = true;
  for (size_t i = 0; i < outboxes_.size(); ++i) {
    Lane& lane = outboxes_[i].lane;
    if (lane.used == 0) continue;
    if (rings_[i]->Push({lane.slots, lane.used})) {
      lane.used = 0;
    } else {
      all = false;
    }
  }
  return all;
}

OrderKey Generator::FirstWaiting() const {
  OrderKey least = OrderKey::Max();
  for (const Outbox& outbox : outboxes_) {
    if (outbox.lane.used > 0)
      least = std::min(least, KeyOf(plan_, outbox.lane.slots[0].descriptor));
  }
  return least;
}

}  // namespace spate::engine
