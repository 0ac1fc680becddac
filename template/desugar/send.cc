// send, wait and exchange; sequence numbers of TCP.
#include "base/text.h"
#include "template/desugar/program.h"

namespace spate::tmpl {

using core::OpCode;

namespace {
constexpr uint64_t kSequenceModulus = uint64_t{1} << 32;
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
    for (char flag : TcpFlags(plain)) sent.virtual_bytes += flag == 'S' || flag == 'F' ? 1 : 0;
  }
  const auto lowered = LowerMessage(
      context_, names_, message->by.empty() ? name : Concat(names_.flow, "/", name), plain);
  if (!lowered) return nullptr;
  sent.lowered = *lowered;
  sent.seen = IsSeen(context_, names_, plain);
  const bool missed = !sent.seen || (context_.observer && context_.observer->loss > 0);
  missed_ |= missed;
  if (missed && sent.conversed && !sent.lowered.payload &&
      names_.surface->conversation->transport == "tcp") {
    context_.faults.Add(context_.observer->place,
                        Concat("an observer that may miss the message ", Quote(name)),
                        "a constant size of it: sequence numbers follow from what was sent");
    return nullptr;
  }
  known->second = sent;
  return &*known->second;
}

void Program::Send(const Sent& sent, const std::string& path) {
  SendOnly(sent, path);
  Advance(sent);
}

void Program::SendOnly(const Sent& sent, const std::string& path) {
  if (!sent.seen) return;
  const double loss = context_.observer ? context_.observer->loss : 0;
  if (loss <= 0) {
    Emit(OpCode::kSend, sent.lowered.index);
    return;
  }
  const uint32_t draw = Choose({1 - loss, loss}, Concat(path, " observer"), 0);
  SetTarget(draw, 0, Here());
  Emit(OpCode::kSend, sent.lowered.index);
  SetTarget(draw, 1, Here());
}

void Program::Advance(const Sent& sent) {
  const auto& conversation = names_.surface->conversation;
  if (!sent.conversed || conversation->transport != "tcp") return;
  const auto slot =
      static_cast<uint32_t>(names_.surface->variables.size()) + (sent.from_server ? 1 : 0);
  if (!sent.lowered.payload) Emit(OpCode::kAddPayload, slot).modulus = kSequenceModulus;
  const uint64_t bytes = sent.lowered.payload.value_or(0) + sent.virtual_bytes;
  if (bytes == 0) return;
  core::Op& add = Emit(OpCode::kAdd, slot);
  add.operand = {core::Operand::Kind::kConstant, bytes};
  add.modulus = kSequenceModulus;
}

void Program::AddStep(const SendStep& step, const Step& at, const std::string& path) {
  if (const Sent* sent = Find(step.message, At(at.place, "send"))) Send(*sent, path);
}

void Program::AddStep(const WaitStep& step, const Step&, const std::string& path) {
  Wait(step.time, path);
}

// Unrolled: request, then by chance the answer or (after the time-out) the next try. A repeated
// request repeats its sequence number, so the number advances when the tries are over.
void Program::AddStep(const ExchangeStep& step, const Step& at, const std::string& path) {
  const Place place = At(at.place, "exchange");
  const Sent* request = Find(step.request, At(place, "request"));
  const Sent* response = Find(step.response, At(place, "response"));
  if (!request || !response) return;
  std::vector<std::pair<uint32_t, size_t>> answered;  // draws whose first outcome is the answer
  if (step.loss > 0) {
    for (uint32_t i = 0; i <= step.retries; ++i) {
      const std::string try_path = Concat(path, " try ", i);
      SendOnly(*request, try_path);
      const uint32_t draw = Choose({1 - step.loss, step.loss}, try_path, 0);
      SetTarget(draw, 1, Here());
      answered.emplace_back(draw, 0);
      Wait(step.timeout.value_or(TimeLaw{}), Concat(try_path, " timeout"));
    }
    Advance(*request);
  } else {
    SendOnly(*request, path);
  }
  const size_t skip = Here();
  if (step.loss > 0) Emit(OpCode::kJump);
  for (const auto& [draw, outcome] : answered) SetTarget(draw, outcome, Here());
  Advance(*request);
  Wait(step.delay, Concat(path, " delay"));
  Send(*response, Concat(path, " response"));
  if (step.loss > 0) out_.ops[skip].a = static_cast<uint32_t>(Here());
}

}  // namespace spate::tmpl
