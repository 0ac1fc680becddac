// spate show: what a template would send, decoded; nothing leaves the machine.
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/preview.h"
#include "cli/template_input.h"
#include "cli/values.h"
#include "nlohmann/json.hpp"
#include "report/json.h"
#include "report/table.h"
#include "report/terminal.h"
#include "report/units.h"

namespace spate::cli {
namespace {

constexpr char kShowExamples[] =
    "Examples:\n"
    "  spate show office.json                  its first 20 packets\n"
    "  spate show office.json --packets 1000 --json\n"
    "  spate show office.json --full           the template with every default spelled out\n"
    "  spate show office.json --plan           what the engine made of it";

// Rows are kept in memory.
constexpr uint64_t kMostPackets = 1'000'000;

struct ShowArguments {
  std::string file;
  std::vector<std::string> set;
  std::string line;
  std::string packets = "20";
  uint64_t seed = 1;
  bool full = false, plan = false, json = false;
};

std::string ShowTableOf(const std::vector<PreviewRow>& rows) {
  using report::Align;
  const report::Terminal terminal = report::Terminal::Of(STDOUT_FILENO);
  report::Table table({{"No.", Align::kRight},
                       {"Time", Align::kRight},
                       {"Source"},
                       {"Destination"},
                       {"Protocol"},
                       {"Length", Align::kRight},
                       {"Info"}});
  for (const PreviewRow& row : rows) {
    table.Add({absl::StrCat(row.number),
               absl::StrFormat("%d.%09d", row.due_ps / kPicosPerSecond,
                               row.due_ps % kPicosPerSecond / 1000),
               row.source, row.destination, row.protocol, absl::StrCat(row.bytes), row.info});
  }
  return table.Render(terminal.bold(), terminal.plain());
}

std::string ShowJsonOf(const std::string& name, uint64_t seed,
                       const std::vector<PreviewRow>& rows) {
  report::Json packets = report::Json::array();
  for (const PreviewRow& row : rows) {
    packets.push_back({{"no", row.number},
                       {"time_s", static_cast<double>(row.due_ps) / kPicosPerSecond},
                       {"source", row.source},
                       {"destination", row.destination},
                       {"protocol", row.protocol},
                       {"length", row.bytes},
                       {"info", row.info}});
  }
  return report::Text({{"template", name}, {"seed", seed}, {"packets", std::move(packets)}});
}

std::string PlanText(const engine::Plan& plan) {
  return absl::StrFormat(
             "plan of \"%s\", seed %d: %s, %.1f B a frame on average, times scaled by %.6g\n",
             plan.name, plan.seed, report::Pps(plan.mean_pps),
             plan.mean_frame + packet::FramingOf(plan.link).fcs_bytes, plan.scale) +
         engine::DescribePlan(plan);
}

int Show(const ShowArguments& args) {
  if (args.full + args.plan + args.json > 1) {
    Error("one of --full, --plan and --json at a time");
    return kWrongUsage;
  }
  auto input = LoadTemplate(args.file, args.set, args.line);
  if (!input) return kFailed;
  if (args.full) {
    report::WriteAll(STDOUT_FILENO, tmpl::Print(input->source, /*full=*/true));
    return kDone;
  }
  if (!Observe(*input)) return kFailed;
  engine::PlanOptions options;
  options.seed = args.seed;
  auto plan = engine::MakePlan(input->scenario, options);
  if (!plan.ok()) return Fail(plan.status());
  for (const std::string& note : plan->notes) Note(note);
  if (args.plan) {
    report::WriteAll(STDOUT_FILENO, PlanText(*plan));
    return kDone;
  }
  plan->packets = std::min(plan->packets, *ParseCount(args.packets));
  const auto rows = Preview(*plan);
  if (!rows.ok()) return Fail(rows.status());
  report::WriteAll(STDOUT_FILENO, args.json
                                      ? ShowJsonOf(DisplayName(input->source), args.seed, *rows)
                                      : ShowTableOf(*rows));
  return kDone;
}

std::string CheckPackets(const std::string& text) {
  const auto count = ParseCount(text);
  if (!count.ok()) return std::string(count.status().message());
  if (*count >= 1 && *count <= kMostPackets) return "";
  return absl::StrCat("from 1 to ", kMostPackets, " packets can be shown, not ", *count);
}

Action DeclareShow(Options& options) {
  auto args = std::make_shared<ShowArguments>();
  options.Add(args->file,
              {.names = "TEMPLATE", .type = "", .help = "template to show", .required = true});
  options.Add(args->packets, {.names = "--packets",
                              .type = "N",
                              .help = "packets to show (default 20)",
                              .check = CheckPackets});
  options.Add(args->seed,
              {.names = "--seed", .type = "N", .help = "seed of all draws (default 1)"});
  AddSetOption(options, args->set);
  AddLineOption(options, args->line);
  options.AddFlag(args->full, "--full", "print the template with every default instead");
  options.AddFlag(args->plan, "--plan", "print the engine's plan instead");
  options.AddFlag(args->json, "--json", "print the packets as one JSON object");
  return [args] { return Show(*args); };
}

}  // namespace

constexpr Command kShowCommand = {"show", "decode the first packets of a template", kShowExamples,
                                  DeclareShow};

}  // namespace spate::cli
