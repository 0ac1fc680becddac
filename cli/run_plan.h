// The plans of a run: the one that it starts with, and those of its template when that is saved.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/run_input.h"
#include "engine/run/run.h"
#include "engine/run/wiring.h"
#include "template/core.h"
#include "template/fault.h"

namespace spate::cli {

absl::StatusOr<engine::Plan> PlanRun(const RunArguments& args, const core::Scenario& scenario,
                                     const engine::Wiring& wiring);

// The files that a template was read from: itself, those that it includes, and its captures.
std::vector<std::string> FilesOf(const tmpl::Template& source);

// What a run has opened, which stays as it is.
struct Opened {
  const engine::Wiring& wiring;
  std::vector<std::string> specs;  // of its ports
  core::View view;                 // of its files
};

// What became of a template that was saved.
struct Recompiled {
  absl::Status status;              // OK: there is a plan
  std::vector<tmpl::Fault> faults;  // of the template, where they are why there is none
  std::string name;                 // of the template, for people
  engine::Replacement next;
  std::vector<std::string> files;  // as FilesOf; empty: not known
};

// Reads, checks and compiles it with the options of the run, for the ports that are open. Also from
// another thread than that of the run.
Recompiled PlanAnew(const RunArguments& args, const Opened& opened);

}  // namespace spate::cli
