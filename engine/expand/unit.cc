// Units: flows of one instance that start, pause, stop and restart each other, and share variables.
#include <algorithm>

#include "engine/expand/expander.h"

namespace spate::engine {
namespace {

// So many starts of one flow within so short a time are taken for endless.
constexpr uint32_t kMaxStarts = 100'000;
constexpr int64_t kStartsWindowPs = 1'000'000;

}  // namespace

// Finds the variables of the instance, which will be the next one in instances_.
void Expander::PlaceInUnit(Instance& instance) {
  const uint32_t group_index = plan_.flows[instance.flow].group;
  const GroupPlan& group = plan_.groups[group_index];
  const auto id = static_cast<uint32_t>(instances_.size());
  const uint32_t ordinal = id - first_id_[instance.flow];
  if (instance.flow != group.first_flow) {
    instance.variables = instances_[first_id_[group.first_flow] + ordinal].variables;
    return;
  }
  if (ordinal == 0) before_related_[group_index] = id - static_cast<uint32_t>(related_.size());
  units_[group_index] = ordinal + 1;
  instance.variables = static_cast<uint32_t>(variables_.size());
  variables_.resize(variables_.size() + group.variables);
  SetShared(instance);
}

void Expander::AddRelated(const Instance& instance) {
  const FlowPlan& flow = plan_.flows[instance.flow];
  related_.push_back({.due_ps = DueOf(instance),
                      .paused_ps = 0,
                      .window_ps = 0,
                      .starts = 0,
                      .state = flow.idle ? Related::State::kEnded : Related::State::kRunning});
  instances_.push_back(instance);
}

void Expander::SetShared(const Instance& instance) {
  const GroupPlan& group = plan_.groups[plan_.flows[instance.flow].group];
  if (group.identity != core::kNone) {
    variables_[instance.variables + group.identity] = instance.number;
  }
  for (uint32_t i = 0; i < group.shared; ++i) {
    if (i == group.identity) continue;
    const core::Operand& initial = plan_.initials[group.first_initial + i];
    variables_[instance.variables + i] =
        initial.kind == core::Operand::Kind::kDraw
            ? DrawInScope(static_cast<uint32_t>(initial.value), instance)
            : initial.value;
  }
}

void Expander::AddUnits(const GroupPlan& group, std::vector<Event>& events) {
  const uint32_t first = first_id_[group.first_flow];
  const uint32_t count = units_[plan_.flows[group.first_flow].group];
  for (uint32_t id = first; id < first + count; ++id) {
    const Event event = EarliestOfUnit(id, core::kNone);
    if (event.due_ps < plan_.duration.count) events.push_back(event);
  }
}

Event Expander::EarliestOfUnit(uint32_t id, uint32_t except) const {
  const Instance& instance = instances_[id];
  const uint32_t group_index = GroupOf(id);
  const GroupPlan& group = plan_.groups[group_index];
  Event least = Event::Never();
  uint32_t sibling = first_id_[group.first_flow] + (id - first_id_[instance.flow]);
  for (uint32_t f = 0; f < group.flow_count; ++f, sibling += units_[group_index]) {
    const Related& related = related_[sibling - before_related_[group_index]];
    if (sibling == except || related.state != Related::State::kRunning) continue;
    least = std::min(least, {related.due_ps, sibling});
  }
  return least;
}

Expander::Stop Expander::RunUnit(const Event& event, Event next, std::span<Lane> lanes) {
  int64_t due = event.due_ps;
  next = std::min(next, EarliestOfUnit(event.id, event.id));
  const Stop stop = RunProgram(instances_[event.id], due, next, lanes);
  Related& own = RelatedOf(event.id);
  own.due_ps = due;
  own.paused_ps = due;
  if (stop == Stop::kPaused) own.state = Related::State::kPaused;
  if (stop == Stop::kWaiting) own.state = Related::State::kWaiting;
  if (stop == Stop::kEnded) {
    own.state = Related::State::kEnded;
    WakeWaiting(instances_[event.id], due);
  }
  const Event first = EarliestOfUnit(event.id, core::kNone);
  if (first.due_ps >= plan_.duration.count) {
    calendar_.PopTop();  // whoever could start a flow of it has ended too
  } else {
    calendar_.ReplaceTop(first);
  }
  return stop;
}

void Expander::ShiftClock(Instance& instance, int64_t from_ps, int64_t to_ps) {
  const core::Clock& clock = plan_.flows[instance.flow].clock;
  const int64_t by_ps = ClockOf(instance, to_ps) - ClockOf(instance, from_ps);
  SetMapStart(instance, MapStart(instance) + by_ps);
  if (clock.on == core::kNone) {
    instance.pass_due_ps += by_ps;
  } else {
    variables_[instance.variables + clock.phase + 1] += static_cast<uint64_t>(by_ps);
  }
}

void Expander::Begin(Instance& instance, int64_t at_ps, bool birth) {
  const int64_t clock = ClockOf(instance, at_ps);
  SetMapStart(instance, clock + (birth ? StartOf(instance) : 0));
  instance.op = 0;
  instance.pass_due_ps = clock + (birth ? FirstDelay(instance) : 0);
  instance.fraction = 0;
  instance.first_pass = instance.passes;
}

int64_t Expander::Control(const Instance& by, const OpPlan& op, int64_t now_ps) {
  using State = Related::State;
  const auto by_id = static_cast<uint32_t>(&by - instances_.data());
  const uint32_t id = first_id_[op.a] + (by_id - first_id_[by.flow]);
  Related& related = RelatedOf(id);
  // A trace is in order of time, then flow: a flow that stands before the one which starts it
  // begins a picosecond later.
  const int64_t soon = now_ps + (op.a < by.flow ? 1 : 0);
  switch (op.action) {
    case core::Action::kStop:
      related.state = State::kEnded;
      return WakeWaiting(instances_[id], now_ps);
    case core::Action::kPause:
      if (related.state == State::kEnded || related.state == State::kPaused) return INT64_MAX;
      related.state = State::kPaused;
      related.paused_ps = now_ps;
      return INT64_MAX;
    case core::Action::kClock:
      variables_[instances_[id].variables + plan_.flows[op.a].variant] = op.value;
      Retime(instances_[id], related, now_ps);
      return related.state == State::kRunning ? related.due_ps : INT64_MAX;
    case core::Action::kStart:
      if (related.state == State::kRunning || related.state == State::kWaiting) return INT64_MAX;
      if (related.state == State::kEnded) break;
      related.state = State::kRunning;
      ShiftClock(instances_[id], related.paused_ps, now_ps);
      related.due_ps = std::max(related.due_ps + (now_ps - related.paused_ps), soon);
      return related.due_ps;
    case core::Action::kRestart:
    case core::Action::kBirth:
      break;
  }
  const bool birth = op.action == core::Action::kBirth;
  related.state = State::kRunning;
  if (const uint32_t variant = plan_.flows[op.a].variant; birth && variant != core::kNone) {
    variables_[instances_[id].variables + variant] = 0;
  }
  Begin(instances_[id], soon, birth);
  related.due_ps = std::max(soon, DueOf(instances_[id]));
  CountStart(instances_[id], related, now_ps);
  return related.due_ps;
}

// The clock has changed. If the flow waits for its next pass, that one counts from now on.
void Expander::Retime(Instance& instance, Related& related, int64_t now_ps) {
  using State = Related::State;
  const bool waits = WaitsForPass(instance) && instance.passes - instance.first_pass > 1;
  if (!waits || (related.state != State::kRunning && related.state != State::kPaused)) return;
  const int64_t at = related.state == State::kPaused ? related.paused_ps : now_ps;
  const core::Clock& clock = plan_.flows[instance.flow].clock;
  instance.op = 0;
  --instance.passes;
  instance.pass_due_ps = ClockOf(instance, at);
  if (clock.on != core::kNone) {  // in an off-phase the clock stands where the next on-phase begins
    const uint64_t* const phase = variables_.data() + instance.variables + clock.phase;
    const auto behind = static_cast<int64_t>(phase[1]), begin = static_cast<int64_t>(phase[2]);
    instance.pass_due_ps = std::max(instance.pass_due_ps - behind, begin);
  }
  instance.fraction = 0;
  related.due_ps = at;
}

bool Expander::Joined(const Instance& instance, const OpPlan& op) const {
  const uint32_t group_index = plan_.flows[instance.flow].group;
  const GroupPlan& group = plan_.groups[group_index];
  const auto own = static_cast<uint32_t>(&instance - instances_.data());
  uint32_t sibling = first_id_[group.first_flow] + (own - first_id_[instance.flow]);
  uint32_t ended = 0;
  for (uint32_t f = 0; f < group.flow_count; ++f, sibling += units_[group_index]) {
    if ((op.value >> f & 1) == 0) continue;
    const Related& related = related_[sibling - before_related_[group_index]];
    ended += related.state == Related::State::kEnded;
  }
  return ended >= op.b;
}

int64_t Expander::WakeWaiting(const Instance& ended, int64_t now_ps) {
  const uint32_t group_index = plan_.flows[ended.flow].group;
  const GroupPlan& group = plan_.groups[group_index];
  const auto own = static_cast<uint32_t>(&ended - instances_.data());
  uint32_t sibling = first_id_[group.first_flow] + (own - first_id_[ended.flow]);
  int64_t first = INT64_MAX;
  for (uint32_t f = 0; f < group.flow_count; ++f, sibling += units_[group_index]) {
    Related& related = RelatedOf(sibling);
    if (related.state != Related::State::kWaiting) continue;
    related.state = Related::State::kRunning;
    related.due_ps = now_ps + 1;
    first = now_ps + 1;
  }
  return first;
}

Expander::Stop Expander::ControlItself(Instance& instance, core::Action action, int64_t now_ps) {
  switch (action) {
    case core::Action::kStart:
      break;
    case core::Action::kPause:
      return Stop::kPaused;
    case core::Action::kStop:
      return Stop::kEnded;
    case core::Action::kBirth:
    case core::Action::kClock:
      break;  // no flow does that to itself
    case core::Action::kRestart:
      Begin(instance, now_ps, /*birth=*/false);
      CountStart(instance, RelatedOf(static_cast<uint32_t>(&instance - instances_.data())), now_ps);
      break;
  }
  return status_.ok() ? Stop::kPostponed : Stop::kEnded;
}

// Flows that start each other without time passing would never let the trace go on.
void Expander::CountStart(const Instance& instance, Related& related, int64_t now_ps) {
  if (now_ps - related.window_ps > kStartsWindowPs) {
    related.window_ps = now_ps;
    related.starts = 0;
  }
  if (++related.starts < kMaxStarts || !status_.ok()) return;
  Fail(instance.flow, "a flow that is started again and again without time passing");
}

}  // namespace spate::engine
