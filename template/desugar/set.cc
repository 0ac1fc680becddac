// set: arithmetic on variables.
#include <cmath>
#include <numbers>

#include "base/text.h"
#include "base/units.h"
#include "template/desugar/program.h"

namespace spate::tmpl {

using core::OpCode;
using How = SetStep::How;

namespace {

// A negative number to add is its complement modulo `mod`.
ValueLaw WithinModulus(const SetStep& step) {
  ValueLaw law = step.value;
  const auto* number = step.how == How::kAdd && law.kind == ValueLaw::Kind::kConstant
                           ? std::get_if<int64_t>(&law.values[0])
                           : nullptr;
  if (!number || *number >= 0 || step.modulus == 0) return law;
  const uint64_t distance = uint64_t{0} - static_cast<uint64_t>(*number);
  law.values[0] = (step.modulus - distance % step.modulus) % step.modulus;
  return law;
}

// One period of the wave at equal steps.
core::Law Wave(const Sine& sine) {
  constexpr int kSteps = 256;
  core::Law law;
  law.kind = core::Law::Kind::kQuantiles;
  for (int i = 0; i <= kSteps; ++i) {
    const double value = sine.mean + sine.amplitude * std::sin(2 * std::numbers::pi * i / kSteps);
    law.values.push_back(static_cast<uint64_t>(std::llround(value)));
  }
  return law;
}

}  // namespace

// As far above `min` as before, modulo `range`. Signed numbers down to -2^61 are lifted by a
// multiple of the range first, for the modulus takes them as unsigned.
void Program::Wrap(uint32_t slot, int64_t min, uint64_t range) {
  const uint64_t lift = range * ((uint64_t{1} << 62) / range);
  core::Op& op = Emit(OpCode::kAdd, slot);
  op.operand.value = lift - static_cast<uint64_t>(min);
  op.modulus = range;
  if (min != 0) Emit(OpCode::kAdd, slot).operand.value = static_cast<uint64_t>(min);
}

void Program::Clamp(uint32_t slot, core::Relation beyond, int64_t bound) {
  const size_t test = Here();
  core::Op& op = Emit(OpCode::kCompare, slot);
  op.relation = beyond;
  op.operand.value = static_cast<uint64_t>(bound);
  Emit(OpCode::kSet, slot).operand.value = static_cast<uint64_t>(bound);
  out_.ops[test].b = static_cast<uint32_t>(Here());
}

void Program::SetNumber(const SetStep& step, uint32_t slot, const std::string& path) {
  const auto value = LowerNumber(context_, names_, WithinModulus(step), Scope::kPacket, path);
  if (!value) return;
  const bool may_be_negative = value->variable || RangeOf(value->law).min < 0;
  const OpCode code = step.how == How::kAdd ? OpCode::kAdd : OpCode::kSet;
  const bool at_once = code == OpCode::kAdd && !may_be_negative;
  Set(slot, *value, code, at_once ? step.modulus : 0);
  if (step.modulus == 0 || at_once) return;
  if (may_be_negative) return Wrap(slot, 0, step.modulus);
  Emit(OpCode::kAdd, slot).modulus = step.modulus;
}

void Program::SetWave(const Sine& sine, uint32_t slot, const std::string& path) {
  core::Op& op =
      Emit(OpCode::kWave, slot, AddDraw(context_, Wave(sine), core::Scope::kPacket, path));
  op.modulus = static_cast<uint64_t>(Picos::FromSeconds(sine.period_s).count);
  const double ahead = sine.phase - std::floor(sine.phase);
  op.operand.value = static_cast<uint64_t>(Picos::FromSeconds(sine.period_s * ahead).count);
}

void Program::AddStep(const SetStep& step, const Step& at, const std::string& path) {
  const auto slot = SlotOf(context_, names_, step.variable, At(at.place, "set"));
  if (!slot) return;
  if (step.how == How::kScale) {
    const auto factor = static_cast<int64_t>(std::llround(std::ldexp(step.factor, 32)));
    Emit(OpCode::kScale, *slot).operand.value = static_cast<uint64_t>(factor);
  } else if (step.how == How::kSine) {
    SetWave(*step.sine, *slot, path);
  } else {
    SetNumber(step, *slot, path);
  }
  if (step.how == How::kScale || step.how == How::kSine) {
    if (step.modulus > 0) Wrap(*slot, 0, step.modulus);
  }
  if (step.beyond == "wrap") {
    const auto range = static_cast<uint64_t>(*step.max) - static_cast<uint64_t>(*step.min) + 1;
    return Wrap(*slot, *step.min, range);
  }
  if (step.min) Clamp(*slot, core::Relation::kBelow, *step.min);
  if (step.max) Clamp(*slot, core::Relation::kAbove, *step.max);
}

}  // namespace spate::tmpl
