// spate fmt: a template in canonical JSON or YAML.
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/template_output.h"
#include "template/node.h"
#include "template/template.h"

namespace spate::cli {
namespace {

constexpr char kFmtExamples[] =
    "Examples:\n"
    "  spate fmt office.json -o office.json --force   tidied in place\n"
    "  spate fmt office.json --yaml                   for people\n"
    "  spate fmt office.yaml -o office.json           the form is that of the file's name\n"
    "\n"
    "Params, inclusions and the order of keys stay. Comments are not kept, and aliases of YAML\n"
    "are written out.";

struct FmtArguments {
  std::string file;
  bool yaml = false, json = false;
  TemplateOutput output;

  bool as_yaml() const {
    return yaml || (!json && tmpl::IsYamlName(output.path.empty() ? file : output.path));
  }
};

absl::Status Format(const FmtArguments& args, std::vector<tmpl::Fault>& faults) {
  SPATE_RETURN_IF_ERROR(args.output.Check());
  SPATE_ASSIGN_OR_RETURN(const std::string text,
                         tmpl::Reformat(args.file, args.as_yaml(), &faults));
  return args.output.Write(text);
}

int FormatFile(const FmtArguments& args) {
  if (args.yaml && args.json) {
    Error("one of --yaml and --json at a time");
    return kWrongUsage;
  }
  std::vector<tmpl::Fault> faults;
  const absl::Status status = Format(args, faults);
  if (status.ok()) return kDone;
  return faults.empty() ? Fail(status) : FailWithFaults(args.file, faults);
}

Action DeclareFmt(Options& options) {
  auto args = std::make_shared<FmtArguments>();
  options.Add(args->file,
              {.names = "TEMPLATE", .type = "", .help = "template to format", .required = true});
  options.AddFlag(args->yaml, "--yaml", "as YAML, whatever the file's name");
  options.AddFlag(args->json, "--json", "as JSON, whatever the file's name");
  args->output.AddOptions(options);
  return [args] { return FormatFile(*args); };
}

}  // namespace

constexpr Command kFmtCommand = {"fmt", "write a template in canonical JSON or YAML", kFmtExamples,
                                 DeclareFmt};

}  // namespace spate::cli
