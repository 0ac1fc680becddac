// Bursts, and what is spaced by the bits or frames that were sent.
#include "base/text.h"
#include "base/units.h"
#include "template/desugar/program.h"

namespace spate::tmpl {

using core::OpCode;

namespace {

bool SameSize(const Template& t, const std::string& name) {
  const Message* message = FindNamed(t.messages, name);
  return message && (!message->size || message->size->kind == ValueLaw::Kind::kConstant);
}

bool SameSizes(const Template& t, const Steps& steps) {
  for (const Step& step : steps) {
    const auto* send = std::get_if<SendStep>(&step.what);
    if (send && SameSize(t, send->message)) continue;
    if (!std::get_if<WaitStep>(&step.what) && !std::get_if<SetStep>(&step.what)) return false;
  }
  return true;
}

}  // namespace

bool Program::SameBits(const Flow& flow) const {
  if (flow.capture) return false;
  if (flow.burst && flow.burst->count.kind != ValueLaw::Kind::kConstant) return false;
  return flow.message.empty() ? SameSizes(context_.t, flow.steps)
                              : SameSize(context_.t, flow.message);
}

uint32_t Program::AddPace(const Rate& rate) {
  if (out_.sent == core::kNone) out_.sent = AddHidden("(sent)");
  core::Pace pace;
  pace.mark = AddHidden("(settled)");
  AddHidden("(fraction)");
  if (rate.unit == Rate::Unit::kPps) {
    pace.picos_per_frame = 1e12 / rate.value;
  } else {
    pace.picos_per_byte = 8e12 / rate.value;
    const uint32_t overhead = rate.unit == Rate::Unit::kBpsL1 ? kL1OverheadBytes : 0;
    pace.picos_per_frame = pace.picos_per_byte * overhead;
  }
  out_.paces.push_back(pace);
  return static_cast<uint32_t>(out_.paces.size() - 1);
}

void Program::AddPass(const Flow& flow) {
  if (flow.capture) {
    AddCapture(flow);
  } else if (flow.message.empty()) {
    AddSteps(flow.steps, "steps");
  } else if (const Sent* sent = Find(flow.message, At(flow.place, "message"))) {
    Send(*sent);
  }
}

std::optional<Rate> Program::BurstRate(const Burst& burst) {
  const auto rate = ParseRate(burst.rate);
  if (!rate.ok()) return std::nullopt;  // none, or reported when it was read
  return OnLine(context_, *rate, burst.rate, At(burst.place, "rate"));
}

// Between two rounds: a wait, or the pace at which what was sent is settled.
std::optional<uint32_t> Program::BurstPace(const std::optional<Rate>& rate) {
  if (!rate || rate->unit == Rate::Unit::kPps) return std::nullopt;
  const uint32_t pace = AddPace(*rate);
  // The frames before this burst are no matter of it.
  Emit(OpCode::kSet, out_.paces[pace].mark).operand = {core::Operand::Kind::kVariable, out_.sent};
  return pace;
}

void Program::AddBurstGap(const Burst& burst, const std::optional<Rate>& rate,
                          std::optional<uint32_t> pace) {
  if (pace) {
    Emit(OpCode::kSettle, *pace);
  } else if (burst.gap) {
    Wait(*burst.gap, "burst gap");
  } else if (rate) {
    TimeLaw gap;
    gap.place = burst.place;
    gap.parameters = {{"value", 1 / rate->value}};
    Wait(gap, "burst gap");
  }
}

// The steps, and the gap before each time but the first.
void Program::AddBurst(const Flow& flow, const Burst& burst) {
  const auto count = LowerCount(context_, names_, burst.count, "burst count");
  if (!count) return;
  if (!count->variable && RangeOf(count->law).max == 0) {
    context_.faults.Add(At(burst.place, "count"), "bursts of nothing", "a count above 0");
    return;
  }
  const auto rate = BurstRate(burst);
  const auto pace = BurstPace(rate);
  const uint32_t left = HiddenSlot("burst");
  Set(left, *count, OpCode::kSet, 0);
  const bool may_be_zero = count->variable || RangeOf(count->law).min == 0;
  std::vector<size_t> exits;
  if (may_be_zero) exits.push_back(IfZero(left));
  const auto body = static_cast<uint32_t>(Here());
  AddPass(flow);
  Emit(OpCode::kLoop, left, static_cast<uint32_t>(Here() + 2));
  const size_t done = Here();
  Emit(OpCode::kJump);
  AddBurstGap(burst, rate, pace);
  Emit(OpCode::kJump, body);
  for (const size_t exit : exits) out_.ops[exit].b = static_cast<uint32_t>(Here());
  out_.ops[done].a = static_cast<uint32_t>(Here());
  if (burst.pause) Wait(*burst.pause, "burst pause");
}

}  // namespace spate::tmpl
