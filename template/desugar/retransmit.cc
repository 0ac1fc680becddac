// Lost segments: duplicate acknowledgements and a fast retransmission where enough segments follow
// (RFC 5681), a time-out otherwise (RFC 6298).
#include <cmath>

#include "base/text.h"
#include "template/desugar/dialogue.h"

namespace spate::tmpl {
namespace {

// Segments that must follow a lost one, so that their duplicate acknowledgements tell of it.
constexpr uint32_t kDuplicates = 3;

}  // namespace

// A choice between arriving (what follows) and being lost, whose target the caller fills in.
size_t Dialogue::ChooseLoss(const std::string& path) {
  const double loss = conversation_.loss;
  const uint32_t draw = program_.Choose({1 - loss, loss}, Concat(path, " loss"), 0);
  program_.SetTarget(draw, 0, ops().size());
  return ops().size() - 1;
}

// After each time-out, twice as long as the one before, the packet again; at last the conversation
// is given up.
void Dialogue::SendAgain(uint32_t message, const TimeLaw& timeout, const std::string& path) {
  std::vector<size_t> arrived;
  for (uint32_t i = 0; i < conversation_.retries; ++i) {
    core::Law law = Stretched(LowerTime(program_.context_, timeout), std::ldexp(1, i), kMaxSeconds);
    program_.Emit(OpCode::kWait, AddDraw(program_.context_, std::move(law), core::Scope::kPacket,
                                         Concat(path, " rto ", i)));
    SendOf(message);
    const size_t choice = ChooseLoss(Concat(path, " again ", i));
    arrived.push_back(ops().size());
    program_.Emit(OpCode::kJump);
    program_.SetTarget(ops()[choice].a, 1, ops().size());
  }
  ends_.push_back(ops().size());
  program_.Emit(OpCode::kJump);
  for (size_t jump : arrived) ops()[jump].a = static_cast<uint32_t>(ops().size());
}

// One packet that gets through at last; then the sequence number moves.
void Dialogue::SendSurely(uint32_t message, Side side, const std::string& path) {
  SendOf(message);
  if (!tcp_) return;
  const size_t choice = ChooseLoss(path);
  const size_t arrived = ops().size();
  program_.Emit(OpCode::kJump);
  program_.SetTarget(ops()[choice].a, 1, ops().size());
  SendAgain(message, conversation_.rto.value_or(DefaultRto()), path);
  ops()[arrived].a = static_cast<uint32_t>(ops().size());
  program_.Emit(OpCode::kAddPayload, Sequence(side));
}

// Acknowledges pairs of full segments up to `behind` bytes before the speaker's next number.
void Dialogue::AcknowledgePairs(Side side, uint64_t behind) {
  const uint32_t acked = Slot("acked"), limit = Slot("limit");
  const auto pair = static_cast<int64_t>(pair_ * mss_);
  SetTo(limit, Of(Sequence(side)));
  Add(limit, -static_cast<int64_t>(behind) - pair);
  const size_t none = Unless(acked, Relation::kAtMost, Of(limit));
  const auto body = static_cast<uint32_t>(ops().size());
  Add(acked, pair);
  SendOf(AckPart(Other(side)));
  ops()[Unless(acked, Relation::kAbove, Of(limit))].b = body;
  JumpHere(none);
}

// Acknowledges what is left up to there, if anything.
void Dialogue::AcknowledgeTo(Side side, uint64_t behind) {
  const uint32_t acked = Slot("acked"), limit = Slot("limit");
  SetTo(limit, Of(Sequence(side)));
  if (behind > 0) Add(limit, -static_cast<int64_t>(behind));
  const size_t nothing = Unless(acked, Relation::kBelow, Of(limit));
  SetTo(acked, Of(limit));
  SendOf(AckPart(Other(side)));
  JumpHere(nothing);
}

// What the listener has not got it does not echo.
void Dialogue::SendUnheard(Side side, const std::function<void()>& packets) {
  if (!conversation_.timestamps) return packets();
  const uint32_t heard = Slot("heard stamp"), stamp = program_.StampSlot(side == Side::kServer);
  SetTo(heard, Of(stamp));
  packets();
  SetTo(stamp, Of(heard));
}

// Acknowledgements of the segments behind a lost one, at which the speaker's number stands no more.
void Dialogue::SendDuplicates(Side side) {
  if (!conversation_.sack) {
    return Repeat(kDuplicates, [&] { SendOf(AckPart(Other(side))); });
  }
  const uint32_t begin = Slot("sack begin"), end = Slot("sack end");
  SetTo(begin, Of(Sequence(side)));
  Add(begin, -int64_t{mss_} * kDuplicates);
  SetTo(end, Of(begin));
  Repeat(kDuplicates, [&] {
    Add(end, mss_);
    SendOf(AckGap(Other(side)));
  });
}

// A full segment is lost; the way back to the next flight follows its repair.
void Dialogue::Lose(Side side, uint32_t flight_begin, const std::string& path) {
  const uint32_t left = Slot("left"), window = Slot("window"), sequence = Sequence(side);
  const uint32_t full = Full(side);
  const int64_t lost = mss_, sent = int64_t{mss_} * (1 + kDuplicates);
  const auto next_flight = [&](int64_t repaired) {
    HalfRtt();
    AcknowledgeTo(side, 0);
    HalfRtt();
    Add(left, -repaired);
    SetTo(window, Number(static_cast<int64_t>(first_flight_)));
    program_.Emit(OpCode::kJump, flight_begin);
  };
  SendUnheard(side, [&] { SendOf(full); });
  const size_t short_rest = Unless(left, Relation::kAbove, Number(sent));
  const size_t short_flight = Unless(Slot("flight"), Relation::kAbove, Number(kDuplicates));
  Add(sequence, lost);
  SendUnheard(side, [&] { Repeat(kDuplicates, [&] { SendOf(full, sequence); }); });
  HalfRtt();
  AcknowledgePairs(side, static_cast<uint64_t>(sent));
  AcknowledgeTo(side, static_cast<uint64_t>(sent));
  SendDuplicates(side);
  HalfRtt();
  Add(sequence, -sent);
  SendOf(full);
  Add(sequence, sent);
  next_flight(sent);

  JumpHere(short_rest);
  JumpHere(short_flight);
  HalfRtt();
  AcknowledgePairs(side, 0);
  AcknowledgeTo(side, 0);
  SendAgain(full, conversation_.rto.value_or(DefaultRto()), Concat(path, " segment"));
  Add(sequence, lost);
  next_flight(lost);
}

}  // namespace spate::tmpl
