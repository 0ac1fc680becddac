// From core to plan: the engine's front door.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/units.h"
#include "engine/plan/plan.h"
#include "template/core.h"

namespace spate::engine {

struct PlanOptions {
  uint64_t seed = 1;
  std::string rate;            // "": the template's own; "10mpps", "1gbps", "1gbpsl1", "50%"
  uint64_t line_rate_bps = 0;  // what "%" refers to
  std::optional<Picos> duration;
  std::optional<uint64_t> packets;
};

// Flattens the scenario, with times scaled to the asked rate. Errors: more than the limits of
// engine/plan/limits.h, a rate that cannot be read, a rate for a template that sends nothing.
absl::StatusOr<Plan> MakePlan(const core::Scenario& scenario, const PlanOptions& options = {});

}  // namespace spate::engine
