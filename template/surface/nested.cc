#include "template/surface/nested.h"

namespace spate::tmpl {

std::vector<const Steps*> ListsOf(const Step& step) {
  std::vector<const Steps*> lists;
  if (const auto* choose = std::get_if<ChooseStep>(&step.what)) {
    for (const Choice& choice : choose->choices) lists.push_back(&choice.steps);
  } else if (const auto* loop = std::get_if<LoopStep>(&step.what)) {
    if (loop->steps) lists.push_back(loop->steps.get());
  } else if (const auto* when = std::get_if<WhenStep>(&step.what)) {
    if (when->steps) lists.push_back(when->steps.get());
    if (when->otherwise) lists.push_back(when->otherwise.get());
  } else if (const auto* chain = std::get_if<ChainStep>(&step.what)) {
    for (const auto& [name, state] : chain->states) {
      if (state.steps) lists.push_back(state.steps.get());
    }
  }
  return lists;
}

void ForEachStep(const Steps& steps, const std::function<void(const Step&)>& visit) {
  for (const Step& step : steps) {
    visit(step);
    for (const Steps* list : ListsOf(step)) ForEachStep(*list, visit);
  }
}

}  // namespace spate::tmpl
