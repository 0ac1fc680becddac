// Generation: turns the plan's flow programs into records (descriptor + operands) in the total
// order of the trace, for one shard of the flow instances.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/huge_array.h"
#include "engine/expand/calendar.h"
#include "engine/expand/impairer.h"
#include "engine/expand/ladder.h"
#include "engine/plan/law.h"
#include "engine/plan/plan.h"
#include "engine/ring/descriptor.h"

namespace spate::engine {

// Operations after which a trace without end that has not had one packet more is taken for over:
// seconds of a core.
inline constexpr uint64_t kSilentWork = uint64_t{1} << 29;

// Which part of the trace this expander makes, and over how many emission lcores it is dealt.
struct Shard {
  uint32_t index = 0, count = 1;
  uint32_t lanes = 1;       // emission lcores of each port
  bool runs = false;        // streams in runs (plan.h) instead of a record per packet
  bool unobserved = false;  // records of all packets, whatever the plan's observer misses
  uint64_t silent_work = kSilentWork;
  // Packets after which a timer counts from 0 again and its lap apart, at most 2^32.
  uint64_t timer_lap = uint64_t{1} << 32;
  // The first lane of each of the plan's ports, or core::kNone when another expander makes what
  // leaves by it. Empty: all ports' is lane 0.
  std::vector<uint32_t> first_lane = {};
};

// Records on their way to one emission lcore.
struct Lane {
  Slot* slots = nullptr;
  uint32_t used = 0;
  uint32_t capacity = 0;

  // Room for a record and its copy, which an impairment may make: no lane may have less.
  static constexpr uint32_t kLeast = 2 * kMaxRecordSlots;
  bool full() const { return capacity - used < kLeast; }
};

class Expander {
 public:
  // Keeps a reference to `plan`, whose duration may be cut short until the first Expand.
  Expander(const Plan& plan, const Shard& shard);

  // Appends records to `lanes` (one per emission lcore of each port) until one of them is full or
  // the shard ends. Returns false once it has ended.
  bool Expand(std::span<Lane> lanes);

  // Nothing that Expand will still append comes before this key; Max() at the end.
  OrderKey Next() const;

  // Packets appended so far, to lanes.
  uint64_t packets() const { return packets_; }

  // Passes that a flow's instances have begun, and about how many more their clocks have asked for
  // until `now_ps`, which wait for the ones before. `period_ps`: from pass to pass on average.
  struct Backlog {
    uint64_t instances = 0, begun = 0;
    double waiting = 0;
  };
  // `period_ps` 0: that of each instance so far.
  Backlog BacklogOf(uint32_t flow, int64_t now_ps, double period_ps) const;

  // Not OK: a program ran without end at one instant.
  const absl::Status& status() const { return status_; }

  // The flow that acts although nothing has been sent for so long that nothing will be, in a trace
  // without end; core::kNone: there is none. Any thread may ask.
  uint32_t silent_flow() const { return silent_flow_.load(std::memory_order_relaxed); }
  // From any thread: the trace ends with what has been appended.
  void Finish() { finished_.store(true, std::memory_order_relaxed); }
  bool finished() const { return finished_.load(std::memory_order_relaxed); }

 private:
  // Streams are dealt to shards and lanes in blocks of this many packets, a burst each.
  static constexpr uint64_t kStreamBlock = 64;

  // Operations that let time pass and are done ahead of it.
  static constexpr uint32_t kMostAhead = 16;

  // Keys of an instance's independent number streams.
  static constexpr uint64_t kPassStream = 0x5370617465507373u;
  static constexpr uint64_t kObserverStream = 0x53706174654f6273u;
  static constexpr uint64_t kOpStream = 0x53706174654f7073u;

  // A frame in what FlowPlan::sent counts.
  static constexpr uint64_t kSentFrame = uint64_t{1} << 40;

  // A flow instance between two of its actions; its variables stand in variables_.
  struct Instance {
    uint64_t key;         // SubKey(flow key, number)
    uint64_t packets;     // sent so far
    int64_t pass_due_ps;  // planned begin of this pass
    uint64_t fraction;    // 2^-64 ps of it, for rates
    uint32_t passes;      // begun so far
    uint32_t draws;       // fresh draws made by operations
    uint32_t number;      // within its group
    uint32_t op;          // next operation, within its flow
    uint32_t flow;
    uint32_t last_bytes;  // payload of the last packet
    uint32_t variables;   // first of its variables, or of its unit's
    uint32_t first_pass;  // `passes` when it was started last
  };
  static_assert(sizeof(Instance) == 64);
  enum class Stop : uint8_t { kPostponed, kEnded, kPaused, kWaiting, kLaneFull };

