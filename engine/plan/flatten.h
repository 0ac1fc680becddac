// Core → plan, in four steps of one file each: laws and draws, flow programs, messages,
// timers.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/plan/plan.h"
#include "template/core.h"

namespace spate::engine {

struct FlattenOptions {
  uint64_t seed = 1;
  double scale = 1;  // all times are multiplied by it
};

absl::StatusOr<Plan> Flatten(const core::Scenario& scenario, const FlattenOptions& options);

// The steps. Each appends to `plan` and reads what the earlier ones left there.
// `is_time[i]`: law i yields picoseconds and is to be scaled.
absl::Status FlattenDraws(const core::Scenario& scenario, double scale,
                          const std::vector<bool>& is_time, Plan& plan);
absl::Status FlattenFlows(const core::Scenario& scenario, const FlattenOptions& options,
                          Plan& plan);
absl::Status FlattenMessages(const core::Scenario& scenario, Plan& plan);
void FlattenTimers(const core::Scenario& scenario, double scale, Plan& plan);

}  // namespace spate::engine
