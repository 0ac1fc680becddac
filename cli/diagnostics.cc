#include "cli/diagnostics.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/text.h"
#include "cli/command.h"
#include "report/table.h"
#include "report/terminal.h"

namespace spate::cli {

void Error(std::string_view message) {
  const report::Terminal terminal = report::Terminal::Of(STDERR_FILENO);
  std::string text;
  for (absl::string_view line : absl::StrSplit(AsAbsl(message), '\n', absl::SkipEmpty())) {
    absl::StrAppend(&text, "spate: ", AsAbsl(terminal.red()), "error:", AsAbsl(terminal.plain()),
                    " ", report::Printable(AsStd(line)), "\n");
  }
  report::WriteAll(terminal.fd, text);
}

void Note(std::string_view message) {
  report::WriteAll(STDERR_FILENO, absl::StrCat("spate: ", report::Printable(message), "\n"));
}

int Fail(const absl::Status& status) {
  Error(AsStd(status.message()));
  return kFailed;
}

int FailWithFaults(const std::string& file, const std::vector<tmpl::Fault>& faults) {
  std::string text;
  for (const tmpl::Fault& fault : faults) {
    absl::StrAppend(&text, report::Printable(fault.Format()), "\n");
  }
  report::WriteAll(STDERR_FILENO, text);
  Error(absl::StrCat(faults.size(), faults.size() == 1 ? " fault in " : " faults in ", file));
  return kFailed;
}

}  // namespace spate::cli
