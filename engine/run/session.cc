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

constexpr auto kPollInterval = std::chrono::milliseconds(20);
constexpr auto kProgressInterval = std::chrono::seconds(1);

// Most packets that may wait between an expander and the wire, for one lane: a run of a burst takes
// two slots.
uint64_t InFlight(const Layout& layout) {
  const uint64_t sources = static_cast<uint64_t>(std::max(layout.generation, 1));
  const uint64_t slots =
      sources * static_cast<uint64_t>(layout.emission) * (kRingSlots + 1 + 2 * 512);
  return slots * kBurst / 2;
}

void SetRates(packet::LinkType link, double seconds, uint64_t packets, uint64_t bytes_with_fcs,
              PortResult& port) {
  if (seconds <= 0) return;
  const double p = static_cast<double>(packets), b = static_cast<double>(bytes_with_fcs);
  port.tx_pps = p / seconds;
  port.tx_bps_l2 = b * 8 / seconds;
  port.tx_bps_l1 = (b + p * packet::FramingOf(link).l1_bytes) * 8 / seconds;
}

}  // namespace

Session::Session(const Plan& plan, const RunOptions& options, Layout layout, Port& port)
    : plan_(plan),
      options_(options),
      layout_(std::move(layout)),
      port_(port),
      shared_(static_cast<uint32_t>(layout_.emission)) {}

Session::~Session() {
  shared_.stop = true;
  go_ = true;
  Join();
}

absl::Status Session::Open() {
  const uint32_t lanes = static_cast<uint32_t>(layout_.emission);
  SPATE_RETURN_IF_ERROR(port_.Start(lanes));
  for (uint32_t lane = 0; lane < lanes; ++lane) {
    absl::StatusOr<std::unique_ptr<TxQueue>> queue = port_.OpenQueue(lane, plan_.max_frame);
    if (!queue.ok()) {
      queues_.clear();
      port_.Close(/*keep=*/false).IgnoreError();
      return queue.status();
    }
    queues_.push_back(*std::move(queue));
  }
  MakeGenerators();
  if (!options_.unpaced && !port_.virtual_time()) tsc_ = CalibrateTsc();
  MakeEmitters();
  return absl::OkStatus();
}

void Session::MakeGenerators() {
  const uint32_t lanes = static_cast<uint32_t>(layout_.emission);
  const uint32_t shards = static_cast<uint32_t>(layout_.generation);
  for (uint32_t shard = 0; shard < shards; ++shard) {
    std::vector<DescriptorRing*> rings;
    for (uint32_t lane = 0; lane < lanes; ++lane) {
      rings_.push_back(std::make_unique<DescriptorRing>(kRingSlots));
      rings.push_back(rings_.back().get());
    }
    generators_.emplace_back(plan_,
                             Shard{.index = shard, .count = shards, .lanes = lanes, .runs = true},
                             rings, layout_.shared_cpus);
  }
}

void Session::MakeEmitters() {
  const uint32_t lanes = static_cast<uint32_t>(layout_.emission);
  for (uint32_t lane = 0; lane < lanes; ++lane) {
    std::vector<Source*> sources;
    const auto add = [&](std::unique_ptr<Source> source) {
      sources.push_back(source.get());
      sources_.push_back(std::move(source));
    };
    const bool virtual_time = port_.virtual_time();
    const bool paced = !options_.unpaced && !virtual_time;
    const uint16_t burst = paced ? PacedBurst(plan_.mean_pps / lanes) : kBurst;
    if (generators_.empty()) {
      Expander& own = expanders_.emplace_back(
          plan_, Shard{.index = lane, .count = lanes, .lanes = 1, .runs = true});
      add(std::make_unique<ExpanderSource>(own,
                                           paced ? Lane::kLeast + 4 * size_t{burst} : SIZE_MAX));
    }
    for (size_t g = 0; g < generators_.size(); ++g) {
      add(std::make_unique<RingSource>(*rings_[g * lanes + lane], generators_[g].bound()));
    }
    const EmitOptions options{
        .lane = lane,
        .pace = paced ? Pace::kDue : Pace::kUnpaced,
        .late = options_.late,
        .catch_up_ps = options_.catch_up.count,
        .packets = plan_.packets,
        .in_flight = InFlight(layout_),
        .ordered = virtual_time,
        .yield_when_idle = layout_.shared_cpus,
        .paced_burst = burst,
        .tsc = tsc_,
        .prefilled = layout_.mode == Mode::kPrefilled,
    };
    emitters_.emplace_back(plan_, options, std::move(sources), *queues_[lane], shared_);
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
  while (waiting_ > 0) std::this_thread::yield();
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
  const absl::Status lanes = Verdict(absl::OkStatus());
  // What an interrupt cut short is still a whole capture; what the disk could not take is not.
  queues_.clear();
  const bool keep = lanes.ok() || absl::IsCancelled(lanes);
  return Result(port_.Close(keep));
}

void Session::Supervise(const std::atomic<bool>& interrupt, const ProgressFn& progress) {
  PortResult last = Totals();
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
    const Time now = steady_clock::now();
    if (now >= end) shared_.stop = true;
    if (progress == nullptr || now < next_progress) continue;
    progress(Report(duration<double>(now - last_progress).count(), last));
    last_progress = now;
    next_progress += kProgressInterval;
  }
}

