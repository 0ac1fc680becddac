// send and wait; sequence numbers of TCP.
#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "template/desugar/dialogue.h"

namespace spate::tmpl {

using core::OpCode;

namespace {
constexpr uint64_t kPorts = 65536 - kFirstClientPort;
}

// The slots of hidden variables that DeclareConversation has named.
uint32_t Program::SequenceSlot(bool of_server) const {
  const auto& names = names_.variables;
  const auto at = std::find(names.begin(), names.end(), kSequence[of_server ? 1 : 0]);
  return static_cast<uint32_t>(at - names.begin());
}

void Program::SetInitialSequence() {
  if (names_.surface->conversation->transport != "tcp") return;
  for (const bool of_server : {false, true}) {
    NumberValue initial;
    initial.law = {core::Law::Kind::kUniform, 0, 0, uint64_t{1} << 32, {}, {}, 0};
    initial.scope = core::Scope::kPass;
    initial.salt = kSequence[of_server ? 1 : 0];
    Set(SequenceSlot(of_server), initial, OpCode::kSet, 0);
  }
}

// Another port per pass, so that no conversation takes up the addresses of one just closed.
void Program::NextClientPort() {
  const auto& names = names_.variables;
  const auto at = std::find(names.begin(), names.end(), kClientPort);
  if (at == names.end()) return;
  const auto port = static_cast<uint32_t>(at - names.begin());
  const uint32_t passes = port + 1;
  NumberValue first;
  first.law = {core::Law::Kind::kUniform, 0, 0, kPorts, {}, {}, 0};
  first.scope = core::Scope::kInstance;
  first.salt = Concat(kClientPort, " ", names_.flow);
  Set(port, first, OpCode::kSet, 0);
  Emit(OpCode::kAdd, passes).operand.value = 1;
  core::Op& moved = Emit(OpCode::kAdd, port);
  moved.operand = {core::Operand::Kind::kVariable, passes};
  moved.modulus = kPorts;
  Emit(OpCode::kAdd, port).operand.value = kFirstClientPort;
}

const Program::Sent* Program::Find(const std::string& name, const Place& place) {
  const auto [known, added] = messages_.try_emplace(name);
  if (!added) return known->second ? &*known->second : nullptr;
  const Message* message = FindNamed(context_.t.messages, name);
  if (!message) return nullptr;  // reported by the check of names
  const bool conversation = names_.surface->conversation.has_value();
  if (!message->by.empty() && !conversation) {
    context_.faults.Add(place, Concat("the message ", Quote(name), " with \"by\""),
                        "a flow with \"client\" and \"server\", or a message without \"by\"");
    return nullptr;
  }
  Sent sent;
  Message plain = *message;
  if (!message->by.empty()) {
    auto conversed = Converse(context_, names_, *message);
    if (!conversed) return nullptr;
    plain = *std::move(conversed);
    sent.conversed = true;
    sent.from_server = message->by == "server";
    sent.sequence = message->sequence;
    for (char flag : TcpFlags(plain)) sent.virtual_bytes += flag == 'S' || flag == 'F' ? 1 : 0;
  }
  const std::string full = message->by.empty() ? name : Concat(names_.flow, "/", name);
  const auto lowered = LowerMessage(context_, names_, full, plain);
  if (!lowered) return nullptr;
  if (sent.conversed) stamped_[lowered->index] = sent.from_server;
  sent.virtual_bytes += lowered->application;
  LowerRemembered(name, full, plain, lowered->index);
  sent.lowered = *lowered;
  known->second = sent;
  return &*known->second;
}

bool Program::Counts(const Sent& sent) const {
  return sent.conversed && names_.surface->conversation->transport == "tcp";
}

// The packet; the next number stays what it is.
void Program::SendOnly(const Sent& sent) {
  const bool probe = Counts(sent) && sent.sequence == "keep_alive";
  const uint32_t slot = probe ? SequenceSlot(sent.from_server) : core::kNone;
  if (probe) Emit(OpCode::kAdd, slot).operand.value = ~uint64_t{0};
  Emit(OpCode::kSend, sent.lowered.index);
  if (probe) Emit(OpCode::kAdd, slot).operand.value = 1;
}

// Whether the packet moves its side's number on. A message that repeats it has that number then.
bool Program::TakesNumbers(const Sent& sent) {
  if (sent.lowered.payload == 0u && sent.virtual_bytes == 0) return false;
  const auto last = std::find(names_.variables.begin(), names_.variables.end(),
                              kRepeated[sent.from_server ? 1 : 0]);
  if (last != names_.variables.end()) {
    Emit(OpCode::kSet, static_cast<uint32_t>(last - names_.variables.begin())).operand = {
        core::Operand::Kind::kVariable, SequenceSlot(sent.from_server)};
  }
  return true;
}

void Program::Send(const Sent& sent) {
  if (!Counts(sent) || !sent.sequence.empty()) return SendOnly(sent);
  const uint32_t slot = TakesNumbers(sent) ? SequenceSlot(sent.from_server) : core::kNone;
  Emit(OpCode::kSend, sent.lowered.index, slot).operand.value = sent.virtual_bytes;
}

void Program::Advance(const Sent& sent) {
  if (!Counts(sent) || !sent.sequence.empty() || !TakesNumbers(sent)) return;
  const uint32_t slot = SequenceSlot(sent.from_server);
  if (!sent.lowered.payload) Emit(OpCode::kAddPayload, slot);
  const uint64_t bytes = sent.lowered.payload.value_or(0) + sent.virtual_bytes;
  if (bytes > 0) Emit(OpCode::kAdd, slot).operand.value = bytes;
}

void Program::AddStep(const SendStep& step, const Step& at, const std::string&) {
  if (const Sent* sent = Find(step.message, At(at.place, "send"))) Send(*sent);
}

void Program::AddStep(const WaitStep& step, const Step&, const std::string& path) {
  core::Law law = LowerTime(context_, step.time);
  const double waited = dialogue_ ? dialogue_->TakeWaited() : 0;
  if (waited > 0) {
    const auto already = static_cast<uint64_t>(Picos::FromSeconds(waited).count);
    law.start -= std::min(law.start, already);
    for (uint64_t& value : law.values) value -= std::min(value, already);
  }
  Wait(std::move(law), path);
}

void Program::AddStep(const SayStep& step, const Step& at, const std::string& path) {
  const Place place = At(at.place, step.side == Side::kClient ? "client" : "server");
  if (dialogue_) return dialogue_->Say(step, place, path);
  context_.faults.Add(place, "a side that speaks in a flow without sides",
                      "\"client\", \"server\" and \"tcp\" or \"udp\" in the flow");
}

void Program::AddStep(const CloseStep& step, const Step& at, const std::string& path) {
  if (dialogue_) return dialogue_->Close(step, At(at.place, "close"), path);
  context_.faults.Add(At(at.place, "close"), "\"close\" in a flow without sides",
                      "\"client\", \"server\" and \"tcp\" in the flow");
}

}  // namespace spate::tmpl
