#include "cli/run_plan.h"

#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "cli/values.h"
#include "engine/make_plan.h"
#include "engine/port/port.h"
#include "template/quantity.h"

namespace spate::cli {
namespace {

class FileList {
 public:
  explicit FileList(const std::string& file) : own_(file) { files_.insert(file); }

  void Add(const tmpl::Place& place) {
    if (!place.file.empty()) files_.insert(place.file);
  }
  template <class T>
  void AddPlaces(const tmpl::Named<T>& named) {
    for (const auto& [name, thing] : named) Add(thing.place);
  }
  void AddCaptures(const tmpl::Named<tmpl::Flow>& flows) {
    for (const auto& [name, flow] : flows) {
      if (!flow.capture) continue;
      const std::string& from = flow.capture->place.file;
      const auto directory = std::filesystem::path(from.empty() ? own_ : from).parent_path();
      for (const std::string& file : flow.capture->files) files_.insert(directory / file);
    }
  }
  std::vector<std::string> Files() const { return {files_.begin(), files_.end()}; }

 private:
  const std::string own_;
  std::set<std::string> files_;
};

absl::StatusOr<engine::Replacement> Replace(const RunArguments& args, const Opened& opened,
                                            TemplateInput& input, Recompiled& made) {
  if (AllVirtual(opened.wiring)) SPATE_RETURN_IF_ERROR(Observe(input, made.faults));
  const core::View& view = input.scenario.view;
  const bool same =
      view.from_first == opened.view.from_first && view.resolution == opened.view.resolution;
  if (AllVirtual(opened.wiring) && !same) {
    return absl::InvalidArgumentError(
        "\"observer\": its clock is not the one with which the file was opened: start the run "
        "anew");
  }
  SPATE_ASSIGN_OR_RETURN(const engine::PortBinding binding,
                         engine::BindPorts(args.ports, input.scenario.ports));
  engine::Replacement next;
  SPATE_ASSIGN_OR_RETURN(next.port_of, engine::Rebind(opened.specs, binding));
  SPATE_ASSIGN_OR_RETURN(engine::Plan plan, PlanRun(args, input.scenario, opened.wiring));
  next.plan = std::make_unique<engine::Plan>(std::move(plan));
  return next;
}

}  // namespace

absl::StatusOr<engine::Plan> PlanRun(const RunArguments& args, const core::Scenario& scenario,
                                     const engine::Wiring& wiring) {
  engine::PlanOptions options;
  options.seed = args.seed;
  options.line_rate_bps = LineRate(wiring);
  if (!args.unpaced()) options.rate = args.rate;
  if (!args.duration.empty() && !args.ends_by_clock(wiring)) {
    SPATE_ASSIGN_OR_RETURN(const double seconds, tmpl::ParseDuration(args.duration));
    options.duration = Picos::FromSeconds(seconds);
  }
  if (!args.packets.empty()) {
    SPATE_ASSIGN_OR_RETURN(options.packets, ParseCount(args.packets));
  }
  return engine::MakePlan(scenario, options);
}

std::vector<std::string> FilesOf(const tmpl::Template& source) {
  FileList list(source.file);
  list.AddPlaces(source.hosts);
  list.AddPlaces(source.tables);
  list.AddPlaces(source.draws);
  list.AddPlaces(source.messages);
  list.AddPlaces(source.groups);
  list.AddPlaces(source.flows);
  list.AddCaptures(source.flows);
  for (const auto& [name, group] : source.groups) list.AddCaptures(group.flows);
  return list.Files();
}

Recompiled PlanAnew(const RunArguments& args, const Opened& opened) {
  Recompiled made;
  auto input = ReadTemplate(args.watched(), args.set, made.faults, args.line);
  if (!input.ok()) {
    made.status = input.status();
    return made;
  }
  made.name = DisplayName(input->source);
  made.files = FilesOf(input->source);
  auto next = Replace(args, opened, *input, made);
  made.status = next.status();
  if (next.ok()) made.next = *std::move(next);
  return made;
}

}  // namespace spate::cli