  // The flows of a unit (see GroupPlan) act on each other, so the calendar holds one event for all
  // of them: that of the flow which acts next.
  struct Related {
    enum class State : uint8_t { kRunning, kPaused, kWaiting, kEnded };
    int64_t due_ps;     // of its next action
    int64_t paused_ps;  // since when
    int64_t window_ps;  // since when starts are counted, to find flows that start each other for
    uint32_t starts;    // ever
    State state;
  };

  void AddInstances(uint32_t flow, const std::vector<int64_t>& arrivals,
                    std::vector<Event>& events);
  Instance NewInstance(uint32_t flow, uint32_t number);
  // When the instances of a group come, those of all shards.
  std::vector<int64_t> Arrivals(uint32_t group);
  int64_t StartOf(const Instance& instance) const;
  // From the begin of an instance to the first pass.
  int64_t FirstDelay(const Instance& instance) const;
  // Where the flow's own schedule begins.
  void SetMapStart(const Instance& instance, int64_t start_ps);
  int64_t MapStart(const Instance& instance) const;
  // Schedules: when the flow's clock shows `clock_ps`. Without any, the clock shows the time.
  int64_t TimeOf(const Instance& instance, int64_t clock_ps) const;
  int64_t DueOf(const Instance& instance) const { return TimeOf(instance, instance.pass_due_ps); }
  // What the template's schedule makes of a time, the flow's own aside.
  int64_t ClockOf(const Instance& instance, int64_t time_ps) const;

  // unit.cc
  void AddUnits(const GroupPlan& group, std::vector<Event>& events);
  void PlaceInUnit(Instance& instance);
  void AddRelated(const Instance& instance);
  void SetShared(const Instance& instance);
  Stop RunUnit(const Event& event, Event next, std::span<Lane> lanes);
  // The unit's next event, that of the flow `except` left out.
  Event EarliestOfUnit(uint32_t id, uint32_t except) const;
  Related& RelatedOf(uint32_t id) { return related_[id - before_related_[GroupOf(id)]]; }
  uint32_t GroupOf(uint32_t id) const { return plan_.flows[instances_[id].flow].group; }
  // Acts on a flow of the same unit; returns when that flow acts next, INT64_MAX if not sooner.
  int64_t Control(const Instance& by, const OpPlan& op, int64_t now_ps);
  // It stands right behind kTick; where a run may not break off for another reason.
  static bool WaitsForPass(const Instance& instance) { return instance.op == 1; }
  void Retime(Instance& instance, Related& related, int64_t now_ps);
  bool Joined(const Instance& instance, const OpPlan& op) const;
  // Flows that wait for others look again; returns when the first one does.
  int64_t WakeWaiting(const Instance& ended, int64_t now_ps);
  Stop ControlItself(Instance& instance, core::Action action, int64_t now_ps);
  // `birth`: as the flow of a new instance, behind its start and phase.
  void Begin(Instance& instance, int64_t at_ps, bool birth);
  // Time has stood still for the flow.
  void ShiftClock(Instance& instance, int64_t from_ps, int64_t to_ps);
  void CountStart(const Instance& instance, Related& related, int64_t now_ps);

