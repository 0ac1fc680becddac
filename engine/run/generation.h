// A generation lcore: expands its shard and deals the records to the rings of the emission lcores.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "engine/expand/expander.h"
#include "engine/ring/atomic_key.h"
#include "engine/ring/ring.h"

namespace spate::engine {

class Generator {
 public:
  // `rings`: one per lane of `shard`.
  Generator(const Plan& plan, const Shard& shard, std::vector<DescriptorRing*> rings,
            bool yield_when_idle);

  // Until the shard ends or `stop` is set.
  absl::Status Run(const std::atomic<bool>& stop);

  // Nothing that it still pushes comes before this key.
  const AtomicKey& bound() const { return bound_; }
  Expander& expander() { return expander_; }
  uint64_t packets() const { return expander_.packets(); }
  uint64_t busy_cycles() const { return busy_cycles_; }

 private:
  // Records of one lane that wait for room in its ring.
  struct Outbox {
    Lane lane;
    std::unique_ptr<Slot[]> slots;
  };
  static constexpr uint32_t kOutboxSlots = 256;

  // False: `stop` was set before all was pushed.
  bool PushAll(const std::atomic<bool>& stop);
  bool PushOnce();
  OrderKey FirstWaiting() const;

  const Plan& plan_;
  Expander expander_;
  std::vector<DescriptorRing*> rings_;
  const bool yield_when_idle_;
  std::vector<Outbox> outboxes_;
  AtomicKey bound_;
  uint64_t busy_cycles_ = 0;
};

}  // namespace spate::engine
