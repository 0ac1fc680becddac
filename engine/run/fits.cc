#include "engine/run/fits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "engine/port/port.h"

namespace spate::engine {
namespace {

std::string NameOf(const Port& port) { return absl::StrCat("port ", std::string(port.name())); }

absl::Status CheckPort(const Plan& plan, const Wiring& wiring, uint32_t index) {
  const Port& port = *wiring.ports[index];
  if (plan.link != port.link()) {
    return absl::InvalidArgumentError(
        absl::StrCat(NameOf(port), ": found ", packet::LinkName(plan.link), " frames, expected ",
                     packet::LinkName(port.link()), " frames"));
  }
  const uint32_t longest = LongestMessage(plan, wiring, index);
  if (longest == core::kNone) return absl::OkStatus();
  const uint32_t length = plan.messages[longest].length;
  if (port.max_frame() == 0 || length <= port.max_frame()) return absl::OkStatus();
  const uint32_t fcs = packet::FramingOf(plan.link).fcs_bytes;
  return absl::InvalidArgumentError(
      absl::StrCat("message \"", plan.message_names[longest], "\" makes frames of ", length + fcs,
                   " bytes with FCS, ", NameOf(port), " carries at most ", port.max_frame() + fcs,
                   " (its MTU)"));
}

absl::Status CheckEnds(const Plan& plan, const Port& port) {
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
  return absl::InvalidArgumentError(
      absl::StrCat("the template has no end and ", NameOf(port),
                   " takes packets as fast as they come: name a --duration or a number of "
                   "--packets"));
}

absl::Status CheckRoom(const Plan& plan, const Wiring& wiring, uint32_t index, uint32_t room) {
  const uint32_t longest = LongestMessage(plan, wiring, index);
  if (longest == core::kNone || plan.messages[longest].length <= room) return absl::OkStatus();
  const uint32_t fcs = packet::FramingOf(plan.link).fcs_bytes;
  return absl::InvalidArgumentError(absl::StrCat(
      "message \"", plan.message_names[longest], "\" makes frames of ",
      plan.messages[longest].length + fcs, " bytes with FCS, ", NameOf(*wiring.ports[index]),
      " was opened for frames of ", room + fcs, " bytes at most: start the run anew"));
}

}  // namespace

absl::Status CheckFits(const Plan& plan, const Wiring& wiring) {
  for (uint32_t i = 0; i < wiring.ports.size(); ++i) {
    SPATE_RETURN_IF_ERROR(CheckPort(plan, wiring, i));
    SPATE_RETURN_IF_ERROR(CheckEnds(plan, *wiring.ports[i]));
  }
  return absl::OkStatus();
}

std::string WhyNotPrefilled(const Plan& plan, const Wiring& wiring) {
  const std::string changes = engine::WhyNotPrefilled(plan);
  if (!changes.empty()) return changes;
  for (const Port* port : wiring.ports) {
    if (port->keeps_frames()) continue;
    return absl::StrCat(NameOf(*port), " does not give back the frames that were written for it");
  }
  return "";
}

absl::StatusOr<Mode> ModeOfNext(const Plan& plan, const Wiring& wiring, Mode asked, bool pipeline,
                                const std::vector<uint32_t>& frame_room) {
  for (uint32_t i = 0; i < wiring.ports.size(); ++i) {
    SPATE_RETURN_IF_ERROR(CheckRoom(plan, wiring, i, frame_room[i]));
  }
  if (pipeline) return Mode::kPipeline;
  if (asked == Mode::kRunToCompletion) return asked;
  const std::string why_not = WhyNotPrefilled(plan, wiring);
  if (why_not.empty()) return Mode::kPrefilled;
  if (asked != Mode::kPrefilled) return Mode::kRunToCompletion;
  return absl::InvalidArgumentError(absl::StrCat("mode prefilled: ", why_not));
}

}  // namespace spate::engine
