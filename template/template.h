// The front door of the language: text → surface → check → core.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "template/core.h"
#include "template/fault.h"
#include "template/surface.h"

namespace spate::tmpl {

struct ReadOptions {
  std::vector<std::pair<std::string, std::string>> set;  // --set name=value, over `params`
};

// Reads a template; on failure the status (kInvalidArgument) lists every fault of the file, one a
// line, and `faults` (if given) holds them as data. A file that cannot be read gives its errno
// text.
absl::StatusOr<Template> ReadFile(const std::string& path, const ReadOptions& options = {},
                                  std::vector<Fault>* faults = nullptr);
absl::StatusOr<Template> Read(std::string_view text, const std::string& file,
                              const ReadOptions& options = {},
                              std::vector<Fault>* faults = nullptr);

// Checks what a single construct cannot know (undefined names, cycles, sizes, headers that cannot
// follow each other) and rewrites the surface into the core.
// `observed`: messages say with which probability the template's observer misses them; for where
// the trace is recorded.
absl::StatusOr<core::Scenario> Compile(const Template& t, std::vector<Fault>* faults = nullptr,
                                       bool observed = false);

// Canonical JSON, two spaces deep, short lists on one line. `full`: every default spelled out.
std::string Print(const Template& t, bool full = false);

std::string PrintYaml(const Template& t);

// The template file in canonical JSON or YAML, as it stands: params, inclusions and the order of
// keys stay, comments and aliases do not. Faults as in ReadFile.
absl::StatusOr<std::string> Reformat(const std::string& path, bool yaml,
                                     std::vector<Fault>* faults = nullptr);

// JSON Schema (draft 2020-12) of the language, as kept in configs/schema/template.schema.json.
std::string JsonSchema();

}  // namespace spate::tmpl
