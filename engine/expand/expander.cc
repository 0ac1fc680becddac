#include "engine/expand/expander.h"

#include <algorithm>

#include "base/random.h"
#include "engine/plan/field_store.h"
#include "engine/plan/law.h"

namespace spate::engine {
namespace {

// So many packets that another expander makes are run through at a time: time goes on, and a stop
// is seen, on a shard that makes few packets of its own.
constexpr uint32_t kForgottenSlots = 256;

// Flows that send nothing must not keep the caller from looking whether it shall stop: in
// operations, and what the run of a program costs besides its own.
constexpr uint64_t kMostWork = 1 << 20, kRunWork = 16;

}  // namespace

Expander::Expander(const Plan& plan, const Shard& shard)
    : plan_(plan), shard_(shard), impairer_(plan), forgotten_(kForgottenSlots) {
  elsewhere_ = {.slots = forgotten_.data(), .used = 0, .capacity = kForgottenSlots};
  for (const MessagePlan& message : plan.messages) {
    first_lane_.push_back(shard.first_lane.empty() ? 0 : shard.first_lane[message.port]);
  }
  one_lane_ =
      shard.lanes == 1 && std::ranges::all_of(first_lane_, [](uint32_t l) { return l == 0; });
  uint64_t number = 0;
  for (const GroupPlan& group : plan.groups) {
    first_number_.push_back(number);
    number += group.count;
  }
  units_.resize(plan.groups.size());
  before_related_.resize(plan.groups.size());
  uint64_t timers = 0, instances = 0;
  for (uint32_t flow = 0; flow < plan.flows.size(); ++flow) {
    (plan.flows[flow].timer ? timers : instances) += CountHere(flow);
  }
  if (timers > 0) timers_.Reserve(timers);
  instances_.reserve(instances);
  std::vector<Event> events;
  std::vector<int64_t> arrivals;
  for (uint32_t flow = 0; flow < plan.flows.size(); ++flow) {
    const uint32_t group = plan.flows[flow].group;
    if (flow == plan.groups[group].first_flow) arrivals = Arrivals(group);
    plan.flows[flow].timer ? AddTimers(flow, arrivals) : AddInstances(flow, arrivals, events);
  }
  for (const GroupPlan& group : plan.groups) {
    if (group.unit) AddUnits(group, events);
  }
  calendar_.Reset(std::move(events));
  timers_.Start();
}

// How many instances of the flow are this shard's, at most.
uint64_t Expander::CountHere(uint32_t flow) const {
  const uint32_t group = plan_.flows[flow].group;
  const uint64_t count = plan_.groups[group].count, first = FirstNumber(group);
  if (plan_.flows[flow].stream) return 1;
  return first < count ? (count - first - 1) / shard_.count + 1 : 0;
}

// The group's first number whose running number is this shard's.
uint64_t Expander::FirstNumber(uint32_t group) const {
  return (shard_.index + shard_.count - first_number_[group] % shard_.count) % shard_.count;
}

std::vector<int64_t> Expander::Arrivals(uint32_t group_index) {
  const GroupPlan& group = plan_.groups[group_index];
  std::vector<int64_t> arrivals;
  if (group.arrival == core::kNone) return arrivals;
  const DrawPlan& draw = plan_.draws[group.arrival];
  int64_t last = 0;
  for (uint64_t n = 0; n < group.count; ++n) {
    const auto drawn = static_cast<int64_t>(DrawPerInstance(draw, group, n));
    if (!group.gaps) last = drawn;
    arrivals.push_back(last);
    if (group.gaps) last += std::min(drawn, INT64_MAX - last);
  }
  return arrivals;
}

void Expander::AddInstances(uint32_t flow, const std::vector<int64_t>& arrivals,
                            std::vector<Event>& events) {
  const FlowPlan& f = plan_.flows[flow];
  first_id_.push_back(static_cast<uint32_t>(instances_.size()));
  const auto add = [&](uint32_t number) {
    Instance instance = NewInstance(flow, number);
    const bool unit = plan_.groups[f.group].unit;
    if (unit) {
      PlaceInUnit(instance);
    } else {
      instance.variables = static_cast<uint32_t>(variables_.size());
      variables_.resize(variables_.size() + f.variables);
    }
    const int64_t arrival = arrivals.empty() ? 0 : arrivals[number];
    instance.pass_due_ps = FirstDelay(instance) + arrival;
    SetMapStart(instance, StartOf(instance) + arrival);
    if (unit) return AddRelated(instance);
    if (f.stream) SkipPackets(instance, shard_.index * kStreamBlock);
    const int64_t due = DueOf(instance);
    if (due >= plan_.duration.count) return;
    events.push_back({.due_ps = due, .id = static_cast<uint32_t>(instances_.size())});
    instances_.push_back(instance);
  };
  if (f.stream) {
    if (first_lane_[f.stream_message] != core::kNone) add(0);
    return;
  }
  for (uint64_t n = FirstNumber(f.group); n < plan_.groups[f.group].count; n += shard_.count) {
    add(static_cast<uint32_t>(n));
  }
}

Expander::Instance Expander::NewInstance(uint32_t flow, uint32_t number) {
  const FlowPlan& f = plan_.flows[flow];
  Instance instance{};
  instance.key = SubKey(f.key, number);
  instance.number = number;
  instance.flow = flow;
  return instance;
}

// When the flow starts, its arrival aside; its phase comes behind that.
int64_t Expander::StartOf(const Instance& instance) const {
  const uint32_t start = plan_.flows[instance.flow].start;
  return start == core::kNone ? 0 : static_cast<int64_t>(DrawInScope(start, instance));
}

int64_t Expander::FirstDelay(const Instance& instance) const {
  const FlowPlan& f = plan_.flows[instance.flow];
  const uint64_t count = plan_.groups[f.group].count;
  int64_t delay = StartOf(instance);
  if (f.phase != core::kNone) delay += static_cast<int64_t>(DrawInScope(f.phase, instance));
  if (f.spread) {
    delay += static_cast<int64_t>(static_cast<uint128>(f.period_q) * instance.number / count);
  }
  return delay;
}

void Expander::SetMapStart(const Instance& instance, int64_t start_ps) {
  const uint32_t slot = plan_.flows[instance.flow].map_start;
  if (slot != core::kNone) variables_[instance.variables + slot] = static_cast<uint64_t>(start_ps);
}

int64_t Expander::MapStart(const Instance& instance) const {
  const uint32_t slot = plan_.flows[instance.flow].map_start;
  return slot == core::kNone ? StartOf(instance)
                             : static_cast<int64_t>(variables_[instance.variables + slot]);
}

int64_t Expander::TimeOf(const Instance& instance, int64_t clock_ps) const {
  const FlowPlan& f = plan_.flows[instance.flow];
  if (f.map != core::kNone) {
    const int64_t start = MapStart(instance);
    clock_ps = plan_.maps[f.map].TimeOf(std::max<int64_t>(0, clock_ps - start), instance.fraction);
    if (clock_ps == TimeMap::kNever) return clock_ps;
    clock_ps += start;
  }
  const bool scheduled = f.scale && !plan_.schedule.empty();
  return scheduled ? plan_.schedule.front().TimeOf(std::max<int64_t>(0, clock_ps)) : clock_ps;
}

int64_t Expander::ClockOf(const Instance& instance, int64_t time_ps) const {
  const bool scheduled = plan_.flows[instance.flow].scale && !plan_.schedule.empty();
  return scheduled ? plan_.schedule.front().ClockAt(time_ps) : time_ps;
}

OrderKey Expander::Next() const {
  if (!status_.ok() || finished()) return OrderKey::Max();
  OrderKey next = NextInCalendar();
  if (!timers_.empty()) next = std::min(next, OrderOf(*timers_.First()));
  return next < End() ? next : OrderKey::Max();
}

OrderKey Expander::NextInCalendar() const {
  const Event first = calendar_.empty() ? Event::Never() : calendar_.top();
  const Event event = std::min(first, impairer_.Next());
  if (event == Event::Never()) return OrderKey::Max();
  const Instance& instance = instances_[event.id];
  const uint64_t group_size = plan_.groups[plan_.flows[instance.flow].group].count;
  const uint64_t index = group_size > 1 ? instance.number : 0;
  return {event.due_ps, uint64_t{instance.flow} << 32 | index};
}

uint32_t Expander::LaneOf(const Instance& instance) const {
  if (shard_.lanes == 1) return 0;
  const FlowPlan& flow = plan_.flows[instance.flow];
  const uint64_t running =
      flow.stream ? instance.packets / kStreamBlock : first_number_[flow.group] + instance.number;
  return static_cast<uint32_t>(running / shard_.count % shard_.lanes);
}

uint32_t Expander::LaneNumber(uint32_t message, const Instance& instance) const {
  const uint32_t first = first_lane_[message];
  return first == core::kNone ? core::kNone : first + LaneOf(instance);
}

Lane& Expander::LaneFor(uint32_t message, const Instance& instance, std::span<Lane> lanes) {
  if (one_lane_) [[likely]]
    return lanes[0];
  const uint32_t number = LaneNumber(message, instance);
  return number == core::kNone ? elsewhere_ : lanes[number];
}

void Expander::FetchAhead() const {
  // GCC 12 drops the calls of a function that does nothing but prefetch: this is something else.
  asm("");
  constexpr size_t kInstanceAhead = 12, kStateAhead = 6;
  const Ladder<Event>& ladder = calendar_.ladder();
  for (size_t ahead = ladder.begins() ? 1 : kInstanceAhead; ahead <= kInstanceAhead; ++ahead) {
    if (const Event* event = ladder.Ahead(ahead)) __builtin_prefetch(&instances_[event->id], 1);
  }
  if (const Event* event = ladder.Ahead(kStateAhead)) {
    __builtin_prefetch(variables_.data() + instances_[event->id].variables, 1);
  }
}

bool Expander::Expand(std::span<Lane> lanes) {
  if (finished()) return false;
  elsewhere_.used = 0;
  const uint64_t before = packets_;
  const bool more = ExpandSome(lanes);
  NoteSilence(packets_ != before || elsewhere_.used > 0);
  if (!more) Finish();
  return more;
}

void Expander::NoteSilence(bool sent) {
  if (sent) work_ = 0;
  const bool silent =
      work_ > shard_.silent_work && plan_.duration == Picos::Max() && !calendar_.empty();
  silent_flow_.store(silent ? instances_[calendar_.top().id].flow : core::kNone,
                     std::memory_order_relaxed);
}

bool Expander::ExpandSome(std::span<Lane> lanes) {
  for (const uint64_t most = work_ + kMostWork; work_ < most; work_ += kRunWork) {
    const Event held = impairer_.Next();
    if (calendar_.many() && !RunBeats(std::min(held, FirstTimer()), lanes)) return true;
    if (!timers_.empty() && !RunTimers(std::min(NextInCalendar(), End()), lanes)) return true;
    if (held != Event::Never() && (calendar_.empty() || held <= calendar_.top())) {
      if (!SendHeld(lanes)) return true;
      continue;
    }
    if (calendar_.empty() || calendar_.top().due_ps >= plan_.duration.count) return false;
    if (calendar_.many()) FetchAhead();
    const Event event = calendar_.top();
    Instance& instance = instances_[event.id];
    int64_t due = event.due_ps;
    const FlowPlan& flow = plan_.flows[instance.flow];
    const Event next = std::min({calendar_.Bound(), held, FirstTimer()});
    if (plan_.groups[flow.group].unit) {
      const Stop stop = RunUnit(event, next, lanes);
      if (!status_.ok()) return false;
      if (stop == Stop::kLaneFull) return true;
      continue;
    }
    const Stop stop = flow.stream ? RunStream(instance, due, next, lanes)
                                  : RunProgram(instance, due, next, lanes);
    if (stop == Stop::kEnded || due >= plan_.duration.count) {
      calendar_.PopTop();
      if (!status_.ok()) return false;
    } else {
      calendar_.PostponeTop(due);
    }
    if (stop == Stop::kLaneFull) return true;
  }
  return true;
}

}  // namespace spate::engine
