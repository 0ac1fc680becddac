#include "cli/template_output.h"

#include <unistd.h>

#include <cstdint>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "capture/output_file.h"
#include "report/terminal.h"
#include "template/node.h"
#include "template/template.h"

namespace spate::cli {

void TemplateOutput::AddOptions(Options& options) {
  options.Add(path, {.names = "-o,--output",
                     .type = "FILE",
                     .help = "template to write (default: standard output)"});
  options.AddFlag(force, "--force", "overwrite it if it exists");
}

absl::Status TemplateOutput::Check() const {
  if (path.empty()) return absl::OkStatus();
  std::error_code ignored;
  if (!force && std::filesystem::is_regular_file(path, ignored)) {
    return absl::AlreadyExistsError(absl::StrCat(path, ": exists; --force overwrites it"));
  }
  // Made and discarded again: it shows what making it needs.
  return capture::OutputFile::Create(path).status();
}

absl::Status TemplateOutput::Write(const tmpl::Template& made) const {
  return Write(tmpl::IsYamlName(path) ? tmpl::PrintYaml(made) : tmpl::Print(made));
}

absl::Status TemplateOutput::Write(const std::string& text) const {
  if (path.empty()) {
    report::WriteAll(STDOUT_FILENO, text);
    return absl::OkStatus();
  }
  SPATE_ASSIGN_OR_RETURN(const auto file, capture::OutputFile::Create(path));
  SPATE_RETURN_IF_ERROR(file->Append({reinterpret_cast<const uint8_t*>(text.data()), text.size()}));
  return file->Commit();
}

}  // namespace spate::cli
