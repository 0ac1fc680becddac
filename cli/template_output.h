// Where a command puts the template that it made: a file, whole or not at all, or standard output.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "cli/options.h"
#include "template/surface.h"

namespace spate::cli {

struct TemplateOutput {
  std::string path;    // "": standard output
  bool force = false;  // over a file that exists

  // -o and --force.
  void AddOptions(Options& options);

  // Whether Write can succeed, asked before the work begins.
  absl::Status Check() const;

  // As YAML where the file is named .yaml or .yml.
  absl::Status Write(const tmpl::Template& made) const;
  absl::Status Write(const std::string& text) const;
};

}  // namespace spate::cli
