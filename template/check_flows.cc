// Relations between the flows of a group: whom they start, and what they share.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "template/check.h"

namespace spate::tmpl {
namespace {

using Visit = std::function<void(const Step&)>;

void ForEach(const Steps& steps, const Visit& visit);

void ForEach(const std::shared_ptr<Steps>& steps, const Visit& visit) {
  if (steps) ForEach(*steps, visit);
}

// Every step, those inside others too.
void ForEach(const Steps& steps, const Visit& visit) {
  for (const Step& step : steps) {
    visit(step);
    if (const auto* choose = std::get_if<ChooseStep>(&step.what)) {
      for (const Choice& choice : choose->choices) ForEach(choice.steps, visit);
    } else if (const auto* loop = std::get_if<LoopStep>(&step.what)) {
      ForEach(loop->steps, visit);
    } else if (const auto* when = std::get_if<WhenStep>(&step.what)) {
      ForEach(when->steps, visit);
      ForEach(when->otherwise, visit);
    }
  }
}

std::string_view VerbOf(ControlStep::Action action) {
  constexpr std::string_view kVerbs[] = {"start", "pause", "stop", "restart"};
  return kVerbs[static_cast<size_t>(action)];
}

// Which flows the steps start, by name; reports flows that do not exist.
void CheckControls(const Flow& flow, const Named<Flow>& siblings, std::set<std::string>& started,
                   Faults& faults) {
  ForEach(flow.steps, [&](const Step& step) {
    const auto* control = std::get_if<ControlStep>(&step.what);
    if (!control) return;
    using Action = ControlStep::Action;
    if (control->action == Action::kStart || control->action == Action::kRestart) {
      started.insert(control->flow);
    }
    if (FindNamed(siblings, control->flow)) return;
    const std::vector<std::string> names = NamesOf(siblings);
    faults.Add(At(step.place, VerbOf(control->action)),
               Concat("the undefined flow ", Quote(control->flow)),
               names.empty() ? "a flow of the same group, and this flow has no group"
                             : Concat("a flow of the same group: ", OneOf(names)),
               Nearest(control->flow, names));
  });
}

void CheckVariables(const Group& group, Faults& faults) {
  for (const auto& [name, law] : group.variables) {
    if (law.per == Scope::kPacket || law.per == Scope::kPass) {
      faults.Add(law.place, Concat("\"per\" of the shared variable ", Quote(name)),
                 "\"instance\" or \"run\": it is set once, when the instance begins");
    }
    for (const auto& [flow_name, flow] : group.flows) {
      if (!FindNamed(flow.variables, name)) continue;
      faults.Add(flow.place, Concat("the variable ", Quote(name), " in flow ", Quote(flow_name)),
                 "another name: the group shares a variable of that name");
    }
  }
}

}  // namespace

void CheckRelations(const Template& t, Faults& faults) {
  std::set<std::string> started;
  for (const auto& [group_name, group] : t.groups) {
    started.clear();
    for (const auto& [name, flow] : group.flows) {
      CheckControls(flow, group.flows, started, faults);
    }
    for (const auto& [name, flow] : group.flows) {
      if (!flow.idle || started.contains(name)) continue;
      faults.Add(At(flow.place, "idle"), Concat("the idle flow ", Quote(name)),
                 "a step of another flow of the group that starts it");
    }
    CheckVariables(group, faults);
  }
  for (const auto& [name, flow] : t.flows) {
    CheckControls(flow, {}, started, faults);
    if (flow.idle) {
      faults.Add(At(flow.place, "idle"), Concat("the idle flow ", Quote(name)),
                 "a flow of a group: nothing can start a flow at top level");
    }
  }
}

}  // namespace spate::tmpl
