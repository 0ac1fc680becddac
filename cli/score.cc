// spate score: a generated capture beside its sample.
#include <unistd.h>

#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "cli/score_table.h"
#include "nlohmann/json.hpp"
#include "report/json.h"
#include "report/terminal.h"
#include "score/compare.h"

namespace spate::cli {
namespace {

constexpr char kScoreExamples[] =
    "Examples:\n"
    "  spate run office.json --port out.pcapng\n"
    "  spate score out.pcapng --sample office.pcapng";

struct ScoreArguments {
  std::string generated, sample;
  bool json = false;
};

report::Json TraceJson(const score::TraceStats& trace) {
  return {{"file", trace.file},
          {"packets", trace.packets},
          {"bytes", trace.bytes},
          {"duration_s", trace.duration_s}};
}

report::Json ServiceJson(const score::ServiceStats& service) {
  return {{"packets", service.packets},
          {"bytes", service.bytes},
          {"packets_to_server", service.packets_to_server},
          {"conversations", service.conversations},
          {"mean_size", service.mean_size()},
          {"mean_gap_s", service.mean_gap_s()}};
}

report::Json ScoreJsonOf(const score::Comparison& comparison) {
  report::Json services = report::Json::array();
  for (const score::CompareRow& row : comparison.rows) {
    services.push_back({{"service", row.service},
                        {"generated", ServiceJson(row.generated)},
                        {"sample", ServiceJson(row.sample)},
                        {"packets_ratio", row.packets_ratio},
                        {"bytes_ratio", row.bytes_ratio},
                        {"mean_size_ratio", row.mean_size_ratio},
                        {"mean_gap_ratio", row.mean_gap_ratio},
                        {"to_server_ratio", row.to_server_ratio},
                        {"size_jsd", row.size_jsd},
                        {"same_roles", row.same_roles}});
  }
  return {{"generated", TraceJson(comparison.generated)},
          {"sample", TraceJson(comparison.sample)},
          {"packets_ratio", comparison.packets_ratio},
          {"bytes_ratio", comparison.bytes_ratio},
          {"worst", comparison.worst},
          {"services", std::move(services)}};
}

int Score(const ScoreArguments& args) {
  const auto comparison = score::CompareFiles(args.generated, args.sample);
  if (!comparison.ok()) return Fail(comparison.status());
  report::WriteAll(STDOUT_FILENO,
                   args.json ? report::Text(ScoreJsonOf(*comparison))
                             : ScoreTable(*comparison, report::Terminal::Of(STDOUT_FILENO)));
  return kDone;
}

Action DeclareScore(Options& options) {
  auto args = std::make_shared<ScoreArguments>();
  options.Add(
      args->generated,
      {.names = "GENERATED", .type = "", .help = "capture that a template made", .required = true});
  options.Add(args->sample, {.names = "--sample",
                             .type = "FILE",
                             .help = "capture that it should be like",
                             .required = true});
  options.AddFlag(args->json, "--json", "print one JSON object");
  return [args] { return Score(*args); };
}

}  // namespace

constexpr Command kScoreCommand = {"score", "compare a generated capture with its sample",
                                   kScoreExamples, DeclareScore};

}  // namespace spate::cli
