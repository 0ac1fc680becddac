#include "engine/run/leg.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace spate::engine {
namespace {

// Slots per ring: enough to ride out a scheduling hiccup of a generation lcore, small enough to
// stay in the second-level cache together with the frames (docs/performance.md).
constexpr uint32_t kRingSlots = 4'095;

// Most packets that may wait between the expanders and the wire: a run of a burst takes two slots.
uint64_t InFlight(const LegBase& base) {
  constexpr uint64_t kInboxes = 2 * 512;
  const auto sources = static_cast<uint64_t>(base.layout.generation);
  const uint64_t slots = sources == 0 ? kInboxes : sources * (kRingSlots + 1 + kInboxes);
  return base.lanes() * slots * kBurst / 2;
}

}  // namespace

Leg::Leg(std::unique_ptr<Plan> own, const Plan* first, Wiring wiring, Mode mode,
         const LegBase& base)
    : own_(std::move(own)),
      plan_(own_ == nullptr ? *first : *own_),
      wiring_(std::move(wiring)),
      mode_(mode),
      base_(base),
      shared_(base.shared, base.lanes(), base.per_port(), plan_.flows.size()),
      emitting_(base.lanes()) {
  shared_.packets = plan_.packets;
  MakeGenerators();
  MakeEmitters();
}

void Leg::TakeOver(int64_t begin_ps, uint64_t sent) {
  began_ = std::chrono::steady_clock::now();
  sent_before_ = sent;
  shared_.begin_ps = begin_ps;
  if (base_.options.duration.has_value()) {
    own_->duration = Picos{std::max<int64_t>(0, base_.options.duration->count - begin_ps)};
  }
  shared_.packets =
      base_.options.packets.value_or(plan_.packets + std::min(sent, UINT64_MAX - plan_.packets));
}

// What has been made before is still sent, each packet in its time.
void Leg::EndSilence() {
  uint32_t silent = core::kNone;
  for (const Expander* const shard : shards_) {
    if (shard->finished()) continue;
    if (shard->silent_flow() == core::kNone) return;
    silent = shard->silent_flow();
  }
  if (silent == core::kNone) return;
  silent_flow_ = silent;
  for (Expander* const shard : shards_) shard->Finish();
}

absl::Status Leg::status() const {
  for (const Expander* const shard : shards_) {
    if (!shard->status().ok()) return shard->status();
  }
  if (silent_flow_ == core::kNone) return absl::OkStatus();
  return absl::DeadlineExceededError(absl::StrCat(
      plan_.flow_places[silent_flow_], ": found a flow that goes on without an end and sends ",
      "nothing, as all others do by now, expected a packet, or a \"duration\" that ends the run"));
}

void Leg::MakeGenerators() {
  const uint32_t shards = static_cast<uint32_t>(base_.layout.generation);
  std::vector<uint32_t> first_lane;
  for (const uint32_t port : wiring_.port_of) {
    first_lane.push_back(port == core::kNone ? port : port * base_.per_port());
  }
  for (uint32_t shard = 0; shard < shards; ++shard) {
    std::vector<DescriptorRing*> rings;
    for (uint32_t lane = 0; lane < base_.lanes(); ++lane) {
      rings_.push_back(std::make_unique<DescriptorRing>(kRingSlots));
      rings.push_back(rings_.back().get());
    }
    generators_.emplace_back(plan_,
                             Shard{.index = shard,
                                   .count = shards,
                                   .lanes = base_.per_port(),
                                   .runs = true,
                                   .silent_work = base_.options.silent_work,
                                   .first_lane = first_lane},
                             rings, base_.layout.shared_cpus);
    shards_.push_back(&generators_.back().expander());
  }
}

// Packets that a lane of the port composes at a time; the ports share the plan's rate.
uint16_t Leg::BurstOf(const Port& port) const {
  return base_.Paced(port) ? PacedBurst(plan_.mean_pps / base_.lanes()) : kBurst;
}

// By message: whether it leaves by the port.
std::vector<bool> Leg::SentBy(uint32_t port) const {
  std::vector<bool> sent;
  for (const MessagePlan& message : plan_.messages) {
    sent.push_back(wiring_.port_of[message.port] == port);
  }
  return sent;
}

// The rings of all generation lcores, or an expander of its own, which makes what leaves by the
// lane's port: ports share nothing, at the price of running the programs once for each of them.
std::vector<Source*> Leg::SourcesOf(uint32_t lane) {
  std::vector<Source*> sources;
  const auto add = [&](std::unique_ptr<Source> source) {
    sources.push_back(source.get());
    sources_.push_back(std::move(source));
  };
  if (generators_.empty()) {
    const uint32_t port = lane / base_.per_port();
    std::vector<uint32_t> first_lane;
    for (const uint32_t p : wiring_.port_of) first_lane.push_back(p == port ? 0 : core::kNone);
    Expander& own = expanders_.emplace_back(plan_, Shard{.index = lane % base_.per_port(),
                                                         .count = base_.per_port(),
                                                         .lanes = 1,
                                                         .runs = true,
                                                         .silent_work = base_.options.silent_work,
                                                         .first_lane = std::move(first_lane)});
    shards_.push_back(&own);
    const Port& to = *wiring_.ports[port];
    add(std::make_unique<ExpanderSource>(
        own, base_.Paced(to) ? Lane::kLeast + 4 * size_t{BurstOf(to)} : SIZE_MAX));
  }
  for (size_t g = 0; g < generators_.size(); ++g) {
    add(std::make_unique<RingSource>(*rings_[g * base_.lanes() + lane], generators_[g].bound()));
  }
  return sources;
}

EmitOptions Leg::OptionsOf(uint32_t lane, bool spans) const {
  const uint32_t index = lane / base_.per_port();
  const Port& port = *wiring_.ports[index];
  return {
      .port = std::string(port.name()),
      .sent = SentBy(index),
      .lane = lane,
      .ordered = port.virtual_time() || spans,
      .first_peer = spans ? 0 : index * base_.per_port(),
      .end_peer = spans ? base_.lanes() : (index + 1) * base_.per_port(),
      .pace = base_.Paced(port) ? Pace::kDue : Pace::kUnpaced,
      .late = base_.options.late,
      .catch_up_ps = base_.options.catch_up.count,
      .in_flight = InFlight(base_),
      .yield_when_idle = base_.layout.shared_cpus,
      .paced_burst = BurstOf(port),
      .tsc = base_.tsc,
      .prefilled = mode_ == Mode::kPrefilled,
  };
}

void Leg::MakeEmitters() {
  const bool spans = SpansPorts(plan_, wiring_);
  for (uint32_t lane = 0; lane < base_.lanes(); ++lane) {
    emitters_.emplace_back(plan_, OptionsOf(lane, spans), SourcesOf(lane), *base_.queues[lane],
                           shared_);
  }
}

}  // namespace spate::engine