  // `next`: when another one acts, at which point this one stops.
  Stop RunProgram(Instance& instance, int64_t& due_ps, const Event& next, std::span<Lane> lanes);
  // An operation that only_waits; returns false when the instance ends.
  bool Wait(const OpPlan& op, Instance& instance, int64_t& due_ps);
  // The flow's program goes on without end, in which way `found` says.
  void Fail(uint32_t flow, std::string_view found);
  void Compute(const OpPlan& op, Instance& instance, int64_t due_ps);
  bool Tick(Instance& instance, int64_t& due_ps);
  bool TickList(Instance& instance, int64_t due_ps, int64_t& begin_ps);
  // The real time of `clock_ps`, a time of the clock that stands still in off-phases.
  int64_t InOnPhase(Instance& instance, int64_t clock_ps, bool first);
  // How long what was sent since the last time takes.
  int64_t Settle(const PacePlan& pace, const Instance& instance);
  bool Seen(const MessagePlan& message, const Instance& instance) const {
    return message.missed == 0 || shard_.unobserved ||
           Draw(instance.key ^ kObserverStream, instance.packets) > message.missed;
  }
  void Send(Instance& instance, const MessagePlan& message, uint32_t message_index, int64_t due_ps,
            Lane& lane);
  void Record(Instance& instance, const MessagePlan& message, uint32_t message_index,
              uint32_t length, int64_t due_ps, Lane& lane);
  uint32_t LengthOf(const MessagePlan& message, Instance& instance);
  void CountSent(const Instance& instance, uint32_t length);
  void SendNext(Instance& instance, const OpPlan& op, int64_t due_ps, Lane& lane);
  void SendCaptured(Instance& instance, const OpPlan& op, int64_t due_ps, Lane& lane);
  // From the packet before to packet `number` of a track.
  int64_t TrackGap(const FlowPlan& flow, uint32_t track, uint64_t number) const;
  void Impair(Instance& instance, Lane& lane, uint32_t before);
  bool SendHeld(std::span<Lane> lanes);
  uint64_t WordOf(const WordPlan& word, Instance& instance);
  uint64_t DrawNow(uint32_t draw, Instance& instance, uint32_t uses);
  // The random bits of the operations' fresh draw number `n`.
  static uint64_t FreshBits(const Instance& instance, const DrawPlan& draw, uint32_t n) {
    return Mix(Draw(instance.key ^ kOpStream, n) + draw.key);
  }
  uint64_t DrawCounted(const DrawPlan& draw, Instance& instance, uint32_t uses);
  uint64_t DrawInScope(uint32_t draw, const Instance& instance) const;
  uint64_t DrawPerInstance(const DrawPlan& draw, const GroupPlan& group, uint64_t identity) const;
  uint64_t InColumn(uint32_t index, uint64_t row) const;
  uint64_t OperandOf(const OpPlan& op, Instance& instance);

  Stop RunStream(Instance& instance, int64_t& due_ps, const Event& next, std::span<Lane> lanes);
  void FillStream(Instance& instance, const MessagePlan& message, int64_t& due_ps, uint64_t most,
                  const Event& next, Lane& lane);
  bool FillRun(Instance& instance, const MessagePlan& message, int64_t& due_ps, uint64_t most,
               int64_t end, Lane& lane);
  // The flow as its clock is now.
  const FlowPlan& Clocked(const Instance& instance) const {
    const FlowPlan& flow = plan_.flows[instance.flow];
    if (flow.variant == core::kNone) return flow;
    const uint64_t variant = variables_[instance.variables + flow.variant];
    return variant == 0 ? flow : plan_.variants[flow.first_variant + variant - 1];
  }
  void AdvancePeriods(Instance& instance, uint64_t periods);
  void SkipPackets(Instance& instance, uint64_t packets);
  // Which of a port's lanes its packets go to next.
  uint32_t LaneOf(const Instance& instance) const;
  // Of all lanes; core::kNone: another expander makes what leaves by the message's port.
  uint32_t LaneNumber(uint32_t message, const Instance& instance) const;
  Lane& LaneFor(uint32_t message, const Instance& instance, std::span<Lane> lanes);
  // What a sending operation would send now.
  uint32_t MessageOf(const Instance& instance, const OpPlan& op) const;
  // Returns false when the lane is full.
  bool TrySend(Instance& instance, const OpPlan& op, int64_t due_ps, std::span<Lane> lanes);

  // beats.cc
  bool RunBeats(const Event& limit, std::span<Lane> lanes);
  [[gnu::always_inline]] void SendBeat(const BeatPlan& beat, Instance& instance, int64_t due_ps,
                                       Lane& lane);
  [[gnu::always_inline]] int64_t Rest(const BeatPlan& beat, const FlowPlan& flow,
                                      Instance& instance) const;

