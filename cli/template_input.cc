#include "cli/template_input.h"

#include <filesystem>

#include "base/status.h"
#include "cli/diagnostics.h"
#include "cli/values.h"

namespace spate::cli {

absl::StatusOr<TemplateInput> ReadTemplate(const std::string& path,
                                           const std::vector<std::string>& assignments,
                                           std::vector<tmpl::Fault>& faults,
                                           const std::string& line) {
  tmpl::ReadOptions options;
  for (const std::string& assignment : assignments) {
    SPATE_ASSIGN_OR_RETURN(options.set.emplace_back(), ParseAssignment(assignment));
  }
  TemplateInput input;
  SPATE_ASSIGN_OR_RETURN(input.source, tmpl::ReadFile(path, options, &faults));
  if (!line.empty()) input.source.line = line;
  SPATE_ASSIGN_OR_RETURN(input.scenario, tmpl::Compile(input.source, &faults));
  if (input.source.observer) {
    SPATE_RETURN_IF_ERROR(tmpl::Compile(input.source, &faults, /*observed=*/true).status());
  }
  return input;
}

std::optional<TemplateInput> LoadTemplate(const std::string& path,
                                          const std::vector<std::string>& assignments,
                                          const std::string& line) {
  std::vector<tmpl::Fault> faults;
  absl::StatusOr<TemplateInput> input = ReadTemplate(path, assignments, faults, line);
  if (input.ok()) return *std::move(input);
  if (faults.empty()) {
    Fail(input.status());
  } else {
    FailWithFaults(path, faults);
  }
  return std::nullopt;
}

absl::Status Observe(TemplateInput& input, std::vector<tmpl::Fault>& faults) {
  if (!input.source.observer) return absl::OkStatus();
  SPATE_ASSIGN_OR_RETURN(input.scenario, tmpl::Compile(input.source, &faults, /*observed=*/true));
  return absl::OkStatus();
}

bool Observe(TemplateInput& input) {
  std::vector<tmpl::Fault> faults;
  const bool done = Observe(input, faults).ok();
  if (!done) FailWithFaults(input.source.file, faults);
  return done;
}

std::optional<TemplateInput> CompileTemplate(tmpl::Template source) {
  TemplateInput input;
  input.source = std::move(source);
  std::vector<tmpl::Fault> faults;
  auto scenario = tmpl::Compile(input.source, &faults);
  if (!scenario.ok()) {
    Fail(scenario.status());
    return std::nullopt;
  }
  input.scenario = *std::move(scenario);
  return input;
}

void AddLineOption(Options& options, std::string& line) {
  options.Add(line, {.names = "--line",
                     .type = "RATE",
                     .help = "speed of the line that \"%\" is a share of, such as 10gbps",
                     .check = CheckRate});
}

void AddSetOption(Options& options, std::vector<std::string>& assignments) {
  options.Add(assignments, {.names = "--set",
                            .type = "NAME=VALUE",
                            .help = "give a parameter of the template another value",
                            .check = CheckAssignment});
}

std::string DisplayName(const tmpl::Template& source) {
  return source.name.empty() ? std::filesystem::path(source.file).filename().string() : source.name;
}

}  // namespace spate::cli
