#include "engine/run/run.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/status.h"
#include "engine/port/port.h"
#include "engine/run/fits.h"
#include "engine/run/layout.h"
#include "engine/run/session.h"

namespace spate::engine {
namespace {

// Files take a trace as fast as they can, others in its time: there is no moment at which a plan
// could end for both.
absl::Status CheckReplaceable(const RunOptions& options, const Wiring& wiring) {
  const auto is_virtual = [](const Port* port) { return port->virtual_time(); };
  if (!options.replacement || std::ranges::all_of(wiring.ports, is_virtual) ||
      std::ranges::none_of(wiring.ports, is_virtual)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "a run whose plan may change cannot send to files and to other ports at a time");
}

}  // namespace

absl::StatusOr<RunResult> Run(const Plan& plan, const RunOptions& options, const Wiring& wiring,
                              const std::atomic<bool>& interrupt, const ProgressFn& progress) {
  SPATE_RETURN_IF_ERROR(CheckFits(plan, wiring));
  SPATE_RETURN_IF_ERROR(CheckReplaceable(options, wiring));
  std::vector<int> nodes;
  for (const Port* const port : wiring.ports) nodes.push_back(port->numa_node());
  SPATE_ASSIGN_OR_RETURN(Layout layout, PlanLayout(options, nodes, !wiring.receivers.empty(),
                                                   WhyNotPrefilled(plan, wiring)));
  Session session(plan, options, std::move(layout), wiring);
  SPATE_RETURN_IF_ERROR(session.Open());
  return session.Run(interrupt, progress);
}

absl::StatusOr<RunResult> RunOn(const Plan& plan, const RunOptions& options, Port& port,
                                const std::atomic<bool>& interrupt, const ProgressFn& progress) {
  const Wiring wiring{.ports = {&port}, .port_of = std::vector<uint32_t>(plan.ports.size(), 0)};
  return Run(plan, options, wiring, interrupt, progress);
}

}  // namespace spate::engine
