// remember: before each send of a message whose field some step remembers, a hidden variable takes
// the value that the field is about to have.
#include <algorithm>

#include "base/text.h"
#include "packet/header.h"
#include "template/desugar/program.h"
#include "template/surface/nested.h"

namespace spate::tmpl {

using core::OpCode;

namespace {

// "dns.id" → {"dns", "id"}
std::pair<std::string, std::string> SplitField(const std::string& path) {
  const size_t dot = path.find('.');
  if (dot == std::string::npos) return {path, ""};
  return {path.substr(0, dot), path.substr(dot + 1)};
}

uint64_t NumberOf(const std::vector<uint8_t>& bytes) {
  uint64_t number = 0;
  for (const uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

std::vector<std::string> FieldsOf(const Message& message) {
  std::vector<std::string> fields;
  for (const HeaderUse& use : message.packet) {
    for (const auto& [field, law] : use.fields) fields.push_back(Concat(use.header, ".", field));
  }
  return fields;
}

}  // namespace

void Program::DeclareRemembered(const Flow& flow) {
  ForEachStep(flow.steps, [&](const Step& step) {
    const auto* remember = std::get_if<RememberStep>(&step.what);
    if (!remember) return;
    const std::string name = Concat(remember->message, " ", remember->field);
    const bool known = std::ranges::any_of(remembered_, [&](const Remembered& r) {
      return r.message == remember->message && r.field == remember->field;
    });
    if (known) return;
    const Place place = At(step.place, "remember");
    remembered_.push_back(
        {remember->message, remember->field, place, HiddenSlot(name), core::kNone, {}});
  });
}

// `path` of the field's draw is that of its message: the same draw, so the same outcome.
void Program::LowerRemembered(const std::string& name, const std::string& lowered,
                              const Message& message, uint32_t index) {
  for (Remembered& remembered : remembered_) {
    if (remembered.message != name) continue;
    remembered.index = index;
    const auto [header, field_name] = SplitField(remembered.field);
    const auto use = std::find_if(message.packet.rbegin(), message.packet.rend(),
                                  [&](const HeaderUse& u) { return u.header == header; });
    const ValueLaw* law =
        use == message.packet.rend() ? nullptr : FindNamed(use->fields, field_name);
    const Place place = At(remembered.place, "field");
    if (!law) {
      const std::vector<std::string> known = FieldsOf(message);
      context_.faults.Add(
          place, Concat("no value for ", Quote(remembered.field), " in the message ", Quote(name)),
          known.empty() ? "a field that the message gives" : OneOf(known),
          Nearest(remembered.field, known));
      continue;
    }
    const packet::FieldSpec* field = packet::FindHeader(header)->Find(field_name);
    if (!field) continue;  // reported with the message
    if (field->bits == 0 || field->bits > 64) {
      context_.faults.Add(place, Concat("the field ", Quote(remembered.field)),
                          "a field of 1 to 64 bits");
      continue;
    }
    const auto position = message.packet.rend() - use - 1;
    remembered.source =
        OperandOf(*law, *field, Concat("message ", lowered, " ", position, " ", field_name));
  }
}

std::optional<core::Operand> Program::OperandOf(const ValueLaw& law, const packet::FieldSpec& field,
                                                const std::string& path) {
  const auto value = LowerField(context_, names_, law, field, path);
  if (!value) return std::nullopt;
  core::Operand operand;
  operand.value = NumberOf(value->constant);
  if (value->pieces.empty()) return operand;
  const FieldPiece& piece = value->pieces[0];
  const bool variable = piece.source == core::Patch::Source::kVariable;
  operand.kind = variable ? core::Operand::Kind::kVariable : core::Operand::Kind::kField;
  operand.value = piece.index;
  operand.column = piece.column;
  return operand;
}

void Program::Remember(uint32_t message) {
  for (const Remembered& remembered : remembered_) {
    if (remembered.index != message || !remembered.source) continue;
    core::Op op;
    op.code = OpCode::kSet;
    op.a = remembered.slot;
    op.operand = *remembered.source;
    out_.ops.push_back(op);
  }
}

void Program::AddStep(const RememberStep& step, const Step& at, const std::string&) {
  const auto slot = SlotOf(context_, names_, step.variable, At(At(at.place, "remember"), "var"));
  if (!slot) return;
  for (const Remembered& remembered : remembered_) {
    if (remembered.message != step.message || remembered.field != step.field) continue;
    Emit(OpCode::kSet, *slot).operand = {core::Operand::Kind::kVariable, remembered.slot};
  }
}

void Program::CheckRemembered() const {
  for (const Remembered& remembered : remembered_) {
    const bool sent = std::ranges::any_of(out_.ops, [&](const core::Op& op) {
      return op.code == OpCode::kSend && op.a == remembered.index;
    });
    if (sent || !FindNamed(context_.t.messages, remembered.message)) continue;
    context_.faults.Add(
        At(remembered.place, "message"),
        Concat("the message ", Quote(remembered.message), ", which the flow does not send"),
        "a message that it sends by \"send\", \"exchange\" or \"chain\"");
  }
}

}  // namespace spate::tmpl
