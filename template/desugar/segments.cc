// The packets of a dialogue and the operations that it is made of.
#include <algorithm>
#include <functional>

#include "base/text.h"
#include "base/units.h"
#include "template/desugar/dialogue.h"
#include "template/surface/laws.h"

namespace spate::tmpl {
namespace {

constexpr uint32_t kMtu = 1500;  // from the outermost IP header on
constexpr uint32_t kTcpBytes = 20;
constexpr uint64_t kUnrolled = 3;  // equal packets in a row that need no loop

TimeLaw ConstantTime(double seconds) {
  TimeLaw law;
  law.parameters = {{"value", seconds}};
  return law;
}

uint32_t ScaleFor(uint32_t window) {
  uint32_t scale = 0;
  while (window >> scale > 65535) ++scale;
  return scale;
}

Literal Whole(int64_t number) { return number; }

}  // namespace

TimeLaw DefaultAckDelay() { return ConstantTime(0.04); }
TimeLaw DefaultRto() { return ConstantTime(0.2); }
TimeLaw DefaultSynRto() { return ConstantTime(1); }

Dialogue::Dialogue(Program& program)
    : program_(program),
      conversation_(*program.names_.surface->conversation),
      tcp_(conversation_.transport == "tcp") {
  const auto delay = MeanSeconds(conversation_.ack_delay.value_or(DefaultAckDelay()));
  ack_delay_ = delay.ok() ? *delay : 0;
  scale_ = conversation_.window_scale.value_or(ScaleFor(conversation_.window));
  core::Law half = LowerTime(program_.context_, conversation_.rtt.value_or(ConstantTime(0.001)));
  half.start /= 2;
  for (uint64_t& value : half.values) value /= 2;
  if (half.kind != core::Law::Kind::kConstant || half.start > 0) {
    half_rtt_ = AddDraw(program_.context_, std::move(half), core::Scope::kPass, "half rtt");
  }
  Measure();
  // Less than the window, so that it is never full.
  most_in_flight_ = std::max<uint64_t>(1, (conversation_.window - 1) / std::max(1u, mss_));
  pair_ = std::min<uint64_t>(2, most_in_flight_);
  if (most_in_flight_ > 1) most_in_flight_ -= most_in_flight_ % 2;
  first_flight_ = std::min<uint64_t>(conversation_.initial_window, most_in_flight_);
  if (first_flight_ > 1) first_flight_ -= first_flight_ % 2;
  if (first_flight_ == 1) pair_ = 1;
}

// A frame without data tells how long the headers are.
void Dialogue::Measure() {
  core::Scenario& out = program_.context_.out;
  const size_t messages = out.messages.size();
  Message probe;
  probe.by = "client";
  const auto plain = Converse(program_.context_, program_.names_, probe);
  if (!plain) return;
  const auto lowered = LowerMessage(program_.context_, program_.names_, "(probe)", *plain);
  if (!lowered) return;
  const packet::Frame& frame = out.messages.back().frame;
  size_t network = 0;
  while (network < plain->packet.size() && !IsNetwork(plain->packet[network].header)) ++network;
  const uint32_t network_at =
      network < frame.header_offsets.size() ? frame.header_offsets[network] : 0;
  header_bytes_ = frame.payload_offset;
  const uint32_t options = tcp_ ? header_bytes_ - frame.header_offsets.back() - kTcpBytes : 0;
  const uint32_t taken = header_bytes_ - network_at;
  announced_mss_ = conversation_.mss.value_or(kMtu > taken ? kMtu - taken + options : 1);
  mss_ = announced_mss_ > options ? announced_mss_ - options : 1;
  out.messages.resize(messages);
}

// Between the first two and the last one timestamps stand, where the conversation has them.
void Dialogue::AddSynOptions(HeaderUse& tcp) const {
  const auto add = [&](const char* field, uint32_t value) {
    ValueLaw law;
    law.place = conversation_.place;
    law.values = {int64_t{value}};
    tcp.fields.emplace_back(field, law);
  };
  add("mss", std::min(announced_mss_, 65535u));
  if (conversation_.sack) add("sack_permitted", 1);
  if (scale_ > 0) add("window_scale", scale_);
}

uint32_t Dialogue::MessageOf(const Shape& shape) {
  const std::string name =
      Concat(program_.names_.flow, "/", shape.side == Side::kClient ? "client " : "server ",
             shape.what, shape.what == "data" ? Concat(" ", shape.data.size()) : "");
  const std::string key = Concat(name, " ", shape.flags, " ", shape.data);
  if (const auto known = messages_.find(key); known != messages_.end()) return known->second;
  const auto word = [&](const std::string& value) {
    ValueLaw law;
    law.place = conversation_.place;
    law.values = {value};
    return law;
  };
  Message message;
  message.place = conversation_.place;
  message.by = shape.side == Side::kClient ? "client" : "server";
  if (!shape.data.empty()) {
    message.payload.emplace().kind = Payload::Kind::kText;
    message.payload->data = shape.data;
  }
  if (shape.varying) {
    message.size.emplace().kind = ValueLaw::Kind::kVariable;
    message.size->name = program_.names_.variables[Slot("frame")];
  }
  if (tcp_) {
    HeaderUse& tcp = message.packet.emplace_back();
    tcp.place = conversation_.place;
    tcp.header = "tcp";
    tcp.fields.emplace_back("flags", word(std::string(shape.flags)));
    const bool syn = shape.flags[0] == 'S';
    if (syn) AddSynOptions(tcp);
    if (conversation_.window != Conversation{}.window || scale_ > 0) {
      const uint32_t window =
          syn ? std::min(conversation_.window, 65535u) : conversation_.window >> scale_;
      tcp.fields.emplace_back("window", word("")).second.values = {Whole(window)};
    }
    const auto hold = [&](const char* field, std::string_view slot) {
      ValueLaw law;
      law.kind = ValueLaw::Kind::kVariable;
      law.name = program_.names_.variables[Slot(slot)];
      tcp.fields.emplace_back(field, law);
    };
    if (shape.acks_part) hold("ack_num", "acked");
    if (shape.sacks) {
      hold("sack_begin", "sack begin");
      hold("sack_end", "sack end");
    }
  }
  const auto plain = Converse(program_.context_, program_.names_, message);
  const auto lowered = plain ? LowerMessage(program_.context_, program_.names_, name, *plain)
                             : std::optional<LoweredMessage>();
  if (lowered) program_.stamped_[lowered->index] = shape.side == Side::kServer;
  return messages_[key] = lowered ? lowered->index : 0;
}

uint32_t Dialogue::Full(Side side) {
  return MessageOf({.side = side, .flags = "A", .data = std::string(mss_, '\0'), .what = "full"});
}

// Cut into full segments or datagrams and a last one, which is pushed.
std::vector<Dialogue::Part> Dialogue::PartsOf(Side side, const std::string& data) {
  std::vector<Part> parts;
  for (size_t at = 0; at < data.size(); at += mss_) {
    const bool last = at + mss_ >= data.size();
    const std::string part = data.substr(at, mss_);
    const uint32_t message =
        MessageOf({.side = side, .flags = last ? "PA" : "A", .data = part, .what = "data"});
    parts.push_back({message, static_cast<uint32_t>(part.size())});
  }
  return parts;
}

std::vector<Dialogue::Part> Dialogue::PartsOf(Side side, uint64_t bytes) {
  const uint64_t full = (bytes - 1) / mss_;
  std::vector<Part> parts;
  if (full > 0) parts.assign(full, {Full(side), mss_});
  const auto rest = static_cast<uint32_t>(bytes - full * mss_);
  parts.push_back(
      {MessageOf({.side = side, .flags = "PA", .data = std::string(rest, '\0'), .what = "data"}),
       rest});
  return parts;
}

uint32_t Dialogue::Slot(std::string_view name) {
  const std::string hidden = Concat("(", name, ")");
  const auto& known = program_.names_.variables;
  const auto at = std::find(known.begin(), known.end(), hidden);
  if (at != known.end()) return static_cast<uint32_t>(at - known.begin());
  return program_.HiddenSlot(std::string(name));
}

uint32_t Dialogue::Sequence(Side side) { return program_.SequenceSlot(side == Side::kServer); }

void Dialogue::SetTo(uint32_t slot, Operand operand) {
  program_.Emit(OpCode::kSet, slot).operand = operand;
}

void Dialogue::Add(uint32_t slot, int64_t number) {
  program_.Emit(OpCode::kAdd, slot).operand = Number(number);
}

size_t Dialogue::Unless(uint32_t slot, Relation relation, Operand operand) {
  core::Op& op = program_.Emit(OpCode::kCompare, slot);
  op.relation = relation;
  op.operand = operand;
  return ops().size() - 1;
}

void Dialogue::SendOf(uint32_t message, uint32_t advanced, uint64_t more) {
  program_.Emit(OpCode::kSend, message, advanced).operand = {Operand::Kind::kConstant, more};
}

void Dialogue::Repeat(uint64_t times, const std::function<void()>& body) {
  if (times <= kUnrolled) {
    for (uint64_t i = 0; i < times; ++i) body();
    return;
  }
  const uint32_t counter = Slot("flight");
  SetTo(counter, Number(static_cast<int64_t>(times)));
  const auto begin = static_cast<uint32_t>(ops().size());
  body();
  program_.Emit(OpCode::kLoop, counter, begin);
}

void Dialogue::HalfRtt() {
  if (half_rtt_ != core::kNone) program_.Emit(OpCode::kWait, half_rtt_);
}

}  // namespace spate::tmpl
