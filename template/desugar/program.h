// Steps → the program of one flow.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "template/desugar/message.h"
#include "template/quantity.h"

namespace spate::tmpl {

class Dialogue;

class Program {
 public:
  Program(Context& context, FlowNames names, core::Flow& out);
  ~Program();

  // kTick, initial values, the steps of one pass, and back (or the end).
  void Build(const Flow& flow);
  // timeline.cc: what the template's timeline says for the group.
  void BuildTimeline(const std::string& group);
  // life.cc: the end of an instance's life, and the begin of the next one.
  void BuildLife(bool timeline);
  // Mean bits of a pass's frames on the wire, for bps clocks; nullopt: not known beforehand.
  std::optional<double> MeanBits(const Flow& flow, bool l1);
  // Whether all passes have the same bits.
  bool SameBits(const Flow& flow) const;
  // A rate by which the flow spaces what it sends; its index in core::Flow::paces.
  uint32_t AddPace(const Rate& rate);
  // The slot of a variable that the template does not name.
  uint32_t AddHidden(const std::string& name);

 private:
  friend class Dialogue;  // says what it says with the program's operations

  // What is sent in one pass; a burst does it several times.
  void AddPass(const Flow& flow);
  void AddBurst(const Flow& flow, const Burst& burst);
  std::optional<Rate> BurstRate(const Burst& burst);
  std::optional<uint32_t> BurstPace(const std::optional<Rate>& rate);
  void AddBurstGap(const Burst& burst, const std::optional<Rate>& rate,
                   std::optional<uint32_t> pace);
  void AddSteps(const Steps& steps, const std::string& path);
  void Add(const Step& step, const std::string& path);

  // One per verb; `path` names the step and salts its draws.
  void AddStep(const SendStep& step, const Step& at, const std::string& path);
  void AddStep(const WaitStep& step, const Step& at, const std::string& path);
  void AddStep(const ExchangeStep& step, const Step& at, const std::string& path);
  void AddStep(const ChooseStep& step, const Step& at, const std::string& path);
  void AddStep(const LoopStep& step, const Step& at, const std::string& path);
  void AddStep(const SetStep& step, const Step& at, const std::string& path);
  void AddStep(const ChainStep& step, const Step& at, const std::string& path);
  void AddStep(const WhenStep& step, const Step& at, const std::string& path);
  void AddStep(const ControlStep& step, const Step& at, const std::string& path);
  void AddStep(const SayStep& step, const Step& at, const std::string& path);
  void AddStep(const CloseStep& step, const Step& at, const std::string& path);
  void AddStep(const JoinStep& step, const Step& at, const std::string& path);
  void AddStep(const RememberStep& step, const Step& at, const std::string& path);

  std::optional<double> MeanBytes(const Steps& steps, double per_frame);
  std::optional<double> MeanBytes(const Step& step, double per_frame);

  void AddCapture(const Flow& flow);

  struct Sent {
    LoweredMessage lowered;
    bool conversed = false;  // has a side; others do not count in sequence numbers
    bool from_server = false;
    std::string sequence;        // as in Message
    uint32_t virtual_bytes = 0;  // SYN and FIN count one each, and headers behind TCP's
  };
  const Sent* Find(const std::string& message, const Place& place);
  void Send(const Sent& sent);
  void SendOnly(const Sent& sent);
  void SendMaybeTwice(const Sent& sent, double twice, const std::optional<TimeLaw>& after,
                      const std::string& path);
  // After the request was sent `tries` + 1 times in vain.
  void WaitTimeout(const ExchangeStep& step, uint32_t tries, const std::string& path);
  // TCP: the sender's sequence number moves behind what was sent.
  void Advance(const Sent& sent);
  bool Counts(const Sent& sent) const;
  bool TakesNumbers(const Sent& sent);
  uint32_t SequenceSlot(bool of_server) const;
  void SetInitialSequence();
  // timestamps.cc
  void StartClocks();
  void StampBefore(uint32_t message);
  uint32_t StampSlot(bool of_server) const;
  void NextClientPort();
  void Wait(core::Law law, const std::string& path);
  void Wait(const TimeLaw& law, const std::string& path, uint32_t balanced = 0);
  // A comparison whose jump (op.b) the caller fills in: taken unless the condition holds.
  std::optional<size_t> Unless(const Condition& condition, const std::string& path);
  // Likewise: taken if the variable is 0.
  size_t IfZero(uint32_t slot);
  void Set(uint32_t slot, const NumberValue& value, core::OpCode code, uint64_t modulus);
  void SetNumber(const SetStep& step, uint32_t slot, const std::string& path);
  void SetWave(const Sine& sine, uint32_t slot, const std::string& path);
  // Moves a signed variable by multiples of `range` into [min, min + range).
  void Wrap(uint32_t slot, int64_t min, uint64_t range);
  // Sets it to the bound if it is beyond it.
  void Clamp(uint32_t slot, core::Relation beyond, int64_t bound);
  // The flow's bit within the mask of a join.
  uint64_t BitOf(uint32_t flow) const;
  void JoinFlows(uint64_t flows, uint32_t count);
  void Control(core::Action action, uint32_t flow);
  void AddEvent(const TimelineEvent& event, const std::string& group, const std::string& path);
  // A field whose value is kept each time that its message is sent.
  struct Remembered {
    std::string message, field;  // "dns.id"
    Place place;
    uint32_t slot = 0;
    uint32_t index = core::kNone;  // of the message, once it has been lowered
    std::optional<core::Operand> source;
  };
  void DeclareRemembered(const Flow& flow);
  void LowerRemembered(const std::string& name, const std::string& lowered, const Message& message,
                       uint32_t index);
  std::optional<core::Operand> OperandOf(const ValueLaw& law, const packet::FieldSpec& field,
                                         const std::string& path);
  void Remember(uint32_t message);
  void CheckRemembered() const;
  // A jump by chance; the targets are op positions that the caller fills in.
  uint32_t Choose(const std::vector<double>& weights, const std::string& path, uint32_t balanced);
  void SetTarget(uint32_t draw, size_t choice, size_t target);
  uint32_t HiddenSlot(const std::string& path);

  size_t Here() const { return out_.ops.size(); }
  core::Op& Emit(core::OpCode code, uint32_t a = 0, uint32_t b = core::kNone);

  Context& context_;
  FlowNames names_;
  core::Flow& out_;
  std::map<std::string, std::optional<Sent>> messages_;
  std::vector<Remembered> remembered_;
  std::optional<core::Operand> clocks_[2];  // of client and server: what they begin at
  std::map<uint32_t, bool> stamped_;        // messages with a clock: whether the server's
  std::unique_ptr<Dialogue> dialogue_;      // if the steps hold `client`, `server` or `close`
};

// timeline.cc. Whether the event concerns the group; for a flow at top level, which has no group,
// its own name.
bool Concerns(const TimelineEvent& event, const std::string& group);
// The clocks that the timeline gives a flow, in order of the file.
std::vector<const TimelineEvent*> ClockEvents(const Template& t, const std::string& flow);

// The clock, first pass and number of passes of a flow whose program has been built.
void LowerClock(Context& context, const Flow& flow, uint64_t instances, Program& program,
                core::Flow& out);

// Zero where a time law is known to take no time.
bool TakesNoTime(const TimeLaw& law);

}  // namespace spate::tmpl
