#include "engine/run/run.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "engine/port/port.h"
#include "engine/run/layout.h"
#include "engine/run/session.h"

namespace spate::engine {
namespace {

// The longest message that leaves by port `index` of the wiring fits it.
absl::Status CheckFits(const Plan& plan, const Wiring& wiring, uint32_t index) {
  const Port& port = *wiring.ports[index];
  if (plan.link != port.link()) {
    return absl::InvalidArgumentError(
        absl::StrCat("port ", std::string(port.name()), ": found ", packet::LinkName(plan.link),
                     " frames, expected ", packet::LinkName(port.link()), " frames"));
  }
  const uint32_t longest = LongestMessage(plan, wiring, index);
  if (longest == core::kNone) return absl::OkStatus();
  const uint32_t length = plan.messages[longest].length;
  if (port.max_frame() == 0 || length <= port.max_frame()) return absl::OkStatus();
  const uint32_t fcs = packet::FramingOf(plan.link).fcs_bytes;
  return absl::InvalidArgumentError(
      absl::StrCat("message \"", plan.message_names[longest], "\" makes frames of ", length + fcs,
                   " bytes with FCS, port ", std::string(port.name()), " carries at most ",
                   port.max_frame() + fcs, " (its MTU)"));
}

std::string WhyNotPrefilled(const Plan& plan, const Wiring& wiring) {
  const std::string changes = engine::WhyNotPrefilled(plan);
  if (!changes.empty()) return changes;
  for (const Port* port : wiring.ports) {
    if (port->keeps_frames()) continue;
    return absl::StrCat("port ", std::string(port->name()),
                        " does not give back the frames that were written for it");
  }
  return "";
}

absl::Status CheckEnds(const Plan& plan, const RunOptions& options, const Port& port) {
  if (!port.virtual_time() || plan.duration != Picos::Max() || plan.packets != UINT64_MAX) {
    return absl::OkStatus();
  }
  const bool ends = std::ranges::all_of(plan.flows, [&](const FlowPlan& flow) {
    const bool scheduled = flow.map != core::kNone && plan.maps[flow.map].ends();
    const bool counted = flow.passes > 0 && flow.passes != UINT64_MAX;
    const bool listed = flow.clock.kind == core::Clock::Kind::kList;
    const bool replaced = plan.groups[flow.group].identity != core::kNone;
    return !replaced && (counted || listed || flow.packets > 0 || scheduled);
  });
  if (ends) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the template has no end and port ", std::string(port.name()),
      " takes packets as fast as they come: name a --duration or a number of --packets"));
}

}  // namespace

absl::StatusOr<RunResult> Run(const Plan& plan, const RunOptions& options, const Wiring& wiring,
                              const std::atomic<bool>& interrupt, const ProgressFn& progress) {
  for (uint32_t i = 0; i < wiring.ports.size(); ++i) {
    SPATE_RETURN_IF_ERROR(CheckFits(plan, wiring, i));
    SPATE_RETURN_IF_ERROR(CheckEnds(plan, options, *wiring.ports[i]));
  }
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
