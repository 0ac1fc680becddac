// choose and loop.
#include "base/text.h"
#include "template/desugar/program.h"

namespace spate::tmpl {

using core::OpCode;

void Program::AddStep(const ChooseStep& step, const Step&, const std::string& path) {
  std::vector<double> weights;
  for (const Choice& choice : step.choices) weights.push_back(choice.weight);
  const uint32_t draw = Choose(weights, path, step.balanced.value_or(0));
  std::vector<size_t> jumps;
  for (size_t i = 0; i < step.choices.size(); ++i) {
    SetTarget(draw, i, Here());
    AddSteps(step.choices[i].steps, Concat(path, " of ", i));
    if (i + 1 == step.choices.size()) break;
    jumps.push_back(Here());
    Emit(OpCode::kJump);
  }
  for (size_t jump : jumps) out_.ops[jump].a = static_cast<uint32_t>(Here());
}

void Program::AddStep(const LoopStep& step, const Step&, const std::string& path) {
  if (step.condition) {
    const auto begin = static_cast<uint32_t>(Here());
    const auto test = Unless(*step.condition, path);
    if (!test) return;
    AddSteps(*step.steps, Concat(path, " loop"));
    Emit(OpCode::kJump, begin);
    out_.ops[*test].b = static_cast<uint32_t>(Here());
    return;
  }
  const auto times = LowerCount(context_, names_, step.times, Concat(path, " times"));
  if (!times) return;
  const uint32_t counter = HiddenSlot(path);
  Set(counter, *times, OpCode::kSet, 0);
  const bool may_be_zero = times->variable || RangeOf(times->law).min == 0;
  const size_t guard = Here();
  if (may_be_zero) IfZero(counter);
  const auto body = static_cast<uint32_t>(Here());
  AddSteps(*step.steps, Concat(path, " loop"));
  Emit(OpCode::kLoop, counter, body);
  if (may_be_zero) out_.ops[guard].b = static_cast<uint32_t>(Here());
}

}  // namespace spate::tmpl
