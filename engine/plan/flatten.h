// Core → plan, in six steps of one file each: laws and draws, flow programs, messages, their
// shapes, timers, beats.
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
  double scale = 1;  // all times of flows that may be scaled are multiplied by it
  bool maps = true;  // false: clocks run at their own speed throughout
};

absl::StatusOr<Plan> Flatten(const core::Scenario& scenario, const FlattenOptions& options);

// The steps. Each appends to `plan` and reads what the earlier ones left there.
// `scales[i]`: what the outcomes of law i are multiplied by.
absl::Status FlattenDraws(const core::Scenario& scenario, const std::vector<double>& scales,
                          Plan& plan);
absl::Status FlattenFlows(const core::Scenario& scenario, const FlattenOptions& options,
                          Plan& plan);
absl::Status FlattenMessages(const core::Scenario& scenario, Plan& plan);
void FlattenShapes(Plan& plan);
void FlattenTimers(const core::Scenario& scenario, Plan& plan);
void FlattenBeats(Plan& plan);

}  // namespace spate::engine
