// One run: its lcores, what they send leg by leg, and the account, from opening the queues to
// closing the port.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/emit/emitter.h"
#include "engine/port/port.h"
#include "engine/receive/receiver.h"
#include "engine/run/layout.h"
#include "engine/run/leg.h"
#include "engine/run/run.h"

namespace spate::engine {

class Session {
 public:
  // The plan and the ports of `wiring` outlive it.
  Session(const Plan& plan, const RunOptions& options, Layout layout, Wiring wiring);
  ~Session();

  // Not OK: nothing was sent, and no port keeps anything.
  absl::Status Open();
  RunResult Run(const std::atomic<bool>& interrupt, const ProgressFn& progress);

 private:
  using Time = std::chrono::steady_clock::time_point;

  // A thread of the run and what it reports when it has ended.
  struct Lcore {
    int cpu = -1;
    const char* role = "";
    bool emits = false;
    uint64_t cycles = 0;  // of the time in which there was something to do
    Time ended;
    absl::Status status;
    std::thread thread;
  };
  // What lanes and generation lcores did in the legs that are over.
  struct EmissionTotal {
    measure::Histogram lateness_ns;
    measure::Interruptions interruptions;
    Departures departures;
    uint64_t busy_cycles = 0;
  };
  struct GenerationTotal {
    uint64_t packets = 0, busy_cycles = 0;
  };

  absl::Status OpenPorts();
  absl::Status OpenQueues(uint32_t port);
  absl::Status ClosePorts();

  // session.cc: the lcores
  void StartThreads();
  void StartReceiver();
  template <class Work>
  void StartLcore(Lcore& lcore, Work work);
  void AwaitStart();
  void Emit(uint32_t lane);
  void Generate(uint32_t shard);
  template <class Work>
  void Measure(Lcore& lcore, Leg& leg, Work work);
  Leg* NextLeg(Leg& leg);
  void TakeTurns();
  int64_t TimeInRun(Leg& leg) const;
  void Join();
  absl::Status Verdict(const absl::Status& closed) const;

  // session_control.cc: what the calling thread does meanwhile
  void Supervise(const std::atomic<bool>& interrupt, const ProgressFn& progress);
  void End();
  bool ObeyAll();
  void Obey(const Command& command);
  void Tell(Leg& leg);
  bool Replace();
  absl::Status Prepare(Replacement next);
  absl::StatusOr<measure::Swap> Swap(std::unique_ptr<Leg> next);

  // session_account.cc
  void Settle(Leg& leg);
  bool AnyPaced() const;
  // Ports that only receive come last.
  std::vector<PortResult> Totals() const;
  void AddReceived(std::vector<PortResult>& ports) const;
  Progress Report(double seconds, std::vector<PortResult>& last) const;
  RunResult Result() const;
  double SecondsOf(size_t port, double elapsed_s) const;
  std::vector<LcoreResult> LcoreResults() const;

  const RunOptions options_;
  const Layout layout_;
  const Wiring wiring_;
  const packet::LinkType link_;
  const uint64_t seed_;
  const Plan& first_plan_;
  RunShared shared_;
  std::vector<std::unique_ptr<TxQueue>> queues_;
  LegBase base_;
  std::vector<uint32_t> frame_room_;  // by port

  // The leg that is sent, and the one that takes over from it. Lcores meet between two legs, and
  // the last one to come moves `current_` on; null: the run is over.
  std::unique_ptr<Leg> leg_;
  std::atomic<Leg*> current_{nullptr};
  std::atomic<Leg*> next_{nullptr};
  std::atomic<uint32_t> arrived_{0};
  std::atomic<uint32_t> turn_{0};
  std::atomic<bool> over_{false};  // no leg follows the one that is sent
  std::future<std::unique_ptr<Leg>> coming_;
  std::vector<measure::Swap> swaps_;
  std::vector<EmissionTotal> emitted_;      // by lane
  std::vector<GenerationTotal> generated_;  // by generation lcore

  std::deque<Lcore> lcores_;                         // emission first
  std::vector<std::unique_ptr<RxQueue>> rx_queues_;  // as Wiring::receivers
  std::optional<Receiver> receiver_;
  Lcore rx_lcore_;
  std::atomic<bool> rx_stop_{false};
  std::atomic<int> waiting_{0};  // threads that are not ready yet
  std::atomic<int> running_{0};
  std::mutex ended_mutex_;
  std::condition_variable all_ended_;  // running_ is 0
  std::atomic<bool> go_{false};
  bool interrupted_ = false;
  double speed_ = 1;  // of the schedule, when it is not held
  bool held_ = false;
  std::set<std::string> muted_;  // flows
  Time began_, ended_;
};

}  // namespace spate::engine
