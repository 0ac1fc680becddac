// Speech → segments, in flights that double up to the window, and their acknowledgements.
#include "template/desugar/dialogue.h"

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "template/surface/laws.h"

namespace spate::tmpl {
namespace {

// Longer speeches run in loops over a counter of bytes instead of being laid out in flights.
constexpr uint64_t kMostFlights = 8;

}  // namespace

void Dialogue::TakeTurn(Side side) {
  if (turns.said == TurnOf(Other(side)) || turns.said == Turn::kUnknown) HalfRtt();
  turns.said = TurnOf(side);
}

void Dialogue::Say(const SayStep& say, const Place& place, const std::string& path) {
  if (closed_[static_cast<size_t>(say.side)]) {
    program_.context_.faults.Add(place, "a side that speaks after it has closed",
                                 "\"close\" behind all that the side says");
    return;
  }
  if (header_bytes_ == 0) return;  // a fault of the headers, which has been told
  TakeTurn(say.side);
  if (!say.message.empty()) return SayMessage(say, place, path);
  if (say.payload) {
    const auto data = PayloadBytes(program_.context_, *say.payload);
    if (!data) return;
    const std::vector<Part> parts = PartsOf(say.side, *data);
    return tcp_ ? SayParts(say.side, parts, path) : SayDatagrams(say.side, parts);
  }
  auto size = LowerNumber(program_.context_, program_.names_, *say.size, Scope::kPacket,
                          Concat(path, " size"));
  if (!size) return;
  // Laws without a lower end come near 0; who speaks says at least a byte.
  if (size->law.kind == core::Law::Kind::kQuantiles) {
    for (uint64_t& value : size->law.values) {
      if (static_cast<int64_t>(value) < 1) value = 1;
    }
  }
  const bool constant = !size->variable && size->law.kind == core::Law::Kind::kConstant;
  const uint64_t bytes = size->law.start;
  if (!size->variable && RangeOf(size->law).min <= 0) {
    program_.context_.faults.Add(say.size->place, Concat(RangeOf(size->law).min, " bytes"),
                                 "at least one byte");
    return;
  }
  const bool laid_out = constant && conversation_.loss == 0 && FitsFlights((bytes - 1) / mss_ + 1);
  if (tcp_ && laid_out) return SayParts(say.side, PartsOf(say.side, bytes), path);
  if (tcp_) return SayDrawn(say.side, *size, path);
  if (laid_out) return SayDatagrams(say.side, PartsOf(say.side, bytes));
  SayDrawnDatagrams(say.side, *size);
}

bool Dialogue::FitsFlights(uint64_t parts) const {
  uint64_t flight = first_flight_, sum = 0;
  for (uint64_t i = 0; i < kMostFlights && sum < parts; ++i) {
    sum += flight;
    flight = std::min(2 * flight, most_in_flight_);
  }
  return sum >= parts;
}

// One packet, with whatever fields the message has.
void Dialogue::SayMessage(const SayStep& say, const Place& place, const std::string& path) {
  const Program::Sent* sent = program_.Find(say.message, place);
  if (!sent) return;
  if (!sent->conversed || sent->from_server != (say.side == Side::kServer)) {
    program_.context_.faults.Add(
        place, Concat("the message ", Quote(say.message), " of another side"),
        Concat("a message with \"by\": ", say.side == Side::kServer ? "\"server\"" : "\"client\""));
    return;
  }
  if (conversation_.loss > 0) {
    SendSurely(sent->lowered.index, say.side, path);
  } else {
    program_.Send(*sent);
  }
  const bool empty = sent->lowered.payload == 0u && sent->lowered.application == 0;
  if (tcp_) Settle(say.side, empty ? Owed::kNothing : Owed::kOne, false);
}

void Dialogue::SendRun(Side side, const std::vector<Part>& parts, size_t from, size_t count) {
  const uint32_t advanced = tcp_ ? Sequence(side) : core::kNone;
  for (size_t at = from; at < from + count;) {
    size_t same = at + 1;
    while (same < from + count && parts[same].message == parts[at].message) ++same;
    Repeat(same - at, [&] { SendOf(parts[at].message, advanced); });
    at = same;
  }
}

void Dialogue::SayDatagrams(Side side, const std::vector<Part>& parts) {
  SendRun(side, parts, 0, parts.size());
}

void Dialogue::SayDrawnDatagrams(Side side, const NumberValue& size) {
  const uint32_t left = Slot("left"), frame = Slot("frame");
  program_.Set(left, size, OpCode::kSet, 0);
  const auto again = static_cast<uint32_t>(ops().size());
  const size_t rest = Unless(left, Relation::kAbove, Number(mss_));
  SendOf(Full(side));
  Add(left, -int64_t{mss_});
  program_.Emit(OpCode::kJump, again);
  JumpHere(rest);
  const size_t none = Unless(left, Relation::kAbove, Number(0));
  SetTo(frame, Of(left));
  Add(frame, header_bytes_ + kFcsBytes);
  SendOf(
      MessageOf({.side = side, .data = std::string(mss_, '\0'), .varying = true, .what = "rest"}));
  JumpHere(none);
}

// Acknowledgements of a flight of `count` full segments (the last of all may be shorter): one per
// pair. The last one acknowledges all that was said, unless a single segment is left over.
void Dialogue::AcknowledgeRun(Side side, size_t count, bool last) {
  const Side listener = Other(side);
  const uint64_t acks = count / pair_;
  const bool to_the_end = !last || count % pair_ == 0;
  const uint64_t partly = acks - (to_the_end ? 1 : 0);
  if (partly > 0) {
    // The flight has advanced the sequence number already; its begin was stored before it.
    const uint32_t acked = Slot("acked");
    Repeat(partly, [&] {
      Add(acked, static_cast<int64_t>(pair_ * mss_));
      SendOf(AckPart(listener));
    });
  }
  if (to_the_end) SendOf(AckAll(listener));
}

void Dialogue::SayParts(Side side, const std::vector<Part>& parts, const std::string& path) {
  if (conversation_.loss > 0) {
    for (size_t i = 0; i < parts.size(); ++i) {
      SendSurely(parts[i].message, side, Concat(path, " part ", i));
      if (i + 1 == parts.size()) break;
      HalfRtt();
      SendOf(AckAll(Other(side)));
      HalfRtt();
    }
    return Settle(side, Owed::kOne, false);
  }
  uint64_t flight = first_flight_;
  for (size_t at = 0; at < parts.size();) {
    const size_t count = std::min<uint64_t>(flight, parts.size() - at);
    const bool last = at + count == parts.size();
    const bool partly = count / pair_ > 1 || (last && count > pair_ && count % pair_ != 0);
    if (partly) SetTo(Slot("acked"), Of(Sequence(side)));
    SendRun(side, parts, at, count);
    const bool acks = count >= pair_;
    if (acks) HalfRtt();
    if (acks) AcknowledgeRun(side, count, last);
    if (last) return Settle(side, count % pair_ ? Owed::kOne : Owed::kNothing, acks);
    HalfRtt();
    at += count;
    flight = std::min(2 * flight, most_in_flight_);
  }
}

// A size that is drawn, or too long to be laid out: full segments while more than one is left.
void Dialogue::SayDrawn(Side side, const NumberValue& size, const std::string& path) {
  const uint32_t left = Slot("left"), frame = Slot("frame"), flight = Slot("flight"),
                 window = Slot("window"), acked = Slot("acked"), sequence = Sequence(side);
  const auto rest_message = MessageOf({.side = side,
                                       .flags = "PA",
                                       .data = std::string(mss_, '\0'),
                                       .varying = true,
                                       .what = "rest"});
  program_.Set(left, size, OpCode::kSet, 0);
  SetTo(acked, Of(sequence));
  SetTo(window, Number(static_cast<int64_t>(first_flight_)));
  const auto flight_begin = static_cast<uint32_t>(ops().size());
  SetTo(flight, Of(window));
  const auto segment = static_cast<uint32_t>(ops().size());
  const size_t rest = Unless(left, Relation::kAbove, Number(mss_));
  const bool lossy = conversation_.loss > 0;
  const size_t loss = lossy ? ChooseLoss(Concat(path, " segment")) : 0;
  SendOf(Full(side), sequence);
  Add(left, -int64_t{mss_});
  program_.Emit(OpCode::kLoop, flight, segment);
  HalfRtt();
  AcknowledgePairs(side, 0);
  HalfRtt();
  core::Op& doubled = program_.Emit(OpCode::kAdd, window);
  doubled.operand = Of(window);
  const size_t grown =
      Unless(window, Relation::kAbove, Number(static_cast<int64_t>(most_in_flight_)));
  SetTo(window, Number(static_cast<int64_t>(most_in_flight_)));
  JumpHere(grown);
  program_.Emit(OpCode::kJump, flight_begin);
  if (lossy) program_.SetTarget(ops()[loss].a, 1, ops().size());
  if (lossy) Lose(side, flight_begin, path);

  JumpHere(rest);
  const size_t none = Unless(left, Relation::kAbove, Number(0));
  SetTo(frame, Of(left));
  Add(frame, header_bytes_ + kFcsBytes);
  if (lossy) {
    SendOf(rest_message);
    const size_t chance = ChooseLoss(Concat(path, " rest"));
    const size_t arrived = ops().size();
    program_.Emit(OpCode::kJump);
    program_.SetTarget(ops()[chance].a, 1, ops().size());
    HalfRtt();
    AcknowledgePairs(side, 0);
    AcknowledgeTo(side, 0);
    SendAgain(rest_message, conversation_.rto.value_or(DefaultRto()), Concat(path, " rest"));
    ops()[arrived].a = static_cast<uint32_t>(ops().size());
    program_.Emit(OpCode::kAdd, sequence).operand = Of(left);
  } else {
    SendOf(rest_message, sequence);
  }
  HalfRtt();
  AcknowledgePairs(side, 0);
  if (pair_ > 1) {
    // A full segment and a shorter one are a pair too.
    const uint32_t limit = Slot("limit");
    SetTo(limit, Of(sequence));
    Add(limit, -int64_t{mss_});
    const size_t single = Unless(acked, Relation::kBelow, Of(limit));
    AcknowledgeTo(side, 0);
    JumpHere(single);
  }
  JumpHere(none);
  Settle(side, Owed::kMaybe, true);
}

// The listener's last acknowledgement: none, or with its answer, or by itself.
void Dialogue::Settle(Side side, Owed owed, bool crossed) {
  const Side listener = Other(side);
  turns.said = crossed ? Turn::kNobody : TurnOf(side);
  if (owed == Owed::kNothing || turns.next == TurnOf(listener)) return;
  if (!crossed) HalfRtt();
  if (turns.following && WaitSeconds(*turns.following) >= ack_delay_) {
    program_.Wait(conversation_.ack_delay.value_or(DefaultAckDelay()), "ack delay");
    waited_ = ack_delay_;
  }
  if (owed == Owed::kMaybe) {
    const size_t nothing = Unless(Slot("acked"), Relation::kNot, Of(Sequence(side)));
    SendOf(AckAll(listener));
    JumpHere(nothing);
  } else {
    SendOf(AckAll(listener));
  }
  turns.said = Turn::kNobody;
}

}  // namespace spate::tmpl
