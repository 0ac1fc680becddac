// The view of a run that goes on: a table that is redrawn in place on a terminal, a line now and
// then elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "measure/result.h"
#include "report/terminal.h"

namespace spate::report {

// Where the run will end, as far as that is known.
struct RunGoal {
  std::string name;                  // of the template
  std::optional<double> duration_s;  // of the trace …
  std::optional<uint64_t> packets;
  bool by_clock = false;  // … or of the clock
};

// How much of the goal is reached, 0–1; nullopt for a run without end.
std::optional<double> Reached(const RunGoal& goal, const measure::Progress& progress);

// "4.0 s  sent 4,000  1.00 kpps  …", with its newline.
std::string ProgressLine(const RunGoal& goal, const measure::Progress& progress);

// Several lines, each with its newline; none longer than the terminal is wide.
std::string ProgressTable(const RunGoal& goal, const measure::Progress& progress,
                          const Terminal& terminal);

class ProgressView {
 public:
  ProgressView(RunGoal goal, const Terminal& terminal)
      : goal_(std::move(goal)), terminal_(terminal) {}

  void Update(const measure::Progress& progress);
  // Where the run will end is another place than it was.
  void SetGoal(const RunGoal& goal) { goal_ = goal; }
  // What stands below the table on a terminal; redraws it when that has changed.
  void SetLastLine(const std::string& line);
  // Clears the table, so that the account can take its place.
  void End();

 private:
  std::string Erased() const;  // what takes the table off the screen
  void Draw();

  RunGoal goal_;
  const Terminal terminal_;
  std::optional<measure::Progress> last_;
  std::string last_line_;
  size_t lines_ = 0;  // of the table that is on the screen
};

}  // namespace spate::report
