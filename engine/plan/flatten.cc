#include "engine/plan/flatten.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "engine/plan/limits.h"

namespace spate::engine {
namespace {

absl::Status CheckLimits(const core::Scenario& scenario) {
  if (scenario.messages.size() > kMaxMessages) {
    return absl::InvalidArgumentError(absl::StrCat("the template has ", scenario.messages.size(),
                                                   " messages, at most ", kMaxMessages,
                                                   " fit into a plan"));
  }
  for (const core::Group& group : scenario.groups) {
    if (group.count > kMaxInstances) {
      return absl::InvalidArgumentError(absl::StrCat("group \"", group.name, "\" has ", group.count,
                                                     " instances, at most ", kMaxInstances,
                                                     " are possible"));
    }
  }
  uint64_t words = 0;
  for (const core::Law& law : scenario.laws) words += 3 * law.values.size();
  for (const core::Column& column : scenario.columns) words += column.values.size();
  if (words > kMaxTableWords) {
    return absl::InvalidArgumentError(absl::StrCat("the template's tables hold ", words,
                                                   " entries, at most ", kMaxTableWords, " fit"));
  }
  return absl::OkStatus();
}

// Laws read by clocks and waits yield times, each of one flow.
std::vector<double> ScalesOf(const core::Scenario& scenario, double scale) {
  std::vector<double> scales(scenario.laws.size(), 1);
  for (const core::Flow& flow : scenario.flows) {
    const auto mark = [&](uint32_t draw) {
      if (draw != core::kNone && flow.scale) scales[scenario.draws[draw].law] = scale;
    };
    mark(flow.start);
    mark(flow.clock.gap);
    mark(flow.clock.jitter);
    mark(flow.clock.times);
    mark(flow.clock.on);
    mark(flow.clock.off);
    mark(flow.phase);
    mark(scenario.groups[flow.group].arrival);
    for (const core::Clock& variant : flow.variants) mark(variant.gap);
    if (flow.impairment) mark(flow.impairment->delay);
    for (const core::Op& op : flow.ops) {
      if (op.code == core::OpCode::kWait || op.code == core::OpCode::kWaitUntil) mark(op.a);
    }
  }
  return scales;
}

}  // namespace

absl::StatusOr<Plan> Flatten(const core::Scenario& scenario, const FlattenOptions& options) {
  SPATE_RETURN_IF_ERROR(CheckLimits(scenario));
  Plan plan;
  plan.name = scenario.name;
  plan.seed = options.seed;
  plan.link = scenario.link;
  plan.view = scenario.view;
  plan.tracks = scenario.tracks;
  plan.scale = options.scale;
  plan.ports = scenario.ports;
  SPATE_RETURN_IF_ERROR(FlattenDraws(scenario, ScalesOf(scenario, options.scale), plan));
  SPATE_RETURN_IF_ERROR(FlattenFlows(scenario, options, plan));
  SPATE_RETURN_IF_ERROR(FlattenMessages(scenario, plan));
  FlattenShapes(plan);
  FlattenTimers(scenario, plan);
  FlattenBeats(plan);
  return plan;
}

}  // namespace spate::engine
