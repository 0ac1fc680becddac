// How a TCP conversation begins and ends.
#include "base/text.h"
#include "template/desugar/dialogue.h"

namespace spate::tmpl {
namespace {

constexpr size_t Index(Side side) { return static_cast<size_t>(side); }

Side SideOf(const std::string& word) {
  return word.starts_with("client") ? Side::kClient : Side::kServer;
}

bool IsReset(const std::string& how) { return how.ends_with("_reset"); }

}  // namespace

void Dialogue::Open() {
  if (!tcp_ || !conversation_.handshake) return;
  const uint32_t syn = MessageOf({.side = Side::kClient, .flags = "S", .what = "syn"});
  const uint32_t answer = MessageOf({.side = Side::kServer, .flags = "SA", .what = "syn-ack"});
  if (conversation_.loss > 0) {
    SendOf(syn);
    const size_t choice = ChooseLoss("syn");
    const size_t arrived = ops().size();
    program_.Emit(OpCode::kJump);
    program_.SetTarget(ops()[choice].a, 1, ops().size());
    SendAgain(syn, conversation_.rto.value_or(DefaultSynRto()), "syn");
    ops()[arrived].a = static_cast<uint32_t>(ops().size());
    Add(Sequence(Side::kClient), 1);
  } else {
    SendOf(syn, Sequence(Side::kClient), 1);
  }
  HalfRtt();
  SendOf(answer, Sequence(Side::kServer), 1);
  HalfRtt();
  SendOf(AckAll(Side::kClient));
  turns.said = Turn::kClient;
}

void Dialogue::SendFin(Side side) {
  SendOf(MessageOf({.side = side, .flags = "FA", .what = "fin"}), Sequence(side), 1);
  closed_[Index(side)] = true;
}

void Dialogue::SendReset(Side side) {
  SendOf(MessageOf({.side = side, .flags = "RA", .what = "rst"}));
}

void Dialogue::Close(const CloseStep& close, const Place& place, const std::string&) {
  const Side side = SideOf(close.how);
  if (!tcp_) {
    program_.context_.faults.Add(place, "\"close\" in a UDP conversation", "a TCP conversation");
    return;
  }
  if (IsReset(close.how)) {
    TakeTurn(side);
    SendReset(side);
    ends_.push_back(ops().size());
    program_.Emit(OpCode::kJump);
    return;
  }
  if (turns.depth > 1 || closed_[Index(side)]) {
    program_.context_.faults.Add(place,
                                 turns.depth > 1
                                     ? Concat(Quote(close.how), " within another step")
                                     : Concat("the ", close.how, " closes a second time"),
                                 "one \"close\" per side, among the steps of the flow itself");
    return;
  }
  TakeTurn(side);
  SendFin(side);
  Settle(side, Owed::kOne, false);
}

Turn Dialogue::Closer() const {
  if (!tcp_ || conversation_.close == "none") return Turn::kNobody;
  const Side side = SideOf(conversation_.close);
  for (const Step& step : program_.names_.surface->steps) {
    const auto* close = std::get_if<CloseStep>(&step.what);
    if (close && !IsReset(close->how) && SideOf(close->how) == side) return TurnOf(Other(side));
  }
  return TurnOf(side);
}

void Dialogue::CloseRest() {
  if (!tcp_ || conversation_.close == "none") return;
  const Side first = SideOf(conversation_.close);
  if (IsReset(conversation_.close)) {
    TakeTurn(first);
    return SendReset(first);
  }
  bool any = false;
  Side last = first;
  for (const Side side : {first, Other(first)}) {
    if (closed_[Index(side)]) continue;
    TakeTurn(side);
    SendFin(side);
    any = true;
    last = side;
  }
  if (!any) return;
  HalfRtt();
  SendOf(AckAll(Other(last)));
}

void Dialogue::Finish(size_t end) {
  for (size_t jump : ends_) ops()[jump].a = static_cast<uint32_t>(end);
}

}  // namespace spate::tmpl
