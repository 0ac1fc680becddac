// What the two sides of a conversation say, as packets: handshake, segments, acknowledgements,
// retransmissions, the end. Everything is seen from one place halfway between the sides, so that
// half a round trip lies between what one says and what the other does about it.
//
// Sequence numbers count in 64 bits here, so that they compare as numbers; their fields hold the
// lower 32. While one side speaks, "(acked)" is what the other has acknowledged.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "template/desugar/program.h"
#include "template/surface/turns.h"

namespace spate::tmpl {

// What the conversation's keys say when they are absent.
TimeLaw DefaultAckDelay();
TimeLaw DefaultRto();
TimeLaw DefaultSynRto();

class Dialogue {
 public:
  // `program` has a conversation and outlives the dialogue.
  explicit Dialogue(Program& program);

  // The handshake; to be called before the steps.
  void Open();
  void Say(const SayStep& say, const Place& place, const std::string& path);
  void Close(const CloseStep& close, const Place& place, const std::string& path);
  // What is still open at the end of the pass; `end` of Finish is where it goes then.
  void CloseRest();
  void Finish(size_t end);

  // By how much of the wait that follows has passed already.
  double TakeWaited() { return std::exchange(waited_, 0); }
  double ack_delay() const { return ack_delay_; }
  // Who closes the pass; kNobody: it falls silent.
  Turn Closer() const;

  Turns turns;

 private:
  using Operand = core::Operand;
  using OpCode = core::OpCode;
  using Relation = core::Relation;

  // A segment or datagram, and how many bytes it carries.
  struct Part {
    uint32_t message = 0;
    uint32_t bytes = 0;
  };
  // What the listener has not acknowledged yet when the speaker is done.
  enum class Owed : uint8_t { kNothing, kOne, kMaybe };

  // messages: lowered once, by what they are.
  struct Shape {
    Side side = Side::kClient;
    std::string_view flags;  // TCP
    std::string data;        // payload
    bool varying = false;    // its size stands in "(frame)"
    bool sacks = false;      // and what stands in "(sack begin)" and "(sack end)"
    bool acks_part = false;  // acknowledges "(acked)" instead of all that was said
    std::string_view what;   // part of its name
  };
  uint32_t MessageOf(const Shape& shape);
  void AddSynOptions(HeaderUse& tcp) const;
  void Measure();
  uint32_t Full(Side side);
  uint32_t AckPart(Side side) {
    return MessageOf({.side = side, .flags = "A", .acks_part = true, .what = "part"});
  }
  uint32_t AckGap(Side side) {
    return MessageOf(
        {.side = side, .flags = "A", .sacks = true, .acks_part = true, .what = "sack"});
  }
  uint32_t AckAll(Side side) { return MessageOf({.side = side, .flags = "A", .what = "ack"}); }
  std::vector<Part> PartsOf(Side side, const std::string& data);
  std::vector<Part> PartsOf(Side side, uint64_t bytes);

  // operations
  uint32_t Slot(std::string_view name);
  uint32_t Sequence(Side side);
  void SetTo(uint32_t slot, Operand operand);
  void Add(uint32_t slot, int64_t number);
  size_t Unless(uint32_t slot, Relation relation, Operand operand);
  void JumpHere(size_t op) { ops()[op].b = static_cast<uint32_t>(ops().size()); }
  void SendOf(uint32_t message, uint32_t advanced = core::kNone, uint64_t more = 0);
  void Repeat(uint64_t times, const std::function<void()>& body);
  void HalfRtt();
  void TakeTurn(Side side);
  std::vector<core::Op>& ops() { return program_.out_.ops; }
  static Operand Number(int64_t number) {
    return {Operand::Kind::kConstant, static_cast<uint64_t>(number)};
  }
  static Operand Of(uint32_t slot) { return {Operand::Kind::kVariable, slot}; }

  // speech
  void SayParts(Side side, const std::vector<Part>& parts, const std::string& path);
  void SayDatagrams(Side side, const std::vector<Part>& parts);
  void SayDrawnDatagrams(Side side, const NumberValue& size);
  void SayDrawn(Side side, const NumberValue& size, const std::string& path);
  void SayMessage(const SayStep& say, const Place& place, const std::string& path);
  void SendRun(Side side, const std::vector<Part>& parts, size_t from, size_t count);
  void AcknowledgeRun(Side side, size_t count, bool last);
  void Settle(Side side, Owed owed, bool crossed);
  bool FitsFlights(uint64_t parts) const;

  // loss (retransmit.cc)
  void SendSurely(uint32_t message, Side side, const std::string& path);
  void SendAgain(uint32_t message, const TimeLaw& timeout, const std::string& path);
  void Lose(Side side, uint32_t flight_begin, const std::string& path);
  void SendDuplicates(Side side);
  void SendUnheard(Side side, const std::function<void()>& packets);
  void AcknowledgePairs(Side side, uint64_t behind);
  void AcknowledgeTo(Side side, uint64_t behind);
  size_t ChooseLoss(const std::string& path);

  void SendFin(Side side);
  void SendReset(Side side);

  Program& program_;
  const Conversation& conversation_;
  const bool tcp_;
  double ack_delay_ = 0;  // seconds, its mean
  double waited_ = 0;
  uint32_t header_bytes_ = 0;  // of frames with data, without FCS
  uint32_t mss_ = 0;           // bytes of data in a full segment or datagram
  uint32_t announced_mss_ = 0;
  uint32_t scale_ = 0;
  uint64_t most_in_flight_ = 1, first_flight_ = 1;  // segments
  uint64_t pair_ = 2;                               // segments per acknowledgement
  uint32_t half_rtt_ = core::kNone;                 // draw
  bool closed_[2] = {false, false};
  std::map<std::string, uint32_t> messages_;
  std::vector<size_t> ends_;  // jumps to the end of the pass
};

}  // namespace spate::tmpl