  // timers.cc
  // All that timers of a flow ask the plan for, in one place.
  struct TimerFlow {
    uint64_t keys;        // KeyOfParts of its key
    const DrawPlan* gap;  // from packet n to the next one: number n + gap_ahead of this stream
    uint64_t gap_stream, gap_ahead;
    const WordPlan* words;
    uint32_t word_count, wide_words;
    uint32_t slots;  // of a record
    uint64_t passes;
    uint32_t flow;
    uint16_t message, length;
    uint32_t first_lane;
    uint64_t running;  // number of its first instance over all groups
    size_t first_lap;  // in laps_
  };
  // What the record of a timer stands for.
  struct TimerState {
    int64_t due_ps;
    uint64_t key;  // SubKey(flow key, number)
    uint64_t packets;
    uint32_t number;
  };
  void AddTimers(uint32_t flow, const std::vector<int64_t>& arrivals);
  TimerFlow TimerFlowOf(uint32_t flow) const;
  [[gnu::always_inline]] uint32_t NumberOf(const Timer& timer) const;
  [[gnu::always_inline]] uint32_t& LapsOf(const TimerFlow& flow, uint32_t number);
  OrderKey OrderOf(const Timer& timer) const;
  bool RunTimers(const OrderKey& limit, std::span<Lane> lanes);
  [[gnu::always_inline]] void SendTimer(const TimerFlow& flow, const TimerState& timer, Lane& lane);
  [[gnu::always_inline]] int64_t GapOf(const TimerFlow& flow, const TimerState& timer) const;
  [[gnu::always_inline]] uint32_t TimerLane(const TimerFlow& flow, uint32_t number) const;

  bool ExpandSome(std::span<Lane> lanes);
  void NoteSilence(bool sent);
  OrderKey NextInCalendar() const;
  OrderKey End() const { return {plan_.duration.count, 0}; }
  // What stands in the calendar comes before all timers if it comes before this.
  Event FirstTimer() const {
    return timers_.empty() ? Event::Never() : Event{.due_ps = timers_.First()->due_ps, .id = 0};
  }
  // The state of instances that are soon to act is on its way from memory meanwhile.
  void FetchAhead() const;
  uint64_t FirstNumber(uint32_t group) const;
  uint64_t CountHere(uint32_t flow) const;

  const Plan& plan_;
  const Shard shard_;
  std::vector<uint64_t> first_number_;    // per group: running number of its first instance
  std::vector<uint32_t> first_id_;        // per flow: id of its first instance here
  std::vector<uint32_t> units_;           // per group: instances here
  std::vector<uint32_t> before_related_;  // per group: ids up to its first one that have no Related
  std::vector<Related> related_;
  HugeVector<Instance> instances_;  // by event id
  HugeVector<uint64_t> variables_;
  Calendar calendar_;  // streams and programs
  Ladder<Timer> timers_;
  std::vector<TimerFlow> timer_flows_;  // in the order of their flows
  HugeVector<uint32_t> laps_;           // whole laps of each timer's packets
  bool lapped_ = false;                 // whether there are any
  Impairer impairer_;                   // packets held back
  std::vector<uint32_t> first_lane_;    // per message: of its port
  bool one_lane_ = false;               // all go to the only one
  // What another expander makes runs here too, for it moves a flow's numbers on, and is forgotten.
  std::vector<Slot> forgotten_;
  Lane elsewhere_;
  uint64_t packets_ = 0;
  uint64_t work_ = 0;  // about how many operations have run since a packet was made
  std::atomic<uint32_t> silent_flow_{core::kNone};
  std::atomic<bool> finished_{false};
  absl::Status status_;
};

// A fresh draw by an operation: nearly always independent numbers.
inline uint64_t Expander::DrawNow(uint32_t index, Instance& instance, uint32_t uses) {
  const DrawPlan& draw = plan_.draws[index];
  const LawPlan& law = draw.law;
  if (law.kind == core::Law::Kind::kConstant) return law.start;
  if (draw.scope != core::Scope::kPacket) [[unlikely]]
    return DrawInScope(index, instance);
  if (uses != core::kNone) [[unlikely]]
    return DrawCounted(draw, instance, uses);
  const uint64_t bits = FreshBits(instance, draw, instance.draws++);
  const uint64_t* const words = plan_.words.data();
  if (law.kind == core::Law::Kind::kQuantiles) {
    return Interpolated(law, words, bits);
  }
  if (law.kind == core::Law::Kind::kAlias) return AliasOutcome(law, words, bits);
  return Outcome(law, words, 0, bits);
}

inline uint64_t Expander::WordOf(const WordPlan& word, Instance& instance) {
  switch (word.word) {
    case Word::kPacketBits:
      return PlaceIn(instance.key, instance.packets);
    case Word::kPassBits:
      return Draw(instance.key ^ kPassStream, instance.passes);
    case Word::kPacketCount:
      return instance.packets;
    case Word::kPassCount:
      return instance.passes == 0 ? 0 : instance.passes - 1;
    case Word::kVariable:
      return variables_[instance.variables + word.index];
    case Word::kOutcome:
      return DrawInScope(word.index, instance);
  }
  return 0;
}

}  // namespace spate::engine
