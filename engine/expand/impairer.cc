#include "engine/expand/impairer.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "base/random.h"
#include "engine/plan/law.h"

namespace spate::engine {
namespace {

constexpr uint64_t kImpairmentStream = 0x537061746549706du;

bool Later(const HeldRecord& a, const HeldRecord& b) {
  return std::tie(a.event, a.sequence) > std::tie(b.event, b.sequence);
}

}  // namespace

// Independent random numbers of one packet.
struct Impairer::Chances {
  enum Use : uint64_t {
    kState,
    kLoss,
    kDuplicate,
    kDelay = 8,
    kReorder = 16,
    kCorrupt = 24,
    kBits = 32
  };
  uint64_t bits;

  uint64_t Of(uint64_t use) const { return Mix(bits + (use + 1) * kWeyl); }
  bool Hit(uint64_t use, double probability) const {
    return static_cast<double>(Of(use) >> 11) * 0x1p-53 < probability;
  }
};

// The state changes at each packet, before it is decided on.
bool Impairer::Lost(const core::Impairment& impairment, uint32_t id, const Chances& chances) {
  double loss = impairment.loss;
  if (impairment.enter > 0) {
    if (bursts_.size() <= id) bursts_.resize(id + 1);
    const bool bad = bursts_[id];
    const bool changes = chances.Hit(Chances::kState, bad ? impairment.leave : impairment.enter);
    bursts_[id] = bad != changes;
    if (bursts_[id]) loss = impairment.burst_loss;
  }
  return loss > 0 && chances.Hit(Chances::kLoss, loss);
}

uint32_t Impairer::Apply(const core::Impairment& impairment, uint32_t id, uint64_t key,
                         uint64_t packet, uint32_t lane, Slot* out) {
  const Chances chances{Draw(key ^ kImpairmentStream, packet)};
  if (Lost(impairment, id, chances)) {
    out->descriptor.message = static_cast<uint16_t>(plan_.messages[out->descriptor.message].absent);
    return 1;
  }
  const uint32_t slots = SlotsOf(plan_, out->descriptor);
  const bool twice =
      impairment.duplicate > 0 && chances.Hit(Chances::kDuplicate, impairment.duplicate);
  Slot copy[kMaxRecordSlots];
  if (twice) std::memcpy(static_cast<void*>(copy), out, slots * sizeof(Slot));
  uint32_t used = ApplyToCopy(impairment, id, chances, 0, lane, out);
  if (twice) {
    std::memcpy(static_cast<void*>(out + used), copy, slots * sizeof(Slot));
    used += ApplyToCopy(impairment, id, chances, 1, lane, out + used);
  }
  return used;
}

uint32_t Impairer::ApplyToCopy(const core::Impairment& impairment, uint32_t id,
                               const Chances& chances, uint64_t copy, uint32_t lane, Slot* record) {
  Descriptor& descriptor = record->descriptor;
  if (impairment.corrupt > 0 && chances.Hit(Chances::kCorrupt + copy, impairment.corrupt)) {
    Corrupt(plan_.messages[descriptor.message], chances.Of(Chances::kBits + copy), record);
  }
  int64_t delay = 0;
  if (impairment.delay != core::kNone) {
    delay = static_cast<int64_t>(Outcome(plan_.draws[impairment.delay].law, plan_.words.data(), 0,
                                         chances.Of(Chances::kDelay + copy)));
  }
  if (impairment.reorder > 0 && chances.Hit(Chances::kReorder + copy, impairment.reorder)) {
    delay += impairment.reorder_by.count;
  }
  if (delay == 0) return SlotsOf(plan_, descriptor);
  Hold(id, lane, descriptor.due_ps + delay, record);
  return 0;
}

// The damaged twin of the message reads one random word more.
void Impairer::Corrupt(const MessagePlan& message, uint64_t bits, Slot* record) {
  const unsigned word = plan_.messages[message.corrupt].damage_word;
  record->descriptor.message = static_cast<uint16_t>(message.corrupt);
  record[1 + word / 2].operands.word[word % 2] = bits;
}

// What would come after the end of the run is not part of it.
void Impairer::Hold(uint32_t id, uint32_t lane, int64_t due_ps, const Slot* record) {
  if (due_ps >= plan_.duration.count) return;
  HeldRecord& held = held_.emplace_back();
  held.event = {due_ps, id};
  held.sequence = sequence_++;
  held.lane = lane;
  std::memcpy(static_cast<void*>(held.slots), record,
              SlotsOf(plan_, record->descriptor) * sizeof(Slot));
  held.slots[0].descriptor.due_ps = due_ps;
  std::push_heap(held_.begin(), held_.end(), Later);
}

void Impairer::Pop() {
  std::pop_heap(held_.begin(), held_.end(), Later);
  held_.pop_back();
}

}  // namespace spate::engine
