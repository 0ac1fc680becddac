// when, and what one flow does to another.
#include <algorithm>
#include <bit>

#include "base/text.h"
#include "template/desugar/program.h"

namespace spate::tmpl {

using core::OpCode;

std::optional<size_t> Program::Unless(const Condition& condition, const std::string& path) {
  const auto slot = SlotOf(context_, names_, condition.variable, At(condition.place, "var"));
  const auto value =
      LowerNumber(context_, names_, condition.value, Scope::kPacket, Concat(path, " when"));
  if (!slot || !value) return std::nullopt;
  const size_t at = Here();
  core::Op& op = Emit(OpCode::kCompare, *slot);
  op.relation = static_cast<core::Relation>(condition.relation);
  op.operand = ToOperand(context_, *value);
  return at;
}

void Program::AddStep(const WhenStep& step, const Step&, const std::string& path) {
  const auto guard = Unless(step.condition, path);
  if (!guard) return;
  if (step.steps) AddSteps(*step.steps, Concat(path, " then"));
  if (step.otherwise && !step.otherwise->empty()) {
    const size_t skip = Here();
    Emit(OpCode::kJump);
    out_.ops[*guard].b = static_cast<uint32_t>(Here());
    AddSteps(*step.otherwise, Concat(path, " else"));
    out_.ops[skip].a = static_cast<uint32_t>(Here());
  } else {
    out_.ops[*guard].b = static_cast<uint32_t>(Here());
  }
}

void Program::AddStep(const ControlStep& step, const Step&, const std::string&) {
  const auto& flows = names_.group->flows;  // the check has seen that there is a group
  for (uint32_t i = 0; i < flows.size(); ++i) {
    if (flows[i].first != step.flow) continue;
    Emit(OpCode::kControl, names_.first_flow + i).action = static_cast<core::Action>(step.action);
  }
}

void Program::AddStep(const JoinStep& step, const Step&, const std::string&) {
  const auto& flows = names_.group->flows;
  uint64_t mask = 0;
  for (uint32_t i = 0; i < flows.size(); ++i) {
    if (std::ranges::find(step.flows, flows[i].first) != step.flows.end()) mask |= BitOf(i);
  }
  JoinFlows(mask, step.count.value_or(static_cast<uint32_t>(std::popcount(mask))));
}

uint64_t Program::BitOf(uint32_t flow) const {
  return uint64_t{1} << (names_.first_flow - context_.out.groups[out_.group].first_flow + flow);
}

void Program::JoinFlows(uint64_t flows, uint32_t count) {
  core::Op& op = Emit(OpCode::kJoin, 0, count);
  op.operand.value = flows;
}

}  // namespace spate::tmpl
