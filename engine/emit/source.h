// Where an emission lcore's records come from: rings of generation lcores, or an expander of its
// own when it runs to completion.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "engine/emit/batch.h"
#include "engine/expand/expander.h"
#include "engine/plan/plan.h"
#include "engine/port/port.h"
#include "engine/ring/atomic_key.h"
#include "engine/ring/descriptor.h"
#include "engine/ring/ring.h"

namespace spate::engine {

class Source {
 public:
  virtual ~Source() = default;
  // Nothing that later Pulls return comes before this key; Max() once there will be nothing more.
  // To be asked before Pull: what was pushed before the key was published is then there.
  virtual OrderKey Bound() const = 0;
  // Fills the front of `slots` (at least Lane::kLeast); returns how many. May cut a record.
  virtual size_t Pull(std::span<Slot> slots) = 0;
};

class RingSource final : public Source {
 public:
  RingSource(DescriptorRing& ring, const AtomicKey& bound) : ring_(ring), bound_(bound) {}
  OrderKey Bound() const override { return bound_.Load(); }
  size_t Pull(std::span<Slot> slots) override {
    return ring_.Pop(slots.first(std::min(slots.size(), kSlotsPerPull)));
  }

 private:
  // Two bursts: composing them hides the way of the next ones from the other core's cache.
  static constexpr size_t kSlotsPerPull = 128;

  DescriptorRing& ring_;
  const AtomicKey& bound_;
};

class ExpanderSource final : public Source {
 public:
  // `most`: slots to fill at a time (Lane::kLeast or more), so that no packet waits long for those
  // that come after it.
  ExpanderSource(Expander& expander, size_t most) : expander_(expander), most_(most) {}
  OrderKey Bound() const override { return expander_.Next(); }
  size_t Pull(std::span<Slot> slots) override {
    const auto capacity = static_cast<uint32_t>(std::min(slots.size(), most_));
    Lane lane{.slots = slots.data(), .used = 0, .capacity = capacity};
    expander_.Expand({&lane, 1});
    return lane.used;
  }

 private:
  Expander& expander_;
  const size_t most_;
};

// The records of one source that have arrived, first one on top.
class Inbox {
 public:
  Inbox(const Plan& plan, Source& source) : plan_(plan), source_(source) {}

  // The first record, or nullptr when no whole one has arrived.
  const Slot* Head() const {
    if (head_ == tail_ || tail_ - head_ < SlotsOf(slots_[head_])) return nullptr;
    return &slots_[head_];
  }
  // Nothing that the inbox still gives comes before this. A record whose end has not arrived
  // counts: the bound may lie behind it.
  OrderKey FirstKey() const { return head_ == tail_ ? bound() : HeadKey(); }
  OrderKey HeadKey() const { return KeyOf(plan_, slots_[head_].descriptor); }

  // Moves packets into `batch`, up to `most` in it: what a lane with a single source does.
  void Take(Batch& batch, uint16_t most) {
    const uint8_t* const slots_of = plan_.record_slots.data();
    while (batch.size() < most && head_ < tail_) {
      const Descriptor& record = slots_[head_].descriptor;
      const size_t next = head_ + slots_of[record.message];
      if (next > tail_) break;
      if (IsRun()) {
        TakeRun(batch, static_cast<uint16_t>(most - batch.size()));
      } else if (IsAbsent()) {
        ++absent_;
        head_ = next;
      } else {
        batch.Add(&slots_[head_]);
        head_ = next;
      }
    }
  }

  // Moves the head into `batch`, of a run the packets that come before `limit` and the first in any
  // case.
  void TakeHead(Batch& batch, uint16_t most, const OrderKey& limit) {
    if (IsRun()) return TakeRun(batch, std::min<uint16_t>(most - batch.size(), CountBelow(limit)));
    if (IsAbsent()) {
      ++absent_;
    } else {
      batch.Add(&slots_[head_]);
    }
    head_ += SlotsOf(slots_[head_]);
  }

  // Packets met since the last call that an impairment has lost: they are in the account, not on
  // the wire.
  uint64_t CountAbsent() { return std::exchange(absent_, 0); }

  // Less than a burst is left: fetching more now keeps bursts whole.
  bool low() const { return tail_ - head_ < kBurst; }

  // Fetches more behind what is left; invalidates pointers to records.
  void Refill() {
    bound_ = source_.Bound();
    std::memmove(static_cast<void*>(slots_), slots_ + head_, (tail_ - head_) * sizeof(Slot));
    tail_ -= head_;
    head_ = 0;
    const size_t pulled = source_.Pull({slots_ + tail_, kSlots - tail_});
    tail_ += pulled;
    drained_ = pulled == 0;
  }

  // Nothing that is not in the inbox yet comes before this key. The source's bound holds for what
  // was not pushed: while there may be more in the ring, nothing is known.
  OrderKey bound() const { return drained_ ? bound_ : OrderKey::Min(); }
  bool ended() const { return head_ == tail_ && bound_ == OrderKey::Max(); }

 private:
  size_t SlotsOf(const Slot& record) const { return engine::SlotsOf(plan_, record.descriptor); }
  RecordForm Form() const { return plan_.forms[slots_[head_].descriptor.message]; }
  bool IsRun() const { return Form() == RecordForm::kRun; }
  bool IsAbsent() const { return Form() == RecordForm::kAbsent; }
  const FlowPlan& FlowOf(const PacketRun& run) const {
    return plan_.flows[plan_.messages[run.message].flow];
  }

  // What is left of the run stays in its slots.
  void TakeRun(Batch& batch, uint16_t most) {
    PacketRun run = RunOf(&slots_[head_]);
    const uint16_t taken = std::min(run.count, most);
    if (taken == run.count) {
      head_ += SlotsOf(slots_[head_]);
    } else {
      PutRun(Skip(FlowOf(run), taken, run), &slots_[head_]);
      run.count = taken;
    }
    batch.Add(run);
  }

  // Packets of the run at the head that come before `limit`, and its first.
  uint16_t CountBelow(const OrderKey& limit) const {
    const PacketRun run = RunOf(&slots_[head_]);
    const FlowPlan& flow = FlowOf(run);
    const uint64_t rank = HeadKey().rank;
    const auto key = [&](uint16_t packet) {
      return OrderKey{Skip(flow, packet, run).due_ps, rank};
    };
    if (key(static_cast<uint16_t>(run.count - 1)) < limit) return run.count;
    uint16_t count = 1;
    while (key(count) < limit) ++count;
    return count;
  }

  static constexpr size_t kSlots = 512;
  const Plan& plan_;
  Source& source_;
  OrderKey bound_ = OrderKey::Min();
  bool drained_ = false;
  size_t head_ = 0, tail_ = 0;
  uint64_t absent_ = 0;
  alignas(64) Slot slots_[kSlots];
};

}  // namespace spate::engine
