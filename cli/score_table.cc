#include "cli/score_table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "report/table.h"
#include "report/units.h"

namespace spate::cli {
namespace {

std::string Ratio(double ratio) { return absl::StrFormat("%.3f", ratio); }

std::string Gap(const score::ServiceStats& service) {
  const double seconds = service.mean_gap_s();
  return seconds > 0 ? report::Seconds(seconds) : "–";
}

std::string Conversations(const score::CompareRow& row) {
  return absl::StrCat(report::Count(row.generated.conversations), " / ",
                      report::Count(row.sample.conversations));
}

}  // namespace

std::string ScoreTable(const score::Comparison& comparison, const report::Terminal& terminal) {
  using report::Align;
  report::Table table({{"Service"},
                       {"Packets", Align::kRight},
                       {"Sample", Align::kRight},
                       {"Ratio", Align::kRight},
                       {"Bytes", Align::kRight},
                       {"Sizes", Align::kRight},
                       {"Mean gap", Align::kRight},
                       {"Sample", Align::kRight},
                       {"Ratio", Align::kRight},
                       {"Conversations", Align::kRight},
                       {"Roles"}});
  for (const score::CompareRow& row : comparison.rows) {
    table.Add({row.service, report::Count(row.generated.packets), report::Count(row.sample.packets),
               Ratio(row.packets_ratio), Ratio(row.bytes_ratio),
               absl::StrFormat("%.2f", row.size_jsd), Gap(row.generated), Gap(row.sample),
               Ratio(row.mean_gap_ratio), Conversations(row), row.same_roles ? "same" : "differ"});
  }
  table.Add({"all", report::Count(comparison.generated.packets),
             report::Count(comparison.sample.packets), Ratio(comparison.packets_ratio),
             Ratio(comparison.bytes_ratio)});
  return absl::StrCat(
      table.Render(terminal.bold(), terminal.plain()),
      "Ratios are generated / sample (Bytes is one too). Sizes: Jensen-Shannon distance of frame "
      "sizes,\n0 alike, 1 nothing in common. Roles: the same clients and servers.\n");
}

}  // namespace spate::cli
