// One run: its rings, lcores and account, from opening the queues to closing the port.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "engine/emit/emitter.h"
#include "engine/port/port.h"
#include "engine/run/generation.h"
#include "engine/run/layout.h"
#include "engine/run/run.h"

namespace spate::engine {

class Session {
 public:
  Session(const Plan& plan, const RunOptions& options, Layout layout, Port& port);
  ~Session();

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

  void MakeGenerators();
  void MakeEmitters();
  void StartThreads();
  template <class Work>
  void StartLcore(Lcore& lcore, Work work);
  void Supervise(const std::atomic<bool>& interrupt, const ProgressFn& progress);
  void Join();
  PortResult Totals() const;
  Progress Report(double seconds, PortResult& last) const;
  RunResult Result(const absl::Status& closed) const;
  absl::Status Verdict(const absl::Status& closed) const;
  std::vector<LcoreResult> LcoreResults() const;

  const Plan& plan_;
  const RunOptions options_;
  const Layout layout_;
  Port& port_;
  EmitShared shared_;
  TscRate tsc_;
  std::vector<std::unique_ptr<TxQueue>> queues_;
  std::vector<std::unique_ptr<DescriptorRing>> rings_;  // generation lcore major
  std::deque<Expander> expanders_;                      // run to completion: one per emission lcore
  std::deque<Generator> generators_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::deque<Emitter> emitters_;
  std::deque<Lcore> lcores_;     // emission first
  std::atomic<int> waiting_{0};  // threads that are not ready yet
  std::atomic<int> running_{0};
  std::atomic<int> emitting_{0};
  std::atomic<bool> go_{false};
  bool interrupted_ = false;
  Time began_, ended_;
};

}  // namespace spate::engine
