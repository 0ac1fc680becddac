// Lifetime and replacement: in each group that has them, a flow behind all others that waits until
// the instance's life is over, stops the others, and lets another instance begin in its place.
#include "base/text.h"
#include "template/desugar/program.h"

namespace spate::tmpl {

using core::OpCode;

void Program::BuildLife(bool timeline) {
  const Group& group = *names_.group;
  const auto flows = static_cast<uint32_t>(group.flows.size());
  Emit(OpCode::kTick);
  const auto begin = static_cast<uint32_t>(Here());
  if (group.lifetime) {
    Wait(*group.lifetime, "lifetime");
    for (uint32_t i = 0; i < flows; ++i) Control(core::Action::kStop, i);
  } else {
    uint64_t all = 0;
    for (uint32_t i = 0; i < flows; ++i) all |= BitOf(i);
    JoinFlows(all, flows);
  }
  if (group.replace) {
    const core::Group& out = context_.out.groups[out_.group];
    core::Op& next = Emit(OpCode::kAdd, out.identity);
    next.operand.value = group.count;
    const auto shared = static_cast<uint32_t>(group.variables.size());
    for (uint32_t i = 0; i < shared; ++i) {
      Emit(OpCode::kSet, core::kShared | i).operand = out.variables[i];
    }
    if (timeline) Emit(OpCode::kControl, out.first_flow).action = core::Action::kRestart;
    for (uint32_t i = 0; i < flows; ++i) {
      if (!group.flows[i].second.idle) Control(core::Action::kBirth, i);
    }
    Emit(OpCode::kJump, begin);
  }
  Emit(OpCode::kEnd);
  out_.passes = 1;
}

}  // namespace spate::tmpl
