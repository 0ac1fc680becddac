#include "template/surface/turns.h"

#include <algorithm>
#include <cmath>

#include "template/surface/laws.h"
#include "template/surface/nested.h"

namespace spate::tmpl {
namespace {

Turn CloserOf(const CloseStep& close) {
  return close.how.starts_with("client") ? Turn::kClient : Turn::kServer;
}

bool IsSilent(const Step& step) {
  return std::holds_alternative<SetStep>(step.what) ||
         std::holds_alternative<RememberStep>(step.what) ||
         std::holds_alternative<ControlStep>(step.what);
}

// Whether messages or long delays of the chain hide who speaks after whom.
bool IsOpaque(const ChainStep& chain, double patience) {
  return std::ranges::any_of(chain.states, [&](const auto& named) {
    const ChainState& state = named.second;
    return !state.send.empty() || std::ranges::any_of(state.next, [&](const Transition& next) {
      const absl::StatusOr<double> mean =
          next.after ? MeanSeconds(*next.after) : absl::StatusOr<double>(0.0);
      return !mean.ok() || *mean >= patience;
    });
  });
}

// Whether the step may also do nothing.
bool MaySkip(const Step& step) { return !std::holds_alternative<ChooseStep>(step.what); }

}  // namespace

bool Nests(const Step& step) { return !ListsOf(step).empty(); }

bool Repeats(const Step& step) {
  return std::holds_alternative<LoopStep>(step.what) ||
         std::holds_alternative<ChainStep>(step.what);
}

Turn NextAround(const Step& step, Turn after, double patience) {
  const auto* chain = std::get_if<ChainStep>(&step.what);
  if (chain && IsOpaque(*chain, patience)) return Turn::kUnknown;
  Turn next = after;
  for (const Steps* list : ListsOf(step)) {
    next = Join(next, FirstSpeaker(*list, 0, after, patience));
  }
  return next;
}

double WaitSeconds(const Step& step) {
  const auto* wait = std::get_if<WaitStep>(&step.what);
  if (!wait) return 0;
  const auto mean = MeanSeconds(wait->time);
  return mean.ok() ? *mean : 0;
}

Turn FirstSpeaker(const Steps& steps, size_t from, Turn after, double patience) {
  for (size_t i = from; i < steps.size(); ++i) {
    const Step& step = steps[i];
    if (const auto* say = std::get_if<SayStep>(&step.what)) return TurnOf(say->side);
    if (const auto* close = std::get_if<CloseStep>(&step.what)) return CloserOf(*close);
    if (IsSilent(step)) continue;
    if (std::holds_alternative<WaitStep>(step.what)) {
      if (WaitSeconds(step) >= patience) return Turn::kUnknown;
      continue;
    }
    const std::vector<const Steps*> lists = ListsOf(step);
    const auto* chain = std::get_if<ChainStep>(&step.what);
    if (lists.empty() || (chain && IsOpaque(*chain, patience))) return Turn::kUnknown;
    const Turn behind = FirstSpeaker(steps, i + 1, after, patience);
    Turn first = FirstSpeaker(*lists[0], 0, behind, patience);
    for (const Steps* list : lists) first = Join(first, FirstSpeaker(*list, 0, behind, patience));
    return MaySkip(step) ? Join(first, behind) : first;
  }
  return after;
}

Turn LastSpeaker(const Step& step, Turn before) {
  if (const auto* say = std::get_if<SayStep>(&step.what)) return TurnOf(say->side);
  if (const auto* close = std::get_if<CloseStep>(&step.what)) return CloserOf(*close);
  if (IsSilent(step) || std::holds_alternative<WaitStep>(step.what)) return before;
  const std::vector<const Steps*> lists = ListsOf(step);
  const auto* chain = std::get_if<ChainStep>(&step.what);
  if (lists.empty() || (chain && IsOpaque(*chain, HUGE_VAL))) return Turn::kUnknown;
  Turn last = LastSpeaker(*lists[0], before);
  for (const Steps* list : lists) last = Join(last, LastSpeaker(*list, before));
  return MaySkip(step) ? Join(last, before) : last;
}

Turn LastSpeaker(const Steps& steps, Turn before) {
  for (const Step& step : steps) before = LastSpeaker(step, before);
  return before;
}

bool Speaks(const Steps& steps) {
  return std::any_of(steps.begin(), steps.end(), [](const Step& step) {
    const std::vector<const Steps*> lists = ListsOf(step);
    return std::holds_alternative<SayStep>(step.what) ||
           std::holds_alternative<CloseStep>(step.what) ||
           std::any_of(lists.begin(), lists.end(), [](const Steps* list) { return Speaks(*list); });
  });
}

}  // namespace spate::tmpl
