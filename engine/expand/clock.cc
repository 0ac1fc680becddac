// When the next pass of a program begins, by every kind of clock, and how long what was sent takes.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "engine/expand/expander.h"

namespace spate::engine {
namespace {

// Between two passes: a few milliseconds of a core.
constexpr uint32_t kMostPhases = 1'000'000;

}  // namespace

// Begins the next pass: not before its time, and not before the last one has ended.
bool Expander::Tick(Instance& instance, int64_t& due_ps) {
  const FlowPlan& flow = Clocked(instance);
  const uint32_t passes = instance.passes - instance.first_pass;
  if (flow.passes != 0 && passes >= flow.passes) return false;
  const bool first = passes == 0;
  if (flow.clock.kind == core::Clock::Kind::kOnce && !first && flow.passes == 0) return false;
  int64_t clock = instance.pass_due_ps;
  bool of_run = false;
  switch (flow.clock.kind) {
    case core::Clock::Kind::kOnce:
      break;
    case core::Clock::Kind::kRate:
      if (!first) AdvancePeriods(instance, 1);
      clock = instance.pass_due_ps;
      break;
    case core::Clock::Kind::kSettled: {
      const int64_t taken = Settle(plan_.paces[flow.first_pace + flow.clock.pace], instance);
      if (!first) instance.pass_due_ps += taken;
      clock = instance.pass_due_ps;
      break;
    }
    case core::Clock::Kind::kList:
      if (!TickList(instance, due_ps, clock)) return false;
      of_run = flow.clock.of_run;
      break;
    case core::Clock::Kind::kRenewal:
      if (!first) {
        const int64_t from = std::max(instance.pass_due_ps, int64_t{0});
        instance.pass_due_ps =
            from + static_cast<int64_t>(DrawNow(flow.clock.gap, instance, flow.clock_uses));
      }
      clock = instance.pass_due_ps;
      break;
    case core::Clock::Kind::kGrid:
      if (!first) AdvancePeriods(instance, 1);
      clock = instance.pass_due_ps;
      if (flow.clock.jitter != core::kNone) {
        clock += static_cast<int64_t>(DrawNow(flow.clock.jitter, instance, flow.clock_uses));
      }
      break;
  }
  if (flow.clock.on != core::kNone) {
    clock = InOnPhase(instance, clock, first);
    if (!status_.ok()) return false;
  }
  const int64_t begin = of_run ? clock : TimeOf(instance, clock);
  if (begin == TimeMap::kNever) return false;
  ++instance.passes;
  due_ps = std::max(due_ps, begin);
  return true;
}

Expander::Backlog Expander::BacklogOf(uint32_t flow, int64_t now_ps, double period_ps) const {
  const bool last = flow + 1 == first_id_.size();
  const size_t end = last ? instances_.size() : first_id_[flow + 1];
  Backlog backlog;
  for (size_t id = first_id_[flow]; id < end; ++id) {
    const Instance& instance = instances_[id];
    if (instance.passes == 0) continue;
    ++backlog.instances;
    backlog.begun += instance.passes;
    // The pass that is under way keeps one waiting at most.
    const auto due_ps = static_cast<double>(instance.pass_due_ps);
    const double period = period_ps > 0 ? period_ps : std::max(due_ps / instance.passes, 1.0);
    backlog.waiting += std::max((static_cast<double>(now_ps) - due_ps) / period - 1, 0.0);
  }
  return backlog;
}

bool Expander::TickList(Instance& instance, int64_t due_ps, int64_t& begin_ps) {
  const core::Clock& clock = plan_.flows[instance.flow].clock;
  const LawPlan& law = plan_.draws[clock.times].law;
  const auto* times = plan_.words.data() + law.table;
  const auto time = [&] {
    return static_cast<int64_t>(times[instance.passes - instance.first_pass]);
  };
  if (instance.passes == instance.first_pass && clock.of_run) {
    while (instance.passes - instance.first_pass < law.size && time() < due_ps) {
      --instance.first_pass;  // as if that pass had been
    }
  }
  if (instance.passes - instance.first_pass >= law.size) return false;
  begin_ps = time() + (clock.of_run ? 0 : instance.pass_due_ps);
  return true;
}

int64_t Expander::InOnPhase(Instance& instance, int64_t clock_ps, bool first) {
  const FlowPlan& flow = plan_.flows[instance.flow];
  uint64_t* variables = variables_.data() + instance.variables + flow.clock.phase;
  uint64_t &end = variables[0], &behind = variables[1], &begin = variables[2];
  const auto now = static_cast<uint64_t>(clock_ps);
  if (first) {
    begin = now;
    end = now + DrawNow(flow.clock.on, instance, flow.on_uses);
    behind = 0;
  }
  for (uint32_t phases = 0; now >= end; ++phases) {
    if (phases == kMostPhases) {
      status_ = absl::InvalidArgumentError(
          Concat(plan_.flow_places[instance.flow], ": found on-phases so short that ", kMostPhases,
                 " of them go by before the next pass begins, expected longer ones"));
      return clock_ps;
    }
    behind += DrawNow(flow.clock.off, instance, flow.off_uses);
    begin = end;
    end += DrawNow(flow.clock.on, instance, flow.on_uses);
  }
  return static_cast<int64_t>(now + behind);
}

int64_t Expander::Settle(const PacePlan& pace, const Instance& instance) {
  uint64_t* variables = variables_.data() + instance.variables;
  const uint64_t total = variables[plan_.flows[instance.flow].sent];
  const uint64_t sent = total - variables[pace.mark];
  variables[pace.mark] = total;
  const uint64_t bytes = sent & (kSentFrame - 1), frames = sent / kSentFrame;
  const uint128 time = static_cast<uint128>(bytes) * pace.per_byte +
                       static_cast<uint128>(frames) * pace.per_frame + variables[pace.mark + 1];
  variables[pace.mark + 1] = static_cast<uint64_t>(time) & ((uint64_t{1} << kPaceFractionBits) - 1);
  return static_cast<int64_t>(time >> kPaceFractionBits);
}

// Differences of scaled times, so that no error adds up.
int64_t Expander::TrackGap(const FlowPlan& flow, uint32_t track, uint64_t number) const {
  if (number == 0) return 0;
  const auto& entries = plan_.tracks[track]->entries;
  const double scale = flow.scale ? plan_.scale : 1;
  const auto scaled = [scale](int64_t at) {
    return scale == 1 ? at : std::llround(static_cast<double>(at) * scale);
  };
  return scaled(entries[number].at_ps) - scaled(entries[number - 1].at_ps);
}

}  // namespace spate::engine
