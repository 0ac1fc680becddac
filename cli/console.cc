#include "cli/console.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/plural.h"
#include "cli/diagnostics.h"
#include "report/units.h"

namespace spate::cli {

report::RunGoal GoalOf(const std::string& name, const engine::Plan& plan,
                       const engine::RunOptions& options) {
  report::RunGoal goal;
  goal.name = name;
  goal.by_clock = options.clock_limit.has_value();
  const Picos end = options.clock_limit.value_or(plan.duration);
  if (end != Picos::Max()) goal.duration_s = end.seconds();
  if (plan.packets != UINT64_MAX) goal.packets = plan.packets;
  return goal;
}

Console::Console(const RunArguments& args, const report::RunGoal& goal, const engine::Plan& plan,
                 const Interrupt& interrupt)
    : args_(args),
      interrupt_(interrupt),
      terminal_(report::Terminal::Of(STDERR_FILENO)),
      view_(goal, terminal_),
      keys_(plan.flow_names) {
  if (args.quiet || !terminal_.interactive) return;
  keyboard_.emplace();
  if (keyboard_->there()) view_.SetLastLine(keys_.Line());
}

void Console::Connect(engine::RunOptions& options, PlanWatch* watch) {
  if (keyboard_ && keyboard_->there()) options.commands = [this] { return NextCommand(); };
  if (watch == nullptr) return;
  options.replacement = [this, watch, &options] { return NextPlan(*watch, options); };
  options.replaced = [this](const absl::StatusOr<measure::Swap>& swap) { TellReplaced(swap); };
}

engine::ProgressFn Console::progress() {
  if (args_.quiet || (!terminal_.interactive && args_.json)) return nullptr;
  return [this](const engine::Progress& now) { view_.Update(now); };
}

std::optional<engine::Command> Console::NextCommand() {
  // A second Ctrl-C kills; the terminal is whole by then.
  if (interrupt_.flag()) keyboard_->Restore();
  keys_.Read(keyboard_->Read());
  view_.SetLastLine(keys_.Line());
  return keys_.Next();
}

std::optional<engine::Replacement> Console::NextPlan(PlanWatch& watch,
                                                     const engine::RunOptions& options) {
  std::optional<Recompiled> made = watch.Take();
  if (!made) return std::nullopt;
  if (!made->status.ok()) {
    TellRefused(made->status, made->faults);
    return std::nullopt;
  }
  next_goal_ = GoalOf(made->name, *made->next.plan, options);
  next_flows_ = made->next.plan->flow_names;
  return std::move(made->next);
}

void Console::TellReplaced(const absl::StatusOr<measure::Swap>& swap) {
  if (!swap.ok()) return TellRefused(swap.status(), {});
  // A template's own limits begin with it.
  if (next_goal_.duration_s && args_.duration.empty()) *next_goal_.duration_s += swap->trace_s;
  if (next_goal_.packets && args_.packets.empty()) *next_goal_.packets += swap->sent;
  view_.SetGoal(next_goal_);
  keys_.SetFlows(next_flows_);
  if (args_.quiet) return;
  view_.End();
  Note(absl::StrCat(args_.watched(), " was saved: its new plan took over at ",
                    report::Seconds(swap->elapsed_s), ", after ", report::Count(swap->sent), " ",
                    Plural(swap->sent, "packet")));
}

void Console::TellRefused(const absl::Status& status, const std::vector<tmpl::Fault>& faults) {
  view_.End();
  if (faults.empty()) {
    Fail(status);
  } else {
    FailWithFaults(args_.watched(), faults);
  }
  if (!args_.quiet) Note(absl::StrCat(args_.watched(), " was saved; the plan before it goes on"));
}

}  // namespace spate::cli
