#include "report/progress.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/text.h"
#include "report/table.h"
#include "report/units.h"

namespace spate::report {
namespace {

using measure::PortResult;
using measure::Progress;

constexpr size_t kBarWidth = 24;

std::string Bar(double share) {
  const auto full = static_cast<size_t>(share * static_cast<double>(kBarWidth));
  return absl::StrCat("[", std::string(full, '#'), std::string(kBarWidth - full, '-'), "]");
}

std::string Counters(const Progress& p) {
  std::string text = absl::StrCat("sent ", Count(p.sent), "  dropped ", Count(p.dropped),
                                  "  stalls ", Count(p.stalls));
  if (p.speed != 1) absl::StrAppendFormat(&text, "  rate x %.3g", p.speed);
  if (p.swaps > 0) absl::StrAppend(&text, "  new plans ", Count(p.swaps));
  if (p.held) absl::StrAppend(&text, "  held");
  if (!p.stopped.empty()) {
    absl::StrAppend(&text, "  stopped: ", Printable(absl::StrJoin(p.stopped, ", ")));
  }
  return text;
}

std::string Elapsed(const RunGoal& goal, const Progress& p) {
  std::string text = absl::StrFormat("%.1f s", p.elapsed_s);
  if (!goal.duration_s) return text;
  // The trace falls behind the clock when its schedule is shifted.
  if (!goal.by_clock) absl::StrAppend(&text, "  trace ", absl::StrFormat("%.1f s", p.trace_s));
  return absl::StrCat(text, " of ", Seconds(*goal.duration_s));
}

}  // namespace

std::optional<double> Reached(const RunGoal& goal, const Progress& p) {
  std::optional<double> share;
  const auto raise = [&](double to) {
    share = std::clamp(std::max(share.value_or(0), to), 0., 1.);
  };
  if (goal.duration_s && *goal.duration_s > 0) {
    raise((goal.by_clock ? p.elapsed_s : p.trace_s) / *goal.duration_s);
  }
  if (goal.packets && *goal.packets > 0) {
    raise(static_cast<double>(p.sent + p.dropped) / static_cast<double>(*goal.packets));
  }
  return share;
}

std::string ProgressLine(const RunGoal& goal, const Progress& p) {
  std::string text = absl::StrCat(Elapsed(goal, p), "  ", Counters(p));
  for (const PortResult& port : p.ports) {
    absl::StrAppend(&text, "  ", Printable(port.name), " ", Pps(port.tx_pps), " ",
                    Bps(port.tx_bps_l1), " L1 ", Bps(port.tx_bps_l2), " L2");
  }
  return text + "\n";
}

std::string ProgressTable(const RunGoal& goal, const Progress& p, const Terminal& terminal) {
  std::string head = absl::StrCat(Printable(goal.name), "  ", Elapsed(goal, p));
  if (const auto share = Reached(goal, p)) {
    absl::StrAppend(&head, "  ", Bar(*share), " ", absl::StrFormat("%.0f %%", *share * 100));
  }
  Table ports({{"Port"},
               {"Sent", Align::kRight},
               {"Rate", Align::kRight},
               {"L1", Align::kRight},
               {"L2", Align::kRight}});
  for (const PortResult& port : p.ports) {
    ports.Add({port.name, Count(port.tx_packets), Pps(port.tx_pps), Bps(port.tx_bps_l1),
               Bps(port.tx_bps_l2)});
  }
  const std::string whole = absl::StrCat(head, "\n", ports.Render(), Counters(p));
  std::string text;
  // Codes for bold come after clipping: they take no room.
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(whole, '\n')) {
    const bool title = number++ == 1;
    if (title) text += terminal.bold();
    text += Clip(AsStd(line), terminal.width());
    if (title) text += terminal.plain();
    text += '\n';
  }
  return text;
}

void ProgressView::Update(const Progress& p) {
  if (!terminal_.interactive) return WriteAll(terminal_.fd, ProgressLine(goal_, p));
  last_ = p;
  Draw();
}

void ProgressView::SetLastLine(const std::string& line) {
  if (line == last_line_) return;
  last_line_ = line;
  if (last_) Draw();
}

void ProgressView::Draw() {
  std::string table = ProgressTable(goal_, *last_, terminal_);
  if (!last_line_.empty()) table.append(Clip(last_line_, terminal_.width())).append("\n");
  // In one piece, so that nothing flickers.
  WriteAll(terminal_.fd, Erased() + table);
  lines_ = static_cast<size_t>(std::ranges::count(table, '\n'));
}

void ProgressView::End() {
  WriteAll(terminal_.fd, Erased());
  lines_ = 0;
}

std::string ProgressView::Erased() const {
  // ECMA-48: cursor up, then erase to the end of the screen.
  return lines_ > 0 ? absl::StrFormat("\r\033[%dA\033[J", lines_) : "";
}

}  // namespace spate::report
