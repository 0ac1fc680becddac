// Chains: each state does what it does, counts down, and jumps on by chance.
#include <map>

#include "base/text.h"
#include "template/desugar/program.h"

namespace spate::tmpl {

using core::OpCode;

void Program::AddStep(const ChainStep& step, const Step& at, const std::string& path) {
  constexpr std::string_view kEndOfChain = "end";
  const uint32_t balanced = step.balanced.value_or(0);
  std::map<std::string, uint32_t> begins;
  std::vector<std::pair<size_t, std::string>> jumps;  // positions of jumps and their states
  const auto jump_to = [&](const std::string& state) {
    jumps.emplace_back(Here(), state);
    Emit(OpCode::kJump);
  };

  std::optional<uint32_t> left;
  std::optional<size_t> guard;
  if (step.length) {
    const auto length = LowerCount(context_, names_, *step.length, Concat(path, " length"));
    if (!length) return;
    left = HiddenSlot(path);
    Set(*left, *length, OpCode::kSet, 0);
    if (length->variable || RangeOf(length->law).min == 0) guard = Here();
    if (guard) IfZero(*left);
  }
  jump_to(step.start);
  for (const auto& [name, state] : step.states) {
    const std::string state_path = Concat(path, " ", name);
    begins[name] = static_cast<uint32_t>(Here());
    const Place place = At(At(At(at.place, "chain"), "states"), name);
    if (state.steps) {
      AddSteps(*state.steps, state_path);
    } else if (const Sent* sent =
                   state.send.empty() ? nullptr : Find(state.send, At(place, "send"))) {
      Send(*sent);
    }
    if (left && !state.Silent()) {
      Emit(OpCode::kLoop, *left, static_cast<uint32_t>(Here() + 2));
      jump_to(std::string(kEndOfChain));
    }
    std::vector<double> weights;
    for (const Transition& next : state.next) weights.push_back(next.weight);
    const uint32_t draw = weights.size() > 1 ? Choose(weights, state_path, balanced) : core::kNone;
    for (size_t i = 0; i < state.next.size(); ++i) {
      const Transition& next = state.next[i];
      if (draw != core::kNone) SetTarget(draw, i, Here());
      if (next.after) Wait(*next.after, Concat(state_path, " to ", next.to), balanced);
      jump_to(next.to);
    }
    if (state.next.empty()) jump_to(std::string(kEndOfChain));
  }
  begins.try_emplace(std::string(kEndOfChain), static_cast<uint32_t>(Here()));
  for (const auto& [position, state] : jumps) out_.ops[position].a = begins[state];
  if (guard) out_.ops[*guard].b = static_cast<uint32_t>(Here());
}

}  // namespace spate::tmpl
