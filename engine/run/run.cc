#include "engine/run/run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "engine/port/port.h"
#include "engine/run/layout.h"
#include "engine/run/session.h"

namespace spate::engine {
namespace {

absl::Status CheckFits(const Plan& plan, const Port& port) {
  if (plan.link != port.link()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "port ", std::string(port.name()), " carries link type ", static_cast<int>(port.link()),
        ", the template makes frames of link type ", static_cast<int>(plan.link)));
  }
  if (port.max_frame() == 0 || plan.max_frame <= port.max_frame()) return absl::OkStatus();
  const auto longest = std::ranges::find(plan.messages, plan.max_frame, &MessagePlan::length);
  return absl::InvalidArgumentError(absl::StrCat(
      "message \"", plan.message_names[static_cast<size_t>(longest - plan.messages.begin())],
      "\" makes frames of ", plan.max_frame + packet::FramingOf(plan.link).fcs_bytes,
      " bytes with FCS, port ", std::string(port.name()), " carries at most ",
      port.max_frame() + packet::FramingOf(plan.link).fcs_bytes, " (its MTU)"));
}

std::string WhyNotPrefilled(const Plan& plan, const Port& port) {
  const std::string changes = engine::WhyNotPrefilled(plan);
  if (!changes.empty() || port.keeps_frames()) return changes;
  return absl::StrCat("port ", std::string(port.name()),
                      " does not give back the frames that were written for it");
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

absl::StatusOr<RunResult> Run(const Plan& plan, const RunOptions& options,
                              const std::atomic<bool>& interrupt, const ProgressFn& progress) {
  if (options.ports.size() != 1) {
    return absl::UnimplementedError(
        absl::StrCat("one port a run, ", options.ports.size(), " were named"));
  }
  SPATE_ASSIGN_OR_RETURN(const std::unique_ptr<Port> port,
                         OpenPort(options.ports.front(),
                                  {.link = plan.link, .keys = KeysOf(plan), .view = plan.view}));
  return RunOn(plan, options, *port, interrupt, progress);
}

absl::StatusOr<RunResult> RunOn(const Plan& plan, const RunOptions& options, Port& port,
                                const std::atomic<bool>& interrupt, const ProgressFn& progress) {
  SPATE_RETURN_IF_ERROR(CheckFits(plan, port));
  SPATE_RETURN_IF_ERROR(CheckEnds(plan, options, port));
  SPATE_ASSIGN_OR_RETURN(Layout layout, PlanLayout(options, WhyNotPrefilled(plan, port)));
  Session session(plan, options, std::move(layout), port);
  SPATE_RETURN_IF_ERROR(session.Open());
  return session.Run(interrupt, progress);
}

}  // namespace spate::engine
