// TCP timestamps (RFC 7323): before each packet its sender's clock is read; the other side echoes
// what it has got last.
#include <algorithm>

#include "template/desugar/program.h"

namespace spate::tmpl {

using core::OpCode;

uint32_t Program::StampSlot(bool of_server) const {
  const auto& names = names_.variables;
  const auto at = std::find(names.begin(), names.end(), kStamps[of_server ? 1 : 0]);
  return static_cast<uint32_t>(at - names.begin());
}

// Clocks begin anywhere, for each connection anew, so that they tell nothing of their host.
void Program::StartClocks() {
  const Conversation& conversation = *names_.surface->conversation;
  if (conversation.transport != "tcp" || !conversation.timestamps) return;
  for (const bool of_server : {false, true}) {
    NumberValue begin;
    begin.law = {core::Law::Kind::kUniform, 0, 0, uint64_t{1} << 32, {}, {}, 0};
    begin.scope = core::Scope::kPass;
    begin.salt = kStamps[of_server ? 1 : 0];
    clocks_[of_server ? 1 : 0] = ToOperand(context_, begin);
  }
}

void Program::StampBefore(uint32_t message) {
  const auto stamped = stamped_.find(message);
  if (stamped == stamped_.end()) return;
  const bool of_server = stamped->second;
  const auto& begin = clocks_[of_server ? 1 : 0];
  if (!begin) return;
  core::Op op;
  op.code = OpCode::kStamp;
  op.a = StampSlot(of_server);
  op.operand = *begin;
  out_.ops.push_back(op);
}

}  // namespace spate::tmpl
