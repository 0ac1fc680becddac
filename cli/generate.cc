// spate generate: a template from a capture, its structure written by a language model.
#include "generator/generate.h"

#include <unistd.h>

#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/interrupt.h"
#include "cli/sample_table.h"
#include "cli/template_output.h"
#include "report/table.h"
#include "report/units.h"

namespace spate::cli {
namespace {

constexpr char kGenerateExamples[] =
    "Examples:\n"
    "  spate generate office.pcapng --model http://127.0.0.1:8089/v1 -o office.json\n"
    "  SPATE_MODEL=https://api.openai.com/v1 SPATE_MODEL_NAME=gpt-4.1 OPENAI_API_KEY=… \\\n"
    "    spate generate office.pcapng -o office.json --log requests.jsonl\n"
    "\n"
    "The model sees a digest of the sample, never its packets. Any server that speaks OpenAI's\n"
    "/chat/completions will do. The key comes from SPATE_API_KEY or OPENAI_API_KEY only.";

struct GenerateArguments {
  std::string sample;
  std::string url, model_name, log;
  int rounds = 3;
  int retries = 4;
  uint64_t seed = 1;
  TemplateOutput output;
};

// Progress: one line, rewritten in place on a terminal; elsewhere a line for each new text.
class Status {
 public:
  explicit Status(const report::Terminal& terminal) : terminal_(terminal) {}
  ~Status() { Clear(); }
  Status(const Status&) = delete;
  Status& operator=(const Status&) = delete;

  void Update(const generator::GenerateProgress& progress) {
    const std::string text = absl::StrCat(
        "spate: ", report::Printable(progress.text),
        progress.tokens > 0 ? absl::StrCat(" (", report::Count(progress.tokens), " tokens)") : "");
    if (terminal_.interactive) {
      Clear();
      report::WriteAll(terminal_.fd, std::string(report::Clip(text, terminal_.width() - 1)));
      shown_ = true;
    } else if (progress.text != last_) {
      report::WriteAll(terminal_.fd, text + "\n");
    }
    last_ = progress.text;
  }

 private:
  void Clear() {
    if (shown_) report::WriteAll(terminal_.fd, "\r\033[K");
    shown_ = false;
  }

  const report::Terminal terminal_;
  std::string last_;
  bool shown_ = false;
};

std::string Origins(const generator::GenerateResult& result) {
  report::Table table({{"Service"}, {"Structure by"}, {"Why"}});
  for (const generator::ServiceOrigin& origin : result.services) {
    const bool model = origin.author == generator::ServiceOrigin::Author::kModel;
    table.Add({origin.service, model ? "model" : "fit", origin.reason});
  }
  return table.Render();
}

void TellGenerate(const generator::GenerateResult& result) {
  for (const std::string& note : result.notes) Note(note);
  const char* const about = result.tokens_estimated ? "about " : "";
  Note(absl::StrCat(result.model, " (", result.dialect, "): ", about,
                    report::Count(result.prompt_tokens), " tokens in, ", about,
                    report::Count(result.answer_tokens), " out, ", result.rounds,
                    " rounds of corrections, ", report::Seconds(result.seconds)));
  report::WriteAll(STDERR_FILENO, Origins(result));
}

absl::Status GenerateTemplate(const GenerateArguments& args) {
  SPATE_RETURN_IF_ERROR(args.output.Check());
  SPATE_ASSIGN_OR_RETURN(const generator::Sample sample, generator::ReadSample(args.sample));
  generator::GenerateOptions options;
  options.endpoint.base_url = args.url;
  options.endpoint.model = args.model_name;
  options.endpoint = model::WithEnvironment(options.endpoint);
  options.rounds = args.rounds;
  options.limits.retries = static_cast<uint32_t>(args.retries);
  options.log_path = args.log;
  options.seed = args.seed;
  const report::Terminal terminal = report::Terminal::Of(STDERR_FILENO);
  absl::StatusOr<generator::GenerateResult> result;
  {
    Status status(terminal);
    const Interrupt interrupt;
    result = generator::Generate(
        sample, options, [&status](const auto& progress) { status.Update(progress); },
        &interrupt.flag());
  }
  SPATE_RETURN_IF_ERROR(result.status());
  SPATE_RETURN_IF_ERROR(args.output.Write(result->tmpl));
  TellGenerate(*result);
  report::WriteAll(terminal.fd, SampleTable(sample, result->tmpl, terminal));
  return absl::OkStatus();
}

std::string CheckUpTo10(const std::string& text) {
  int rounds = 0;
  const bool ok = absl::SimpleAtoi(text, &rounds) && rounds >= 0 && rounds <= 10;
  return ok ? "" : absl::StrCat("\"", text, "\" is no number from 0 to 10");
}

Action DeclareGenerate(Options& options) {
  auto args = std::make_shared<GenerateArguments>();
  options.Add(
      args->sample,
      {.names = "SAMPLE", .type = "", .help = "capture to read, pcap or pcapng", .required = true});
  options.Add(args->url, {.names = "--model",
                          .type = "URL",
                          .help = "base URL of the model's server",
                          .required = true,
                          .environment = "SPATE_MODEL"});
  options.Add(args->model_name, {.names = "--model-name",
                                 .type = "NAME",
                                 .help = "model to ask for (default: the server's first)",
                                 .environment = "SPATE_MODEL_NAME"});
  options.Add(args->rounds, {.names = "--rounds",
                             .type = "N",
                             .help = "how often faults go back to the model (default 3)",
                             .check = CheckUpTo10});
  options.Add(args->retries, {.names = "--retries",
                              .type = "N",
                              .help = "how often a request that failed is sent again (default 4)",
                              .check = CheckUpTo10});
  options.Add(args->seed,
              {.names = "--seed", .type = "N", .help = "passed to the model (default 1)"});
  options.Add(args->log, {.names = "--log",
                          .type = "FILE",
                          .help = "write all requests and answers to FILE, as JSON lines"});
  args->output.AddOptions(options);
  return [args] {
    const absl::Status status = GenerateTemplate(*args);
    return status.ok() ? kDone : Fail(status);
  };
}

}  // namespace

constexpr Command kGenerateCommand = {"generate", "let a language model write a template",
                                      kGenerateExamples, DeclareGenerate};

}  // namespace spate::cli
