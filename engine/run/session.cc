#include "engine/run/session.h"

#include <x86intrin.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace spate::engine {
namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

// Slots per ring: enough to ride out a scheduling hiccup of a generation lcore, small enough to
// stay in the second-level cache together with the frames (docs/performance.md).
constexpr uint32_t kRingSlots = 4'095;

// Between "all threads are ready" and due time 0.
constexpr int64_t kLeadPs = 2'000'000'000;

// What was sent last may still be on its way when the sending ends.
constexpr int64_t kQuietNs = 300'000'000;

constexpr double kLeastSpeed = 1e-3, kMostSpeed = 1e3;

constexpr auto kPollInterval = std::chrono::milliseconds(20);
constexpr auto kProgressInterval = std::chrono::seconds(1);

// Most packets that may wait between the expanders and the wire: a run of a burst takes two slots.
uint64_t InFlight(const Layout& layout) {
  constexpr uint64_t kInboxes = 2 * 512;
  const auto lanes = static_cast<uint64_t>(layout.emission) * static_cast<uint64_t>(layout.ports);
  const auto sources = static_cast<uint64_t>(layout.generation);
  const uint64_t slots = sources == 0 ? kInboxes : sources * (kRingSlots + 1 + kInboxes);
  return lanes * slots * kBurst / 2;
}

}  // namespace

Session::Session(const Plan& plan, const RunOptions& options, Layout layout, Wiring wiring)
    : plan_(plan),
      options_(options),
      layout_(std::move(layout)),
      wiring_(std::move(wiring)),
      shared_(lanes(), plan.flows.size()) {}

Session::~Session() {
  shared_.stop = true;
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
  MakeGenerators();
  if (AnyPaced()) tsc_ = CalibrateTsc();
  MakeEmitters();
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

absl::Status Session::OpenQueues(uint32_t port) {
  const uint32_t longest = LongestMessage(plan_, wiring_, port);
  const uint32_t max_frame = longest == core::kNone ? 0 : plan_.messages[longest].length;
  SPATE_RETURN_IF_ERROR(wiring_.ports[port]->Start(per_port()));
  for (uint32_t queue = 0; queue < per_port(); ++queue) {
    SPATE_ASSIGN_OR_RETURN(queues_.emplace_back(),
                           wiring_.ports[port]->OpenQueue(queue, max_frame));
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
      const bool other = lcores_[i].emits && i / per_port() != port;
      if (!other && !lcores_[i].status.ok()) keep = false;
    }
    status.Update(wiring_.ports[port]->Close(keep));
  }
  for (Port* const port : wiring_.receivers) status.Update(port->Close(/*keep=*/true));
  return status;
}

void Session::MakeGenerators() {
  const uint32_t shards = static_cast<uint32_t>(layout_.generation);
  std::vector<uint32_t> first_lane;
  for (const uint32_t port : wiring_.port_of) {
    first_lane.push_back(port == core::kNone ? port : port * per_port());
  }
  for (uint32_t shard = 0; shard < shards; ++shard) {
    std::vector<DescriptorRing*> rings;
    for (uint32_t lane = 0; lane < lanes(); ++lane) {
      rings_.push_back(std::make_unique<DescriptorRing>(kRingSlots));
      rings.push_back(rings_.back().get());
    }
    generators_.emplace_back(plan_,
                             Shard{.index = shard,
                                   .count = shards,
                                   .lanes = per_port(),
                                   .runs = true,
                                   .first_lane = first_lane},
                             rings, layout_.shared_cpus);
  }
}

bool Session::Paced(uint32_t port) const {
  return !options_.unpaced && !wiring_.ports[port]->virtual_time();
}

bool Session::AnyPaced() const {
  for (uint32_t port = 0; port < wiring_.ports.size(); ++port) {
    if (Paced(port)) return true;
  }
  return false;
}

// Packets that a lane of the port composes at a time; the ports share the plan's rate.
uint16_t Session::BurstOf(uint32_t port) const {
  return Paced(port) ? PacedBurst(plan_.mean_pps / lanes()) : kBurst;
}

// By message: whether it leaves by the port.
std::vector<bool> Session::SentBy(uint32_t port) const {
  std::vector<bool> sent;
  for (const MessagePlan& message : plan_.messages) {
    sent.push_back(wiring_.port_of[message.port] == port);
  }
  return sent;
}

// The rings of all generation lcores, or an expander of its own, which makes what leaves by the
// lane's port: ports share nothing, at the price of running the programs once for each of them.
std::vector<Source*> Session::SourcesOf(uint32_t lane) {
  std::vector<Source*> sources;
  const auto add = [&](std::unique_ptr<Source> source) {
    sources.push_back(source.get());
    sources_.push_back(std::move(source));
  };
  if (generators_.empty()) {
    const uint32_t port = lane / per_port();
    std::vector<uint32_t> first_lane;
    for (const uint32_t p : wiring_.port_of) first_lane.push_back(p == port ? 0 : core::kNone);
    Expander& own = expanders_.emplace_back(plan_, Shard{.index = lane % per_port(),
                                                         .count = per_port(),
                                                         .lanes = 1,
                                                         .runs = true,
                                                         .first_lane = std::move(first_lane)});
    add(std::make_unique<ExpanderSource>(
        own, Paced(port) ? Lane::kLeast + 4 * size_t{BurstOf(port)} : SIZE_MAX));
  }
  for (size_t g = 0; g < generators_.size(); ++g) {
    add(std::make_unique<RingSource>(*rings_[g * lanes() + lane], generators_[g].bound()));
  }
  return sources;
}

