#include "template/desugar/program.h"

#include "base/text.h"
#include "base/units.h"
#include "template/desugar/capture.h"
#include "template/desugar/dialogue.h"
#include "template/surface/laws.h"

namespace spate::tmpl {

using core::OpCode;

bool TakesNoTime(const TimeLaw& law) {
  const auto mean = MeanSeconds(law);
  return mean.ok() && *mean == 0;
}

Program::Program(Context& context, FlowNames names, core::Flow& out)
    : context_(context), names_(std::move(names)), out_(out) {}

Program::~Program() = default;

core::Op& Program::Emit(OpCode code, uint32_t a, uint32_t b) {
  if (code == OpCode::kSend) {
    StampBefore(a);
    Remember(a);
  }
  core::Op op;
  op.code = code;
  op.a = a;
  op.b = b;
  return out_.ops.emplace_back(op);
}

uint32_t Program::HiddenSlot(const std::string& path) {
  names_.variables.push_back(Concat("(", path, ")"));
  return static_cast<uint32_t>(names_.variables.size() - 1);
}

uint32_t Program::AddHidden(const std::string& name) {
  names_.variables.push_back(name);
  out_.variables = static_cast<uint32_t>(names_.variables.size());
  return out_.variables - 1;
}

void Program::Set(uint32_t slot, const NumberValue& value, OpCode code, uint64_t modulus) {
  core::Op& op = Emit(code, slot);
  op.modulus = modulus;
  op.operand = ToOperand(context_, value);
}

size_t Program::IfZero(uint32_t slot) {
  const size_t at = Here();
  Emit(OpCode::kCompare, slot).relation = core::Relation::kNot;
  return at;
}

void Program::Wait(const TimeLaw& law, const std::string& path, uint32_t balanced) {
  core::Law lowered = LowerTime(context_, law);
  if (balanced > 0 && lowered.kind == core::Law::Kind::kQuantiles) lowered.balanced = balanced;
  Wait(std::move(lowered), path);
}

void Program::Wait(core::Law law, const std::string& path) {
  if (law.kind == core::Law::Kind::kConstant && law.start == 0) return;
  Emit(OpCode::kWait, AddDraw(context_, std::move(law), core::Scope::kPacket, path));
}

uint32_t Program::Choose(const std::vector<double>& weights, const std::string& path,
                         uint32_t balanced) {
  core::Law law;
  law.kind = core::Law::Kind::kAlias;
  law.weights = weights;
  law.values.assign(weights.size(), 0);
  law.balanced = balanced;
  const uint32_t draw = AddDraw(context_, std::move(law), core::Scope::kPacket, path);
  Emit(OpCode::kChoose, draw);
  return draw;
}

void Program::SetTarget(uint32_t draw, size_t choice, size_t target) {
  context_.out.laws[context_.out.draws[draw].law].values[choice] = target;
}

void Program::Add(const Step& step, const std::string& path) {
  std::visit([&](const auto& what) { AddStep(what, step, path); }, step.what);
}

// Keeps the dialogue's account of turns: each nested list begins where the step began, whatever
// the lists before it did.
void Program::AddSteps(const Steps& steps, const std::string& path) {
  if (!dialogue_) {
    for (size_t i = 0; i < steps.size(); ++i) Add(steps[i], Concat(path, " ", i));
    return;
  }
  Turns& turns = dialogue_->turns;
  const Turns outer = turns;
  ++turns.depth;
  for (size_t i = 0; i < steps.size(); ++i) {
    const Turn before = turns.said;
    turns.next = FirstSpeaker(steps, i + 1, outer.next, dialogue_->ack_delay());
    turns.following = i + 1 < steps.size() ? &steps[i + 1] : nullptr;
    if (Nests(steps[i]) && Repeats(steps[i])) {
      turns.next = NextAround(steps[i], turns.next, dialogue_->ack_delay());
      turns.said = Join(before, LastSpeaker(steps[i], before));
    }
    Add(steps[i], Concat(path, " ", i));
    if (Nests(steps[i])) turns.said = LastSpeaker(steps[i], before);
  }
  turns.depth = outer.depth;
  turns.next = outer.next;
  turns.following = outer.following;
  // What follows in the list outside is set by it; the next list inside begins like this one.
  if (outer.depth > 0) turns.said = outer.said;
}

void Program::Build(const Flow& flow) {
  Emit(OpCode::kTick);
  for (const auto& [name, law] : flow.variables) names_.variables.push_back(name);
  DeclareConversation(context_, flow, names_);
  DeclareRemembered(flow);
  uint32_t slot = 0;
  for (const auto& [name, law] : flow.variables) {
    const auto value = LowerNumber(context_, names_, law, Scope::kPass, Concat("vars ", name));
    if (value) Set(slot++, *value, OpCode::kSet, 0);
  }
  if (flow.conversation) {
    NextClientPort();
    SetInitialSequence();
    StartClocks();
  }
  if (flow.conversation && Speaks(flow.steps)) {
    dialogue_ = std::make_unique<Dialogue>(*this);
    dialogue_->Open();
    dialogue_->turns.next = dialogue_->Closer();
  }
  if (flow.burst) {
    AddBurst(flow, *flow.burst);
  } else {
    AddPass(flow);
  }
  if (dialogue_) {
    dialogue_->CloseRest();
    dialogue_->Finish(Here());
  }
  CheckRemembered();
  const bool again = flow.clocked() || flow.capture || (flow.burst && flow.burst->pause);
  Emit(again ? OpCode::kJump : OpCode::kEnd, 0);
  out_.idle = flow.idle;
  out_.variables = static_cast<uint32_t>(names_.variables.size());
}

// With a clock each pass sends the next packet, else each pass is the whole capture.
void Program::AddCapture(const Flow& flow) {
  const auto track = LowerCapture(context_, names_, *flow.capture);
  if (!track) return;
  if (!context_.out.messages.empty() || !context_.out.tracks.empty()) {
    if (context_.out.link != track->link) {
      context_.faults.Add(flow.capture->place, "a capture of another link type than the messages",
                          "the same link type in all flows of a template");
      return;
    }
  }
  context_.out.link = track->link;
  const auto number = static_cast<uint32_t>(context_.out.tracks.size());
  context_.out.tracks.push_back(track);
  const uint32_t cursor = HiddenSlot("capture");
  const bool paced = flow.clocked();
  if (!paced) Emit(OpCode::kSet, cursor);  // a flow that was stopped on the way begins anew
  const auto again = static_cast<uint64_t>(Here() + (paced ? 1 : 0));
  if (!paced) Emit(OpCode::kAwaitCaptured, cursor, number);
  Emit(OpCode::kSendCaptured, cursor, number).operand.value = again;
}

std::optional<double> Program::MeanBits(const Flow& flow, bool l1) {
  const double per_frame = l1 ? packet::FramingOf(context_.out.link).l1_bytes : 0;
  std::optional<double> bytes;
  if (flow.capture) {
    const auto& tracks = context_.out.tracks;
    if (!tracks.empty()) bytes = tracks.back()->mean_bytes + kFcsBytes + per_frame;
  } else if (flow.message.empty()) {
    bytes = MeanBytes(flow.steps, per_frame);
  } else if (const Sent* sent = Find(flow.message, flow.place)) {
    bytes = sent->lowered.mean_bytes + per_frame;
  }
  if (bytes && flow.burst) {
    const auto count = LowerNumber(context_, names_, flow.burst->count, Scope::kPacket, "");
    if (!count || count->variable) return std::nullopt;
    *bytes *= RangeOf(count->law).mean;
  }
  if (!bytes || *bytes <= 0) return std::nullopt;
  return *bytes * 8;
}

std::optional<double> Program::MeanBytes(const Steps& steps, double per_frame) {
  double sum = 0;
  for (const Step& step : steps) {
    const auto bytes = MeanBytes(step, per_frame);
    if (!bytes) return std::nullopt;
    sum += *bytes;
  }
  return sum;
}

std::optional<double> Program::MeanBytes(const Step& step, double per_frame) {
  const auto frame = [&](const std::string& name) {
    const Sent* sent = Find(name, step.place);
    return sent ? sent->lowered.mean_bytes + per_frame : 0;
  };
  if (const auto* send = std::get_if<SendStep>(&step.what)) return frame(send->message);
  if (const auto* exchange = std::get_if<ExchangeStep>(&step.what)) {
    // Tries: 1 + p + p² …; the answer comes unless all of them are lost.
    double tries = 0, lost = 1;
    for (uint32_t i = 0; i <= exchange->retries; ++i, lost *= exchange->loss) tries += lost;
    const Duplicate twice = exchange->duplicate.value_or(Duplicate{});
    return tries * (1 + twice.request) * frame(exchange->request) +
           (1 - lost) * (1 + twice.response) * frame(exchange->response);
  }
  if (const auto* choose = std::get_if<ChooseStep>(&step.what)) {
    double sum = 0, total = 0;
    for (const Choice& choice : choose->choices) {
      const auto bytes = MeanBytes(choice.steps, per_frame);
      if (!bytes) return std::nullopt;
      sum += *bytes * choice.weight;
      total += choice.weight;
    }
    return sum / total;
  }
  if (const auto* loop = std::get_if<LoopStep>(&step.what)) {
    if (loop->condition) return std::nullopt;
    const auto times = LowerNumber(context_, names_, loop->times, Scope::kPacket, "");
    const auto bytes = MeanBytes(*loop->steps, per_frame);
    if (!times || times->variable || !bytes) return std::nullopt;
    return RangeOf(times->law).mean * *bytes;
  }
  if (std::get_if<ChainStep>(&step.what) || std::get_if<WhenStep>(&step.what) ||
      std::get_if<SayStep>(&step.what)) {
    return std::nullopt;
  }
  return 0;
}

}  // namespace spate::tmpl
