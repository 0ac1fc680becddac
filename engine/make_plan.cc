#include "engine/make_plan.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "engine/expand/expander.h"
#include "engine/plan/flatten.h"
#include "engine/plan/law.h"
#include "template/quantity.h"

namespace spate::engine {
namespace {

// Packets looked at to estimate the rate of a template whose flows are not all plain rates.
constexpr uint64_t kSampledPackets = 200'000;

struct Load {
  double pps = 0;    // 0: no packets, or all at one instant
  double frame = 0;  // mean bytes without FCS
};

// Plain rates add up exactly.
Load StreamLoad(const core::Scenario& scenario, const Plan& plan) {
  Load load;
  for (size_t f = 0; f < plan.flows.size(); ++f) {
    const MessagePlan& message = plan.messages[plan.flows[f].stream_message];
    const double pps = plan.flows[f].clock.pps;
    const double frame = message.size_draw != core::kNone
                             ? MeanOutcome(scenario.laws[scenario.draws[message.size_draw].law])
                             : message.length;
    load.pps += pps;
    load.frame += pps * frame;
  }
  if (load.pps > 0) load.frame /= load.pps;
  return load;
}

// The rest is expanded for a while: no formula to keep in step with what the engine does.
absl::StatusOr<Load> SampledLoad(const Plan& plan) {
  Expander expander(plan, Shard{.unobserved = true});  // rates are of what is sent
  constexpr uint32_t kSlots = 4'096;
  const auto slots = std::make_unique<Slot[]>(kSlots);
  uint64_t packets = 0, bytes = 0;
  int64_t last_ps = 0;
  const uint64_t most = std::min(kSampledPackets, plan.packets);
  for (bool more = true; more && packets < most;) {
    Lane lane{.slots = slots.get(), .used = 0, .capacity = kSlots};
    more = expander.Expand({&lane, 1});
    for (uint32_t at = 0; at < lane.used && packets < most;) {
      const Descriptor& d = slots[at].descriptor;
      last_ps = d.due_ps;
      bytes += d.length;
      ++packets;
      at += SlotsOf(plan, d);
    }
  }
  SPATE_RETURN_IF_ERROR(expander.status());
  const bool whole = packets < most && plan.duration != Picos::Max();
  const double seconds = whole ? plan.duration.seconds() : Picos{last_ps}.seconds();
  Load load;
  if (packets > 0) load.frame = static_cast<double>(bytes) / static_cast<double>(packets);
  if (packets > 0 && seconds > 0) load.pps = static_cast<double>(packets) / seconds;
  return load;
}

absl::StatusOr<Load> LoadOf(const core::Scenario& scenario, const Plan& plan) {
  const bool streams = std::ranges::all_of(plan.flows, [](const FlowPlan& flow) {
    return flow.stream && flow.passes == 0 && flow.start == core::kNone;
  });
  return streams ? StreamLoad(scenario, plan) : SampledLoad(plan);
}

// The packets per second that `rate` means for frames of this mean size.
absl::StatusOr<double> AskedPps(const PlanOptions& options, packet::LinkType link,
                                const std::string& rate, double mean_frame) {
  SPATE_ASSIGN_OR_RETURN(const tmpl::Rate asked, tmpl::ParseRate(rate));
  const packet::Framing framing = packet::FramingOf(link);
  const double l2_bits = (mean_frame + framing.fcs_bytes) * 8;
  const double l1_bits = l2_bits + framing.l1_bytes * 8;
  switch (asked.unit) {
    case tmpl::Rate::Unit::kPps:
      return asked.value;
    case tmpl::Rate::Unit::kBps:
      return asked.value / l2_bits;
    case tmpl::Rate::Unit::kBpsL1:
      return asked.value / l1_bits;
    case tmpl::Rate::Unit::kPercent:
      break;
  }
  if (options.line_rate_bps == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "rate \"", rate, "\": the speed of this port is not known; name a rate in pps or bps"));
  }
  return asked.value / 100 * static_cast<double>(options.line_rate_bps) / l1_bits;
}

void SetLimits(const core::Scenario& scenario, const PlanOptions& options, Plan& plan) {
  plan.duration = options.duration.value_or(scenario.duration);
  plan.packets = options.packets.value_or(scenario.packets.value_or(UINT64_MAX));
}

}  // namespace

absl::StatusOr<Plan> MakePlan(const core::Scenario& scenario, const PlanOptions& options) {
  SPATE_ASSIGN_OR_RETURN(Plan plan, Flatten(scenario, {.seed = options.seed, .scale = 1}));
  SetLimits(scenario, options, plan);
  SPATE_ASSIGN_OR_RETURN(Load load, LoadOf(scenario, plan));
  const std::string rate = options.rate.empty() ? scenario.rate : options.rate;
  if (!rate.empty()) {
    if (load.pps <= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("rate \"", rate,
                       "\": the template's packets take no time, so there is nothing to scale"));
    }
    SPATE_ASSIGN_OR_RETURN(const double pps, AskedPps(options, plan.link, rate, load.frame));
    SPATE_ASSIGN_OR_RETURN(plan,
                           Flatten(scenario, {.seed = options.seed, .scale = load.pps / pps}));
    SetLimits(scenario, options, plan);
    // A template's own duration is a stretch of its own time; --duration is one of the clock.
    if (!options.duration.has_value() && plan.duration != Picos::Max()) {
      plan.duration = Picos::FromSeconds(plan.duration.seconds() * plan.scale);
    }
    load.pps = pps;
  }
  plan.mean_pps = load.pps;
  plan.mean_frame = load.frame;
  return plan;
}

}  // namespace spate::engine
