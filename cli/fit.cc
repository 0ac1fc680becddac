// spate fit: a template from a capture, without a model.
#include "generator/fit/fit.h"

#include <unistd.h>

#include <memory>
#include <string>

#include "base/status.h"
#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/sample_table.h"
#include "cli/template_output.h"
#include "generator/sample/sample.h"

namespace spate::cli {
namespace {

constexpr char kFitExamples[] =
    "Examples:\n"
    "  spate fit office.pcapng -o office.json\n"
    "  spate fit office.pcapng | less\n"
    "\n"
    "A run of the template for its own duration has the sample's packets and bytes, service by\n"
    "service; `spate score` compares them.";

struct FitArguments {
  std::string sample;
  std::string name;
  TemplateOutput output;
};

absl::Status FitTemplate(const FitArguments& args) {
  SPATE_RETURN_IF_ERROR(args.output.Check());
  SPATE_ASSIGN_OR_RETURN(const generator::Sample sample, generator::ReadSample(args.sample));
  generator::FitOptions options;
  options.name = args.name;
  SPATE_ASSIGN_OR_RETURN(const tmpl::Template made, generator::Fit(sample, options));
  SPATE_RETURN_IF_ERROR(args.output.Write(made));
  const report::Terminal terminal = report::Terminal::Of(STDERR_FILENO);
  report::WriteAll(terminal.fd, SampleTable(sample, made, terminal));
  return absl::OkStatus();
}

Action DeclareFit(Options& options) {
  auto args = std::make_shared<FitArguments>();
  options.Add(
      args->sample,
      {.names = "SAMPLE", .type = "", .help = "capture to read, pcap or pcapng", .required = true});
  options.Add(
      args->name,
      {.names = "--name", .type = "NAME", .help = "name of the template (default: the sample's)"});
  args->output.AddOptions(options);
  return [args] {
    const absl::Status status = FitTemplate(*args);
    return status.ok() ? kDone : Fail(status);
  };
}

}  // namespace

constexpr Command kFitCommand = {"fit", "write a template from a capture", kFitExamples,
                                 DeclareFit};

}  // namespace spate::cli
