// What a person sees of a run while it goes on, and tells it: by keys, and by saving its template.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/interrupt.h"
#include "cli/keys.h"
#include "cli/plan_watch.h"
#include "cli/run_input.h"
#include "engine/run/run.h"
#include "report/progress.h"
#include "report/terminal.h"

namespace spate::cli {

// What a plan and the options of a run say about its end.
report::RunGoal GoalOf(const std::string& name, const engine::Plan& plan,
                       const engine::RunOptions& options);

// One thread; the run outlives none of it.
class Console {
 public:
  Console(const RunArguments& args, const report::RunGoal& goal, const engine::Plan& plan,
          const Interrupt& interrupt);

  // Makes the run's options listen to the keys, and to `watch` unless that is null.
  void Connect(engine::RunOptions& options, PlanWatch* watch);
  // Null: nothing is shown.
  engine::ProgressFn progress();
  void End() { view_.End(); }

 private:
  std::optional<engine::Command> NextCommand();
  std::optional<engine::Replacement> NextPlan(PlanWatch& watch, const engine::RunOptions& options);
  void TellReplaced(const absl::StatusOr<measure::Swap>& swap);
  void TellRefused(const absl::Status& status, const std::vector<tmpl::Fault>& faults);

  const RunArguments& args_;
  const Interrupt& interrupt_;
  const report::Terminal terminal_;
  report::ProgressView view_;
  KeyReader keys_;
  std::optional<KeyTerminal> keyboard_;
  // Of the plan that was handed over last.
  report::RunGoal next_goal_;
  std::vector<std::string> next_flows_;
};

}  // namespace spate::cli
