#include "engine/make_plan.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/expand/expander.h"
#include "engine/plan/flatten.h"
#include "engine/plan/law.h"
#include "template/quantity.h"

namespace spate::engine {
namespace {

// Packets looked at to estimate the rate of a template whose flows are not all plain rates.
constexpr uint64_t kSampledPackets = 200'000;

// What flows send together.
struct Flux {
  double pps = 0;    // 0: no packets, or all at one instant
  double bytes = 0;  // a second, without FCS

  double frame() const { return pps > 0 ? bytes / pps : 0; }
  double In(tmpl::Rate::Unit unit, packet::LinkType link) const {
    if (unit == tmpl::Rate::Unit::kPps) return pps;
    const packet::Framing framing = packet::FramingOf(link);
    const double overhead =
        framing.fcs_bytes + (unit == tmpl::Rate::Unit::kBps ? 0 : framing.l1_bytes);
    return (bytes + pps * overhead) * 8;
  }
};

// The part that a rate scales, and the flows that keep out of it.
struct Load {
  Flux scaled, fixed;
  std::vector<std::string> notes;  // as in Plan

  Flux& Of(const FlowPlan& flow) { return flow.scale ? scaled : fixed; }
  Flux All() const { return {scaled.pps + fixed.pps, scaled.bytes + fixed.bytes}; }
};

// Plain rates add up exactly.
Load StreamLoad(const core::Scenario& scenario, const Plan& plan) {
  Load load;
  for (const FlowPlan& flow : plan.flows) {
    const MessagePlan& message = plan.messages[flow.stream_message];
    const double frame = message.size_draw != core::kNone
                             ? MeanOutcome(scenario.laws[scenario.draws[message.size_draw].law])
                             : message.length;
    load.Of(flow).pps += flow.clock.pps;
    load.Of(flow).bytes += flow.clock.pps * frame;
  }
  return load;
}

// From pass to pass on average, for clocks that go on as long as the run. 0: as far apart as the
// passes so far.
std::optional<double> MeanPeriodPs(const core::Scenario& scenario, const FlowPlan& flow) {
  using Kind = core::Clock::Kind;
  const core::Clock& clock = flow.clock;
  if (flow.passes != 0 || flow.packets != 0 || flow.variant != core::kNone) return std::nullopt;
  if (clock.on != core::kNone) return std::nullopt;  // whose time stands still now and then
  if (clock.kind == Kind::kRenewal) {
    return MeanOutcome(scenario.laws[scenario.draws[clock.gap].law]);
  }
  if (clock.kind == Kind::kGrid) return static_cast<double>(clock.period.count);
  if (clock.kind != Kind::kRate && clock.kind != Kind::kSettled) return std::nullopt;
  return clock.pps > 0 ? static_cast<double>(kPicosPerSecond) / clock.pps : 0;
}

// Instances do one pass after the other, so a clock may ask for more passes than come. What chance
// makes wait now and then is no matter of it.
void NoteBacklogs(const core::Scenario& scenario, const Plan& plan, const Expander& expander,
                  int64_t now_ps, std::vector<std::string>& notes) {
  for (uint32_t i = 0; i < plan.flows.size(); ++i) {
    const FlowPlan& flow = plan.flows[i];
    if (flow.stream || flow.timer || plan.groups[flow.group].unit) continue;
    const std::optional<double> period = MeanPeriodPs(scenario, flow);
    if (!period) continue;
    const Expander::Backlog backlog = expander.BacklogOf(i, now_ps, *period);
    const double asked = static_cast<double>(backlog.begun) + backlog.waiting;
    if (backlog.waiting <= std::max(0.1 * asked, 2.0 * static_cast<double>(backlog.instances))) {
      continue;
    }
    const double share = static_cast<double>(backlog.begun) / asked;
    notes.push_back(absl::StrFormat(
        "%s: found passes that last longer than the clock leaves them: %.2g %% of those asked for "
        "begin, one after the other; expected a group whose instances share the clock (\"count\", "
        "\"total\": true), or shorter passes",
        plan.flow_places[i], 100 * share));
  }
}

// The rest is expanded for a while: no formula to keep in step with what the engine does.
absl::StatusOr<Load> SampledLoad(const core::Scenario& scenario, const Plan& plan) {
  Expander expander(plan, Shard{.unobserved = true});  // rates are of what is sent
  const uint64_t most = std::min(kSampledPackets, plan.packets);
  // A few packets are had without expanding thousands.
  const auto capacity = static_cast<uint32_t>(std::min<uint64_t>(128 + 2 * most, 4'096));
  const auto slots = std::make_unique<Slot[]>(capacity);
  uint64_t packets = 0;
  int64_t last_ps = 0;
  Load load;
  // Flows may send nothing for as long as they last.
  constexpr uint32_t kMostSilent = 16;
  uint32_t silent = 0;
  for (bool more = true; more && packets < most && silent < kMostSilent;) {
    Lane lane{.slots = slots.get(), .used = 0, .capacity = capacity};
    more = expander.Expand({&lane, 1});
    silent = lane.used > 0 ? 0 : silent + 1;
    for (uint32_t at = 0; at < lane.used && packets < most;) {
      const Descriptor& d = slots[at].descriptor;
      last_ps = d.due_ps;
      Flux& flux = load.Of(plan.flows[plan.messages[d.message].flow]);
      flux.bytes += d.length;
      flux.pps += 1;
      ++packets;
      at += SlotsOf(plan, d);
    }
  }
  SPATE_RETURN_IF_ERROR(expander.status());
  NoteBacklogs(scenario, plan, expander, last_ps, load.notes);
  const bool whole = packets < most && plan.duration != Picos::Max();
  const double seconds = whole ? plan.duration.seconds() : Picos{last_ps}.seconds();
  for (Flux* flux : {&load.scaled, &load.fixed}) {
    flux->pps = seconds > 0 ? flux->pps / seconds : 0;
    flux->bytes = seconds > 0 ? flux->bytes / seconds : 0;
  }
  return load;
}

absl::StatusOr<Load> LoadOf(const core::Scenario& scenario, const Plan& plan) {
  const bool streams = std::ranges::all_of(plan.flows, [](const FlowPlan& flow) {
    return flow.stream && flow.passes == 0 && flow.packets == 0 && flow.start == core::kNone;
  });
  return streams ? StreamLoad(scenario, plan) : SampledLoad(scenario, plan);
}

// How many times the scaled flows' own rate they must make for the total to be `rate`.
// `where`: what says so.
absl::StatusOr<double> SpeedFor(const std::string& where, const std::string& rate, const Load& load,
                                packet::LinkType link, double line_bps) {
  SPATE_ASSIGN_OR_RETURN(const tmpl::Rate asked, tmpl::ParseRateOrZero(rate));
  const auto fault = [&](std::string_view expected) {
    return absl::InvalidArgumentError(Concat(where, ": found \"", rate, "\", expected ", expected));
  };
  double total = asked.value;
  if (asked.unit == tmpl::Rate::Unit::kPercent) {
    if (line_bps == 0) {
      return fault(
          "a rate in pps or bps while the line's speed is not known: give --line, or \"line\" in "
          "the template");
    }
    total = asked.value / 100 * line_bps;
  }
  const double fixed = load.fixed.In(asked.unit, link);
  const double scaled = load.scaled.In(asked.unit, link);
  if (scaled <= 0) {
    return fault(
        "no rate: no packets that a rate could scale, for all that are sent come at once, or none "
        "comes");
  }
  if (total < fixed) {
    return fault("more: the flows with \"scale\": false alone send more than that");
  }
  return (total - fixed) / scaled;
}

// The total rate as time goes on; the run ends with it.
absl::Status AddSchedule(const core::Scenario& scenario, const Load& load, double line_bps,
                         Plan& plan) {
  core::TimeMap map;
  map.repeat = scenario.schedule_repeat;
  double seconds = 0, mean = 0;
  for (const core::RatePiece& piece : scenario.schedule) {
    const auto speed = [&](const std::string& rate) {
      return SpeedFor(scenario.where_rate, rate, load, plan.link, line_bps);
    };
    SPATE_ASSIGN_OR_RETURN(const double begin, speed(piece.begin));
    SPATE_ASSIGN_OR_RETURN(const double end, speed(piece.end));
    map.pieces.push_back({piece.seconds, begin, end});
    seconds += piece.seconds;
    mean += piece.seconds * (begin + end) / 2;
  }
  if (mean <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(scenario.where_rate, ": found a schedule that leaves no flow a rate above 0, ",
                     "expected a stretch with a rate"));
  }
  plan.schedule.push_back(TimeMap::Of(map, 1));
  if (map.repeat > 0) {
    const Picos end = Picos::FromSeconds(seconds * static_cast<double>(map.repeat));
    plan.duration = std::min(plan.duration, end);
  }
  const double speed = mean / seconds;
  const Flux all = {load.scaled.pps * speed + load.fixed.pps,
                    load.scaled.bytes * speed + load.fixed.bytes};
  plan.mean_pps = all.pps;
  plan.mean_frame = all.frame();
  return absl::OkStatus();
}

void SetLimits(const core::Scenario& scenario, const PlanOptions& options, Plan& plan) {
  plan.duration = options.duration.value_or(scenario.duration);
  plan.packets = options.packets.value_or(scenario.packets.value_or(UINT64_MAX));
}

// The load of the flows' own clocks, schedules aside: those never change its mean.
absl::StatusOr<Load> OwnLoad(const core::Scenario& scenario, const PlanOptions& options,
                             Plan& plan) {
  const bool maps = !scenario.maps.empty();
  SPATE_ASSIGN_OR_RETURN(plan,
                         Flatten(scenario, {.seed = options.seed, .scale = 1, .maps = !maps}));
  SetLimits(scenario, options, plan);
  SPATE_ASSIGN_OR_RETURN(const Load load, LoadOf(scenario, plan));
  if (maps) {
    SPATE_ASSIGN_OR_RETURN(plan, Flatten(scenario, {.seed = options.seed, .scale = 1}));
    SetLimits(scenario, options, plan);
  }
  return load;
}

// All times become `scale` times as long.
absl::Status ScaleTo(double scale, const core::Scenario& scenario, const PlanOptions& options,
                     Plan& plan) {
  SPATE_ASSIGN_OR_RETURN(plan, Flatten(scenario, {.seed = options.seed, .scale = scale}));
  SetLimits(scenario, options, plan);
  // A template's own duration is a stretch of its own time; --duration is one of the clock.
  if (!options.duration.has_value() && plan.duration != Picos::Max()) {
    plan.duration = Picos::FromSeconds(plan.duration.seconds() * plan.scale);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Plan> MakePlan(const core::Scenario& scenario, const PlanOptions& options) {
  Plan plan;
  SPATE_ASSIGN_OR_RETURN(const Load load, OwnLoad(scenario, options, plan));
  plan.mean_pps = load.All().pps;
  plan.mean_frame = load.All().frame();
  const double line_bps =
      scenario.line_bps > 0 ? scenario.line_bps : static_cast<double>(options.line_rate_bps);
  const std::string rate = options.rate.empty() ? scenario.rate : options.rate;
  if (!rate.empty()) {
    const std::string where = options.rate.empty() ? scenario.where_rate : "--rate";
    SPATE_ASSIGN_OR_RETURN(const double speed, SpeedFor(where, rate, load, plan.link, line_bps));
    if (speed <= 0) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": found \"", rate,
                                                     "\", expected more: it leaves nothing to the ",
                                                     "flows that it scales"));
    }
    SPATE_RETURN_IF_ERROR(ScaleTo(1 / speed, scenario, options, plan));
    const Flux all = {load.scaled.pps * speed + load.fixed.pps,
                      load.scaled.bytes * speed + load.fixed.bytes};
    plan.mean_pps = all.pps;
    plan.mean_frame = all.frame();
  } else if (!scenario.schedule.empty()) {
    SPATE_RETURN_IF_ERROR(AddSchedule(scenario, load, line_bps, plan));
  }
  plan.notes = load.notes;
  return plan;
}

}  // namespace spate::engine
