#include "engine/run/session.h"

#include <sched.h>
#include <x86intrin.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace spate::engine {
namespace {

using std::chrono::steady_clock;

// Between "all threads are ready" and due time 0, at the start …
constexpr int64_t kLeadPs = 2'000'000'000;
// … and where a plan takes over: lanes may have frames to write.
constexpr int64_t kSwapLeadPs = 100'000'000;

// What was sent last may still be on its way when the sending ends.
constexpr int64_t kQuietNs = 300'000'000;

// An lcore whose plan ended before that of others looks so often whether they have, too.
constexpr auto kNap = std::chrono::microseconds(50);

}  // namespace

Session::Session(const Plan& plan, const RunOptions& options, Layout layout, Wiring wiring)
    : options_(options),
      layout_(std::move(layout)),
      wiring_(std::move(wiring)),
      link_(plan.link),
      seed_(plan.seed),
      first_plan_(plan),
      shared_(static_cast<uint32_t>(layout_.emission * layout_.ports)),
      base_{
          .options = options_, .layout = layout_, .queues = queues_, .shared = shared_, .tsc = {}},
      emitted_(base_.lanes()),
      generated_(static_cast<size_t>(layout_.generation)) {}

Session::~Session() {
  End();
  go_ = true;
  Join();
}

absl::Status Session::Open() {
  const absl::Status opened = OpenPorts();
  if (!opened.ok()) {
    queues_.clear();
    rx_queues_.clear();
    for (Port* const port : wiring_.ports) port->Close(/*keep=*/false).IgnoreError();
    return opened;
  }
  if (AnyPaced()) base_.tsc = CalibrateTsc();
  leg_ = std::make_unique<Leg>(first_plan_, wiring_, layout_.mode, base_);
  current_ = leg_.get();
  return absl::OkStatus();
}

absl::Status Session::OpenPorts() {
  std::vector<RxQueue*> received;
  for (Port* const port : wiring_.receivers) {
    SPATE_ASSIGN_OR_RETURN(rx_queues_.emplace_back(), port->OpenReceiver());
    received.push_back(rx_queues_.back().get());
  }
  for (Port* const port : wiring_.receivers) {
    const bool sends = std::ranges::find(wiring_.ports, port) != wiring_.ports.end();
    if (!sends) SPATE_RETURN_IF_ERROR(port->Start(0));
  }
  for (uint32_t port = 0; port < wiring_.ports.size(); ++port) {
    SPATE_RETURN_IF_ERROR(OpenQueues(port));
  }
  if (!received.empty()) receiver_.emplace(std::move(received), layout_.shared_cpus);
  return absl::OkStatus();
}

absl::Status Session::OpenQueues(uint32_t index) {
  Port& port = *wiring_.ports[index];
  const uint32_t longest = LongestMessage(first_plan_, wiring_, index);
  const uint32_t now = longest == core::kNone ? 0 : first_plan_.messages[longest].length;
  const uint32_t most = port.max_frame() == 0 ? UINT16_MAX : port.max_frame();
  const uint32_t room =
      frame_room_.emplace_back(std::max(now, std::min(options_.frame_room, most)));
  SPATE_RETURN_IF_ERROR(port.Start(base_.per_port()));
  for (uint32_t queue = 0; queue < base_.per_port(); ++queue) {
    SPATE_ASSIGN_OR_RETURN(queues_.emplace_back(), port.OpenQueue(queue, room));
  }
  return absl::OkStatus();
}

// What an interrupt or another port's end cut short is still a whole capture; what the disk could
// not take is not. All are closed; the first fault counts.
absl::Status Session::ClosePorts() {
  absl::Status status;
  for (uint32_t port = 0; port < wiring_.ports.size(); ++port) {
    bool keep = true;
    for (size_t i = 0; i < lcores_.size(); ++i) {
      const bool other = lcores_[i].emits && i / base_.per_port() != port;
      if (!other && !lcores_[i].status.ok()) keep = false;
    }
    status.Update(wiring_.ports[port]->Close(keep));
  }
  for (Port* const port : wiring_.receivers) status.Update(port->Close(/*keep=*/true));
  return status;
}

template <class Work>
void Session::StartLcore(Lcore& lcore, Work work) {
  ++waiting_;
  ++running_;
  lcore.thread = std::thread([this, &lcore, work] {
    EnterLcore(layout_.shared_cpus ? -1 : lcore.cpu, lcore.role);
    work();
    const std::lock_guard lock(ended_mutex_);
    if (--running_ == 0) all_ended_.notify_one();
  });
}

void Session::AwaitStart() {
  --waiting_;
  while (!go_.load(std::memory_order_acquire)) std::this_thread::yield();
}

// Does what an lcore has to do in a leg.
template <class Work>
void Session::Measure(Lcore& lcore, Leg& leg, Work work) {
  const uint64_t began = __rdtsc();
  lcore.status.Update(work());
  lcore.cycles += __rdtsc() - began;
  // A lane that fails ends the run: the others would wait for its packets.
  if (lcore.status.ok()) return;
  over_ = true;
  leg.Stop();
}

// The thread of an emission lcore.
void Session::Emit(uint32_t lane) {
  Lcore& lcore = lcores_[lane];
  TxQueue& queue = *queues_[lane];
  Leg* leg = current_;
  leg->emitters()[lane].Prepare();
  AwaitStart();
  while (leg != nullptr) {
    Emitter& emitter = leg->emitters()[lane];
    Measure(lcore, *leg, [&] { return emitter.Run(); });
    leg->EmissionEnded();
    leg = NextLeg(*leg);
    if (leg == nullptr) break;
    queue.NextPlan(leg->shared().begin_ps);
    leg->emitters()[lane].Prepare();
  }
  lcore.status.Update(queue.Finish());
  lcore.ended = steady_clock::now();
}

