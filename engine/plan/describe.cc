// `spate show --plan`: the plan as a person reads it.
#include <bit>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/plural.h"
#include "base/text.h"
#include "engine/plan/limits.h"
#include "engine/plan/mode.h"
#include "engine/plan/plan.h"

namespace spate::engine {
namespace {

std::string SourceText(const Plan& plan, const MessagePlan& message, const FieldOp& op) {
  if (op.input == FieldOp::Input::kIndex) {
    return message.index_modulus != 0 ? "packet counter" : "instance";
  }
  const WordPlan& word = plan.word_plans[message.first_word + op.word];
  switch (word.word) {
    case Word::kPacketBits:
      return "packet bits";
    case Word::kPassBits:
      return "pass bits";
    case Word::kPacketCount:
      return "packet counter";
    case Word::kPassCount:
      return "pass counter";
    case Word::kVariable:
      return absl::StrCat("variable ", word.index);
    case Word::kOutcome:
      return absl::StrCat("draw ", word.index);
  }
  return "";
}

std::string SelectText(const FieldOp& op) {
  switch (op.select) {
    case FieldOp::Select::kIdentity:
      return "";
    case FieldOp::Select::kModulo:
      return absl::StrCat(" mod ", op.count);
    case FieldOp::Select::kBelow:
      return absl::StrCat(" uniform below ", op.count);
    case FieldOp::Select::kAlias:
    case FieldOp::Select::kCell:
      return absl::StrCat(" weighted over ", op.select_size);
  }
  return "";
}

std::string FieldText(const Plan& plan, const MessagePlan& message, const FieldOp& op) {
  const std::string map =
      op.table ? "table" : absl::StrFormat("%#x + %d *", op.start, static_cast<int64_t>(op.step));
  const std::string place =
      op.bytes > 0 ? absl::StrFormat("byte %3d, %d bits", op.offset, op.bits)
                   : absl::StrFormat("byte %3d << %d, %d bits", op.offset, op.shift, op.bits);
  const std::string again = op.again == 0 ? "" : absl::StrCat(", from ", op.again, " on again");
  return absl::StrFormat("    field  %-22s %s [%s%s%s], %s\n", place, map,
                         SourceText(plan, message, op), SelectText(op), again,
                         Things(static_cast<uint64_t>(std::popcount(op.sums)), "checksum"));
}

std::string PortText(const Plan& plan, const MessagePlan& message) {
  return plan.ports.size() == 1 ? "" : absl::StrCat(", by port ", plan.ports[message.port]);
}

std::string MessageText(const Plan& plan, size_t index) {
  const MessagePlan& message = plan.messages[index];
  if (message.is_run) {
    return absl::StrFormat("  %zu %s in runs: up to 64 packets to a record of 32 bytes\n", index,
                           plan.message_names[index]);
  }
  std::string text = absl::StrFormat("  %zu %s: %d bytes%s, record of %d bytes%s\n", index,
                                     plan.message_names[index],
                                     message.length + packet::FramingOf(plan.link).fcs_bytes,
                                     message.varying_size ? " at most" : "",
                                     16 * (1 + message.operand_slots), PortText(plan, message));
  for (uint32_t o = 0; o < message.op_count; ++o) {
    text += FieldText(plan, message, plan.field_ops[message.first_op + o]);
  }
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    absl::StrAppendFormat(&text, "    sum    byte %3d\n", plan.sums[message.first_sum + s].offset);
  }
  if (message.missed > 0) {
    absl::StrAppendFormat(&text, "    missed by the observer with probability %.3g\n",
                          std::ldexp(static_cast<double>(message.missed), -64));
  }
  for (uint32_t s = 0; s < message.seal_count; ++s) {
    const packet::Seal& seal = plan.seals[message.first_seal + s];
    absl::StrAppendFormat(
        &text, "    seal   byte %3d, %s\n", seal.begin,
        seal.kind == packet::SealKind::kFcs16 ? "frame check sequence" : "AES-128-CCM*");
  }
  return text;
}

constexpr const char* kRelations[] = {"=", "!=", "<", ">", "<=", ">="};
constexpr const char* kActions[] = {"start",   "pause",         "stop",
                                    "restart", "give birth to", "give another clock to"};

std::string OpText(const Plan& plan, uint32_t at, const OpPlan& op) {
  using core::OpCode;
  const auto line = [&](const std::string& what) {
    return absl::StrFormat("    %3d %s\n", at, what);
  };
  constexpr const char* kOperands[] = {"", "draw ", "variable ", "the next packet's draw "};
  const std::string operand = absl::StrCat(kOperands[static_cast<size_t>(op.operand)], op.value);
  switch (op.code) {
    case OpCode::kWait:
      return line(absl::StrCat("wait draw ", op.a));
    case OpCode::kSend:
      return line(absl::StrCat(
          "send ", plan.message_names[op.a],
          op.b == core::kNone ? "" : absl::StrCat(", add payload to variable ", op.b)));
    case OpCode::kSet:
      return line(absl::StrCat("set variable ", op.a, " = ", operand));
    case OpCode::kAdd:
      return line(absl::StrCat("add to variable ", op.a, ": ", operand));
    case OpCode::kScale:
      return line(absl::StrFormat("multiply variable %d by %g", op.a,
                                  static_cast<double>(static_cast<int64_t>(op.value)) / 0x1p32));
    case OpCode::kWave:
      return line(
          absl::StrFormat("set variable %d = draw %d in waves of %d ps", op.a, op.b, op.modulus));
    case OpCode::kStamp:
      return line(absl::StrCat("set variable ", op.a, " = milliseconds of the run + ", operand));
    case OpCode::kAddPayload:
      return line(absl::StrCat("add payload bytes to variable ", op.a));
    case OpCode::kChoose:
      return line(absl::StrCat("choose by draw ", op.a));
    case OpCode::kJump:
      return line(absl::StrCat("jump ", op.a));
    case OpCode::kLoop:
      return line(absl::StrCat("count down variable ", op.a, ", jump ", op.b));
    case OpCode::kCompare:
      return line(absl::StrCat("unless variable ", op.a, " ",
                               kRelations[static_cast<size_t>(op.relation)], " ", operand, " jump ",
                               op.b));
    case OpCode::kControl:
      return line(
          absl::StrCat(kActions[static_cast<size_t>(op.action)], " flow ", plan.flow_names[op.a]));
    case OpCode::kJoin:
      return line(absl::StrFormat("wait until %d of the flows %#x have ended", op.b, op.value));
    case OpCode::kWaitUntil:
      return line(absl::StrCat("wait until draw ", op.a));
    case OpCode::kSettle:
      return line(absl::StrCat("wait as long as what was sent takes at pace ", op.a));
    case OpCode::kAwaitCaptured:
      return line(absl::StrCat("await packet ", op.a, " of ", plan.tracks[op.b]->name));
    case OpCode::kSendCaptured:
      return line(absl::StrCat("send packet ", op.a, " of ", plan.tracks[op.b]->name,
                               " and go on, next at ", op.value));
    case OpCode::kTick:
      return line("begin of a pass");
    case OpCode::kEnd:
      return line("end");
  }
  return "";
}

std::string FlowText(const Plan& plan, size_t index) {
  const FlowPlan& flow = plan.flows[index];
  const size_t end =
      index + 1 < plan.flows.size() ? plan.flows[index + 1].first_op : plan.ops.size();
  std::string text =
      absl::StrFormat("  %zu %s: %s, %s\n", index, plan.flow_names[index],
                      Things(plan.groups[flow.group].count, "instance"),
                      flow.stream  ? "a stream in closed form"
                      : flow.timer ? "timers on a ladder"
                                   : Concat("program, ", Things(flow.variables, "variable")));
  const bool many = plan.groups[flow.group].count >= kLeastTimers;
  if (flow.beats && many) text.insert(text.size() - 1, ", in beats on a ladder");
  if (flow.map != core::kNone) text.insert(text.size() - 1, ", on a schedule");
  for (size_t at = flow.first_op; at < end; ++at) {
    text += OpText(plan, static_cast<uint32_t>(at - flow.first_op), plan.ops[at]);
  }
  return text;
}

// What a run does with it unless it is told otherwise.
std::string ModeText(const Plan& plan) {
  const std::string changes = WhyNotPrefilled(plan);
  if (changes.empty()) {
    return "mode prefilled, where the port gives frames back: nothing changes from packet to "
           "packet\n";
  }
  return absl::StrCat("mode run-to-completion, or pipeline where CPUs are left: ", changes, "\n");
}

}  // namespace

std::vector<packet::Key> KeysOf(const Plan& plan) {
  std::vector<packet::Key> keys;
  packet::AddKeys(plan.seals, keys);
  return keys;
}

std::string DescribePlan(const Plan& plan) {
  std::string text = Concat(Things(plan.messages.size(), "message"), ", ",
                            Things(plan.bytes.size(), "byte"), " of prototypes\n");
  text += ModeText(plan);
  for (size_t i = 0; i < plan.messages.size(); ++i) text += MessageText(plan, i);
  Append(&text, Things(plan.flows.size(), "flow"), ", ", Things(plan.words.size(), "table word"),
         "\n");
  for (size_t i = 0; i < plan.flows.size(); ++i) text += FlowText(plan, i);
  return text;
}

}  // namespace spate::engine