void Session::MakeEmitters() {
  const bool spans = SpansPorts(plan_, wiring_);
  for (uint32_t lane = 0; lane < lanes(); ++lane) {
    const uint32_t port = lane / per_port();
    const bool virtual_time = wiring_.ports[port]->virtual_time();
    const EmitOptions options{
        .port = std::string(wiring_.ports[port]->name()),
        .sent = SentBy(port),
        .lane = lane,
        .ordered = virtual_time || spans,
        .first_peer = spans ? 0 : port * per_port(),
        .end_peer = spans ? lanes() : (port + 1) * per_port(),
        .pace = Paced(port) ? Pace::kDue : Pace::kUnpaced,
        .late = options_.late,
        .catch_up_ps = options_.catch_up.count,
        .packets = plan_.packets,
        .in_flight = InFlight(layout_),
        .yield_when_idle = layout_.shared_cpus,
        .paced_burst = BurstOf(port),
        .tsc = tsc_,
        .prefilled = layout_.mode == Mode::kPrefilled,
    };
    emitters_.emplace_back(plan_, options, SourcesOf(lane), *queues_[lane], shared_);
  }
}

template <class Work>
void Session::StartLcore(Lcore& lcore, Work work) {
  ++waiting_;
  ++running_;
  if (lcore.emits) ++emitting_;
  lcore.thread = std::thread([this, &lcore, work] {
    EnterLcore(layout_.shared_cpus ? -1 : lcore.cpu, lcore.role);
    --waiting_;
    while (!go_.load(std::memory_order_acquire)) std::this_thread::yield();
    const uint64_t began = __rdtsc();
    lcore.status = work();
    lcore.cycles = __rdtsc() - began;
    lcore.ended = steady_clock::now();
    // A lane that fails ends the run: the others would wait for its packets.
    if (!lcore.status.ok()) shared_.stop = true;
    if (lcore.emits) --emitting_;
    --running_;
  });
}

void Session::StartThreads() {
  for (size_t i = 0; i < emitters_.size(); ++i) {
    Lcore& lcore = lcores_.emplace_back();
    lcore.emits = true;
    lcore.cpu = layout_.emission_cpus[i];
    lcore.role = generators_.empty() ? "fused" : "emission";
    StartLcore(lcore, [this, i] { return emitters_[i].Run(); });
  }
  for (size_t i = 0; i < generators_.size(); ++i) {
    Lcore& lcore = lcores_.emplace_back();
    lcore.cpu = layout_.generation_cpus[i];
    lcore.role = "generation";
    StartLcore(lcore, [this, i] { return generators_[i].Run(shared_.stop); });
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
    if (!rx_lcore_.status.ok()) shared_.stop = true;
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
  queues_.clear();
  RunResult result = Result();
  rx_queues_.clear();
  // What a port says when it closes (a file that cannot be finished) counts unless it was told why
  // before.
  const absl::Status closed = ClosePorts();
  result.verdict = Verdict(closed);
  return result;
}

void Session::Supervise(const std::atomic<bool>& interrupt, const ProgressFn& progress) {
  std::vector<PortResult> last = Totals();
  const Time end = options_.clock_limit.has_value()
                       ? began_ + std::chrono::nanoseconds(options_.clock_limit->nanos())
                       : Time::max();
  Time next_progress = began_ + kProgressInterval, last_progress = began_;
  while (running_ > 0) {
    std::this_thread::sleep_for(kPollInterval);
    if (interrupt.load(std::memory_order_relaxed) && !interrupted_) {
      interrupted_ = true;
      shared_.interrupted = true;
      shared_.stop = true;
    }
    // A packet limit ends emission while generation still waits for room.
    if (emitting_ == 0) shared_.stop = true;
    while (options_.commands) {
      const std::optional<Command> command = options_.commands();
      if (!command.has_value()) break;
      Obey(*command);
      next_progress = Time::min();  // show it
    }
    const Time now = steady_clock::now();
    if (now >= end) shared_.stop = true;
    if (progress == nullptr || now < next_progress) continue;
    progress(Report(duration<double>(now - last_progress).count(), last));
    last_progress = now;
    next_progress = now + kProgressInterval;
  }
}

void Session::Obey(const Command& command) {
  switch (command.kind) {
    case Command::Kind::kScaleRate:
      speed_ = std::clamp(speed_ * command.factor, kLeastSpeed, kMostSpeed);
      break;
    case Command::Kind::kHold:
      shared_.live.Hold(!shared_.live.held());
      break;
    case Command::Kind::kMute:
      shared_.live.Mute(command.flow, !shared_.live.muted(command.flow));
      return;
    case Command::Kind::kEnd:
      shared_.stop = true;
      return;
  }
  shared_.schedule.SetSpeed(shared_.live.held() ? 0 : speed_);
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
  return interrupted_ ? absl::CancelledError("interrupted") : absl::OkStatus();
}

}  // namespace spate::engine
