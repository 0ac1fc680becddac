// One plan of a run and all that is made to send it: expanders, rings, emitters. A run whose plan
// changes while it goes on has one leg after another on the same lcores, queues and schedule.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "engine/emit/emitter.h"
#include "engine/port/port.h"
#include "engine/run/generation.h"
#include "engine/run/layout.h"
#include "engine/run/run.h"
#include "engine/run/wiring.h"

namespace spate::engine {

// What all legs of a run have in common; outlives them.
struct LegBase {
  const RunOptions& options;
  const Layout& layout;
  const std::vector<std::unique_ptr<TxQueue>>& queues;  // by lane
  RunShared& shared;
  TscRate tsc;

  // Lanes of port p: [p * per_port(), (p + 1) * per_port()).
  uint32_t per_port() const { return static_cast<uint32_t>(layout.emission); }
  uint32_t lanes() const { return per_port() * static_cast<uint32_t>(layout.ports); }
  bool Paced(const Port& port) const { return !options.unpaced && !port.virtual_time(); }
};

class Leg {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // The run's first plan outlives it.
  Leg(const Plan& plan, Wiring wiring, Mode mode, const LegBase& base)
      : Leg(nullptr, &plan, std::move(wiring), mode, base) {}
  // One that takes over.
  Leg(std::unique_ptr<Plan> plan, Wiring wiring, Mode mode, const LegBase& base)
      : Leg(std::move(plan), nullptr, std::move(wiring), mode, base) {}

  const Plan& plan() const { return plan_; }
  Mode mode() const { return mode_; }
  EmitShared& shared() { return shared_; }
  std::deque<Emitter>& emitters() { return emitters_; }
  std::deque<Generator>& generators() { return generators_; }

  // It takes over now, `begin_ps` into the run and after `sent` packets; no lcore works meanwhile.
  // A duration or number of packets that was asked for is the whole run's, a template's own begins
  // with it. Allocates nothing.
  void TakeOver(int64_t begin_ps, uint64_t sent);
  Time began() const { return began_; }
  uint64_t sent_before() const { return sent_before_; }

  // By the thread that waits: ends a trace without end of which nothing more comes.
  void EndSilence();
  // Of all lcores' programs, once they have ended.
  absl::Status status() const;

  // Its lanes end after the burst in hand.
  void Stop() { shared_.stop.store(true, std::memory_order_relaxed); }
  bool stopped() const { return shared_.stop.load(std::memory_order_relaxed); }
  // An emission lane has ended. After the last one nobody needs what generation still makes.
  void EmissionEnded() {
    if (emitting_.fetch_sub(1) == 1) Stop();
  }

 private:
  Leg(std::unique_ptr<Plan> own, const Plan* first, Wiring wiring, Mode mode, const LegBase& base);
  void MakeGenerators();
  void MakeEmitters();
  EmitOptions OptionsOf(uint32_t lane, bool spans) const;
  std::vector<Source*> SourcesOf(uint32_t lane);
  uint16_t BurstOf(const Port& port) const;
  std::vector<bool> SentBy(uint32_t port) const;

  const std::unique_ptr<Plan> own_;  // null: the run's first
  const Plan& plan_;
  const Wiring wiring_;
  const Mode mode_;
  const LegBase& base_;
  EmitShared shared_;
  std::atomic<uint32_t> emitting_;
  Time began_;
  uint64_t sent_before_ = 0;
  std::vector<std::unique_ptr<DescriptorRing>> rings_;  // generation lcore major
  std::deque<Expander> expanders_;                      // run to completion: one per emission lcore
  std::deque<Generator> generators_;
  std::vector<Expander*> shards_;  // those of either
  uint32_t silent_flow_ = core::kNone;
  std::vector<std::unique_ptr<Source>> sources_;
  std::deque<Emitter> emitters_;
};

}  // namespace spate::engine
