// One run: its rings, lcores and account, from opening the queues to closing the port.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "engine/emit/emitter.h"
#include "engine/port/port.h"
#include "engine/receive/receiver.h"
#include "engine/run/generation.h"
#include "engine/run/layout.h"
#include "engine/run/run.h"

namespace spate::engine {

class Session {
 public:
  // The ports of `wiring` outlive it.
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
    uint64_t cycles = 0;  // of its whole time
    Time ended;
    absl::Status status;
    std::thread thread;
  };

  absl::Status OpenPorts();
  absl::Status OpenQueues(uint32_t port);
  void StartReceiver();
  void MakeGenerators();
  void MakeEmitters();
  std::vector<Source*> SourcesOf(uint32_t lane);
  void StartThreads();
  template <class Work>
  void StartLcore(Lcore& lcore, Work work);
  void Supervise(const std::atomic<bool>& interrupt, const ProgressFn& progress);
  void Obey(const Command& command);
  void Join();
  bool Paced(uint32_t port) const;
  bool AnyPaced() const;
  uint16_t BurstOf(uint32_t port) const;
  std::vector<bool> SentBy(uint32_t port) const;
  // Lanes of port p: [p * emission, (p + 1) * emission).
  uint32_t per_port() const { return static_cast<uint32_t>(layout_.emission); }
  uint32_t lanes() const { return per_port() * static_cast<uint32_t>(layout_.ports); }
  // Ports that only receive come last.
  std::vector<PortResult> Totals() const;
  void AddReceived(std::vector<PortResult>& ports) const;
  Progress Report(double seconds, std::vector<PortResult>& last) const;
  absl::Status ClosePorts();
  RunResult Result() const;
  double SecondsOf(size_t port, double elapsed_s) const;
  absl::Status Verdict(const absl::Status& closed) const;
  std::vector<LcoreResult> LcoreResults() const;

  const Plan& plan_;
  const RunOptions options_;
  const Layout layout_;
  const Wiring wiring_;
  EmitShared shared_;
  TscRate tsc_;
  std::vector<std::unique_ptr<TxQueue>> queues_;
  std::vector<std::unique_ptr<DescriptorRing>> rings_;  // generation lcore major
  std::deque<Expander> expanders_;                      // run to completion: one per emission lcore
  std::deque<Generator> generators_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::deque<Emitter> emitters_;
  std::deque<Lcore> lcores_;                         // emission first
  std::vector<std::unique_ptr<RxQueue>> rx_queues_;  // as Wiring::receivers
  std::optional<Receiver> receiver_;
  Lcore rx_lcore_;
  std::atomic<bool> rx_stop_{false};
  std::atomic<int> waiting_{0};  // threads that are not ready yet
  std::atomic<int> running_{0};
  std::atomic<int> emitting_{0};
  std::atomic<bool> go_{false};
  bool interrupted_ = false;
  double speed_ = 1;  // of the schedule, when it is not held
  Time began_, ended_;
};

}  // namespace spate::engine