// The thread of a generation lcore.
void Session::Generate(uint32_t shard) {
  Lcore& lcore = lcores_[base_.lanes() + shard];
  Leg* leg = current_;
  AwaitStart();
  while (leg != nullptr) {
    Generator& generator = leg->generators()[shard];
    Measure(lcore, *leg, [&] { return generator.Run(leg->shared().stop); });
    leg = NextLeg(*leg);
  }
}

// Waits until all lcores have ended the leg, which no one touches from then on. Null: that was the
// last one.
Leg* Session::NextLeg(Leg& leg) {
  const uint32_t turn = turn_.load(std::memory_order_acquire);
  // Who ended by itself may have long to wait, who was stopped has not.
  const bool soon = leg.stopped();
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == lcores_.size()) {
    arrived_.store(0, std::memory_order_relaxed);
    TakeTurns();
    turn_.store(turn + 1, std::memory_order_release);
  }
  while (turn_.load(std::memory_order_acquire) == turn) {
    if (!soon) {
      std::this_thread::sleep_for(kNap);
    } else if (layout_.shared_cpus) {
      sched_yield();
    } else {
      _mm_pause();
    }
  }
  return current_.load(std::memory_order_acquire);
}

// By the last lcore to end a leg, while all others wait.
void Session::TakeTurns() {
  Leg* const next = over_ ? nullptr : next_.exchange(nullptr, std::memory_order_acq_rel);
  if (next != nullptr) {
    uint64_t sent = 0;
    for (const LaneCounters& lane : shared_.counters) sent += lane.packets;
    next->TakeOver(TimeInRun(*current_.load(std::memory_order_relaxed)), sent);
    shared_.schedule.Start(kSwapLeadPs);
  }
  current_.store(next, std::memory_order_release);
}

// How far the run has come, in the time of its trace: where packets wait for their time by the
// schedule, elsewhere by the packets that were sent.
int64_t Session::TimeInRun(Leg& leg) const {
  int64_t time = leg.shared().begin_ps;
  for (const LaneCounters& lane : shared_.counters) {
    time = std::max(time, lane.last_due_ps.load(std::memory_order_relaxed));
  }
  if (!AnyPaced()) return time;
  const int64_t due = Schedule::DueTime(MonotonicClock::NowPs(), shared_.schedule.base());
  return std::max(time, leg.shared().begin_ps + due);
}

void Session::StartThreads() {
  const auto generation = static_cast<size_t>(layout_.generation);
  lcores_.resize(base_.lanes() + generation);  // before any of them counts them
  for (uint32_t lane = 0; lane < base_.lanes(); ++lane) {
    Lcore& lcore = lcores_[lane];
    lcore.emits = true;
    lcore.cpu = layout_.emission_cpus[lane];
    lcore.role = generation == 0 ? "fused" : "emission";
    StartLcore(lcore, [this, lane] { Emit(lane); });
  }
  for (uint32_t shard = 0; shard < generation; ++shard) {
    Lcore& lcore = lcores_[base_.lanes() + shard];
    lcore.cpu = layout_.generation_cpus[shard];
    lcore.role = "generation";
    StartLcore(lcore, [this, shard] { Generate(shard); });
  }
  if (receiver_.has_value()) StartReceiver();
  while (waiting_ > 0) std::this_thread::yield();
}

// Not one of those whose end is the run's: it goes on until nothing comes any more.
void Session::StartReceiver() {
  rx_lcore_.cpu = layout_.receive_cpu;
  rx_lcore_.role = "receive";
  ++waiting_;
  rx_lcore_.thread = std::thread([this] {
    EnterLcore(layout_.shared_cpus ? -1 : rx_lcore_.cpu, rx_lcore_.role);
    --waiting_;
    const uint64_t began = __rdtsc();
    rx_lcore_.status = receiver_->Run(rx_stop_, kQuietNs);
    rx_lcore_.cycles = __rdtsc() - began;
    if (!rx_lcore_.status.ok()) over_ = true;
  });
}

RunResult Session::Run(const std::atomic<bool>& interrupt, const ProgressFn& progress) {
  StartThreads();
  shared_.schedule.Start(kLeadPs);
  began_ = steady_clock::now() + std::chrono::nanoseconds(kLeadPs / 1'000);
  go_.store(true, std::memory_order_release);
  Supervise(interrupt, progress);
  Join();
  for (const Lcore& lcore : lcores_) {
    if (lcore.emits) ended_ = std::max(ended_, lcore.ended);
  }
  Settle(*leg_);
  queues_.clear();
  RunResult result = Result();
  rx_queues_.clear();
  // What a port says when it closes (a file that cannot be finished) counts unless it was told why
  // before.
  const absl::Status closed = ClosePorts();
  result.verdict = Verdict(closed);
  return result;
}

void Session::Join() {
  for (Lcore& lcore : lcores_) {
    if (lcore.thread.joinable()) lcore.thread.join();
  }
  rx_stop_ = true;
  if (rx_lcore_.thread.joinable()) rx_lcore_.thread.join();
}

// Why the run ended before its plan did, if it did.
absl::Status Session::Verdict(const absl::Status& closed) const {
  for (const Lcore& lcore : lcores_) {
    if (!lcore.status.ok()) return lcore.status;
  }
  if (!rx_lcore_.status.ok()) return rx_lcore_.status;
  if (!closed.ok()) return closed;
  return interrupted_ ? absl::CancelledError("interrupted") : leg_->status();
}

}  // namespace spate::engine
