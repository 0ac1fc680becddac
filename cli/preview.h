// The first packets of a plan, decoded: made by the engine itself on a port in memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/plan/plan.h"

namespace spate::cli {

struct PreviewRow {
  uint64_t number = 0;  // from 1
  int64_t due_ps = 0;
  uint32_t bytes = 0;  // with FCS
  std::string source, destination, protocol;
  std::string info;  // the message's label, else what the headers say
};

// As many rows as the plan has packets; the caller sets Plan::packets.
absl::StatusOr<std::vector<PreviewRow>> Preview(const engine::Plan& plan);

}  // namespace spate::cli