void Session::Join() {
  for (Lcore& lcore : lcores_) {
    if (lcore.thread.joinable()) lcore.thread.join();
  }
}

PortResult Session::Totals() const {
  PortResult port{.name = std::string(port_.name()), .kind = std::string(port_.kind())};
  for (const LaneCounters& lane : shared_.counters) {
    const uint64_t packets = lane.packets.load(std::memory_order_acquire);
    port.tx_packets += packets;
    port.tx_bytes += lane.bytes.load(std::memory_order_relaxed) +
                     packets * packet::FramingOf(plan_.link).fcs_bytes;
  }
  return port;
}

// Figures for people while it runs; rates since `last`, which becomes the present.
Progress Session::Report(double seconds, PortResult& last) const {
  PortResult now = Totals();
  SetRates(plan_.link, seconds, now.tx_packets - last.tx_packets, now.tx_bytes - last.tx_bytes,
           now);
  last = now;
  Progress progress;
  progress.elapsed_s = duration<double>(steady_clock::now() - began_).count();
  progress.sent = now.tx_packets;
  progress.bytes = now.tx_bytes;
  progress.stalls = shared_.schedule.stalls();
  for (const LaneCounters& lane : shared_.counters) {
    progress.dropped += lane.dropped_late.load(std::memory_order_relaxed);
    progress.trace_s = std::max(progress.trace_s,
                                Picos{lane.last_due_ps.load(std::memory_order_relaxed)}.seconds());
  }
  progress.ports.push_back(std::move(now));
  return progress;
}

// Why the run ended before its plan did, if it did.
absl::Status Session::Verdict(const absl::Status& closed) const {
  for (const Lcore& lcore : lcores_) {
    if (!lcore.status.ok()) return lcore.status;
  }
  if (!closed.ok()) return closed;
  return interrupted_ ? absl::CancelledError("interrupted") : absl::OkStatus();
}

RunResult Session::Result(const absl::Status& closed) const {
  RunResult result;
  result.mode = ModeName(layout_.mode);
  const bool paced = !options_.unpaced && !port_.virtual_time();
  result.clock = {.paced = paced, .tsc_hz = tsc_.hz, .reason = tsc_.reason};
  result.seed = plan_.seed;
  result.elapsed_s = std::max(0.0, duration<double>(ended_ - began_).count());
  result.verdict = Verdict(closed);
  result.stalls = shared_.schedule.stalls();
  result.stalled_s = Picos{shared_.schedule.stalled_ps()}.seconds();
  PortResult port = Totals();
  result.sent = port.tx_packets;
  const auto add = [&](const char* reason, uint64_t count) {
    if (count > 0) result.dropped[reason] += count;
    result.planned += count;
  };
  for (const LaneCounters& lane : shared_.counters) {
    add("impairment", lane.impaired);
    add("late", lane.dropped_late);
    add("port", lane.dropped_port);
    add("interrupted", lane.dropped_interrupted);
    result.trace_s = std::max(result.trace_s, Picos{lane.last_due_ps}.seconds());
  }
  SetRates(plan_.link, port_.virtual_time() ? result.trace_s : result.elapsed_s, port.tx_packets,
           port.tx_bytes, port);
  result.planned += result.sent;
  for (const Emitter& emitter : emitters_) {
    port.departure_ns.Merge(emitter.lateness_ns());
    port.interruptions.Merge(emitter.interruptions());
  }
  result.lateness_ns.Merge(port.departure_ns);
  result.lateness_ns.Merge(port.interruptions.lateness_ns);
  result.ports.push_back(std::move(port));
  result.lcores = LcoreResults();
  return result;
}

std::vector<LcoreResult> Session::LcoreResults() const {
  std::vector<LcoreResult> results;
  const auto add = [&](const Lcore& lcore, uint64_t packets, uint64_t busy) {
    const double cycles = static_cast<double>(std::max<uint64_t>(lcore.cycles, 1));
    results.push_back(
        {.id = lcore.cpu,
         .role = lcore.role,
         .packets = packets,
         .busy = std::min(1.0, static_cast<double>(busy) / cycles),
         .cycles_per_packet =
             packets == 0 ? 0 : static_cast<double>(busy) / static_cast<double>(packets)});
  };
  for (size_t i = 0; i < emitters_.size(); ++i) {
    add(lcores_[i], shared_.counters[i].packets, emitters_[i].busy_cycles());
  }
  for (size_t i = 0; i < generators_.size(); ++i) {
    add(lcores_[emitters_.size() + i], generators_[i].packets(), generators_[i].busy_cycles());
  }
  return results;
}

}  // namespace spate::engine
