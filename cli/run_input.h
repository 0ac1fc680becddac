// What `spate run` does with a template once it is there, for commands that make their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/open_ports.h"
#include "cli/options.h"
#include "cli/template_input.h"
#include "engine/run/run.h"

namespace spate::cli {

struct RunArguments {
  std::vector<std::string> templates;
  std::vector<std::string> set;
  std::vector<std::string> ports, rx;
  std::string rate, duration, packets, lcores, line;
  std::string late = "shift";
  std::string mode = "auto";
  std::string departure = "auto";
  uint64_t seed = 1;
  int gen = engine::RunOptions::kAuto;
  int emit = engine::RunOptions::kAuto;
  bool json = false;
  bool quiet = false;
  std::optional<std::string> watch;  // the file whose changes count; "": the template

  // The file that is read anew when it is saved.
  const std::string& watched() const {
    return watch.has_value() && !watch->empty() ? *watch : templates.front();
  }
  bool unpaced() const { return rate == "max"; }
  // A device may send each packet at its time by itself.
  bool device_time() const { return departure == "auto" && !unpaced(); }
  // Without waiting, the trace's time means nothing to a user: --duration is the clock's.
  bool ends_by_clock(const engine::Wiring& wiring) const {
    return unpaced() && !duration.empty() && !AllVirtual(wiring);
  }
};

// Options of every command that runs something: ports, duration, seed, lcores, output.
void AddRunOptions(Options& options, RunArguments& args);

// Runs and tells; returns an exit code.
int RunInput(const RunArguments& args, TemplateInput& input);

}  // namespace spate::cli
