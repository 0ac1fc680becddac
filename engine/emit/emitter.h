// Emission: gather records in order, compose, pace, send, count. One object per emission lcore and
// plan.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/emit/batch.h"
#include "engine/emit/composer.h"
#include "engine/emit/lane_clock.h"
#include "engine/emit/lateness.h"
#include "engine/emit/live.h"
#include "engine/emit/prefilled.h"
#include "engine/emit/schedule.h"
#include "engine/emit/sequencer.h"
#include "engine/emit/source.h"
#include "engine/emit/work_times.h"
#include "engine/plan/plan.h"
#include "engine/port/port.h"
#include "measure/records.h"

namespace spate::engine {

// What other threads may read of a lane while it runs: written by the lane only.
struct alignas(64) LaneCounters {
  std::atomic<uint64_t> packets{0};
  std::atomic<uint64_t> bytes{0};     // without FCS
  std::atomic<uint64_t> impaired{0};  // planned absences
  std::atomic<uint64_t> dropped_late{0};
  std::atomic<uint64_t> dropped_port{0};
  std::atomic<uint64_t> dropped_interrupted{0};
  std::atomic<uint64_t> dropped_stopped{0};
  std::atomic<int64_t> last_due_ps{0};
};

enum class Pace : uint8_t {
  kDue,      // wait for due times
  kUnpaced,  // as fast as the port takes them
};

struct EmitOptions {
  std::string port;             // for messages
  std::vector<bool> sent = {};  // by message of the plan: whether it leaves here; empty: all do
  uint32_t lane = 0;
  bool ordered = false;                   // keep the total order …
  uint32_t first_peer = 0, end_peer = 1;  // … over these lanes
  Pace pace = Pace::kDue;
  LatePolicy late = LatePolicy::kShift;
  int64_t catch_up_ps = 1'000'000'000;
  uint64_t in_flight = 0;         // most records that may wait in rings and inboxes
  bool yield_when_idle = false;   // more threads than CPUs
  uint16_t paced_burst = kBurst;  // most packets composed ahead of their time (PacedBurst)
  TscRate tsc;                    // what the lane's clock is read by
  bool prefilled = false;         // frames are written before the plan starts (mode.h)
};

// When packets of paced lanes departed, by the clock.
struct Departures {
  int64_t first_ps = INT64_MAX, last_ps = INT64_MIN;
  uint64_t packets = 0;
  uint64_t with_first = 0;  // packets that left together with the first

  void Add(int64_t at_ps, uint64_t count) {
    if (count == 0) return;
    if (packets == 0) {
      first_ps = at_ps;
      with_first = count;
    }
    last_ps = at_ps;
    packets += count;
  }
  void Merge(const Departures& o) {
    if (o.first_ps < first_ps) with_first = o.with_first;
    first_ps = std::min(first_ps, o.first_ps);
    last_ps = std::max(last_ps, o.last_ps);
    packets += o.packets;
  }
  // As many mean gaps as there are packets; nullopt when all left together.
  std::optional<double> GapsSeconds() const {
    if (packets <= with_first) return std::nullopt;
    const double gaps = static_cast<double>(packets - with_first);
    return Picos{last_ps - first_ps}.seconds() * static_cast<double>(packets) / gaps;
  }
};

// What all lanes share over the whole run …
struct RunShared {
  explicit RunShared(uint32_t lanes) : counters(lanes) {}
  Schedule schedule;
  std::deque<LaneCounters> counters;
  std::atomic<bool> interrupted{false};  // set before `stop`: what is left was meant to be sent
};

// … and for one plan of it.
struct EmitShared {
  EmitShared(RunShared& whole, uint32_t lanes, uint32_t per_port, size_t flows)
      : run(whole), live(flows), sequencer(lanes, per_port) {}
  RunShared& run;
  Live live;
  Sequencer sequencer;
  // End now: time is up, another plan takes over, a user's interrupt, a failure elsewhere.
  std::atomic<bool> stop{false};
  // Set before lanes start.
  int64_t begin_ps = 0;           // of the plan's due times, in the run
  uint64_t packets = UINT64_MAX;  // limit over all lanes and plans
};

// Packets to compose at a time when so many are due a second on the lane: what half a microsecond
// brings. More would make those that come after a batch wait for it; a lane that is late takes
// whole bursts.
uint16_t PacedBurst(double pps);

class Emitter {
 public:
  Emitter(const Plan& plan, const EmitOptions& options, const std::vector<Source*>& sources,
          TxQueue& queue, EmitShared& shared);

  // Writes what is sent as it stands, where the plan is prefilled. Before Run, on the same thread.
  void Prepare();

  // Until the sources end, the limit is reached, the port fails or `shared.stop` is set; the queue
  // may still hold what it took.
  // Not OK: why the lane ended before its time.
  absl::Status Run();

  const Lateness& lateness() const { return lateness_; }
  const Departures& departures() const { return departures_; }
  uint64_t busy_cycles() const { return busy_cycles_; }

 private:
  enum class Round : uint8_t { kWorked, kIdle, kDone };

  Round RunOnce();
  uint16_t Gather();
  void Merge(uint16_t most);
  bool MergeHead(uint16_t most);
  OrderKey FirstUnsent() const;
  void SetKeys();
  bool MakeFrames(uint16_t count);
  bool AcquireFrames(uint16_t count);
  void ReleaseFrames(uint16_t from, uint16_t end);
  void SendInOrder(uint16_t count);
  uint16_t MayGo(uint16_t from, uint16_t count);
  uint16_t SendDue(uint16_t from, uint16_t end);
  void SetLeaves(uint16_t from, uint16_t end, const Schedule::Base& base);
  int64_t WaitUntil(int64_t due_ps, Schedule::Base& base);
  void NoteLateness(uint16_t from, uint16_t end, int64_t now_ps, const Tempo& tempo);
  uint16_t OneFate(uint16_t from, uint16_t end);
  uint16_t SendNow(uint16_t from, uint16_t end);
  bool HandleLate(const Schedule::Base& base, int64_t late_ps, uint16_t frame);
  void Account(uint16_t from, uint16_t end);
  void DropRest(uint16_t from, uint16_t end);
  void CountUnsent(uint64_t count);
  uint64_t SentByAll() const;
  void Idle();
  bool stopped() const { return shared_.stop.load(std::memory_order_relaxed); }

  const Plan& plan_;
  const EmitOptions options_;
  TxQueue& queue_;
  const int64_t ahead_ps_;  // TxQueue::ahead_ps of a paced lane
  EmitShared& shared_;
  RunShared& run_;
  LaneCounters& counters_;
  Composer composer_;
  std::optional<Prefilled> prefilled_;
  std::deque<Inbox> inboxes_;
  Batch batch_;
  Burst burst_;
  OrderKey keys_[kBurst];
  int64_t full_since_ps_ = 0;  // the port has taken nothing since
  bool muted_ = false;         // the frames in hand are of flows that are
  uint32_t idle_rounds_ = 0;
  uint64_t busy_cycles_ = 0;
  uint64_t waited_cycles_ = 0;  // for due times
  LaneClock clock_;
  static constexpr int64_t kNever = INT64_MIN;
  int64_t worked_since_ps_ = kNever;  // without a pause, from a departure on: time of the clock
  WorkTimes work_times_;
  Lateness lateness_;
  Departures departures_;
  absl::Status status_;
};

}  // namespace spate::engine
