// The template that a command works on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"
#include "engine/make_plan.h"
#include "template/template.h"

namespace spate::cli {

struct TemplateInput {
  tmpl::Template source;
  core::Scenario scenario;
};

// Reads and compiles `path` with the assignments of --set and the speed of --line ("": none); what
// is wrong with it is added to `faults`, or is the status where the file cannot be read.
absl::StatusOr<TemplateInput> ReadTemplate(const std::string& path,
                                           const std::vector<std::string>& assignments,
                                           std::vector<tmpl::Fault>& faults,
                                           const std::string& line = "");

// The same for a template made by a program.
std::optional<TemplateInput> CompileTemplate(tmpl::Template source);

// The same; says what is wrong on standard error.
std::optional<TemplateInput> LoadTemplate(const std::string& path,
                                          const std::vector<std::string>& assignments,
                                          const std::string& line = "");

// --line RATE
void AddLineOption(Options& options, std::string& line);

// The scenario becomes one of which the template's observer sees what it lets. For runs into files.
absl::Status Observe(TemplateInput& input, std::vector<tmpl::Fault>& faults);
// The same; says what is wrong on standard error.
bool Observe(TemplateInput& input);

// --set name=value, as often as wanted.
void AddSetOption(Options& options, std::vector<std::string>& assignments);

// "office.json" of "configs/office.json" where the template has no name of its own.
std::string DisplayName(const tmpl::Template& source);

}  // namespace spate::cli
