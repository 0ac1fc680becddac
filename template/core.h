// The core of the template language: all that the engine knows. Names are resolved to indices,
// surface constructs are rewritten into laws, draws, patches and flow programs of a dozen
// operations. Plain data; engine/plan flattens it for the hot path.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "packet/frame.h"
#include "template/track.h"

namespace spate::core {

inline constexpr uint32_t kNone = 0xffffffff;

// A law maps a counter or 64 random bits to a number: one draw = one look-up.
struct Law {
  enum class Kind : uint8_t {
    kConstant,    // start
    kArithmetic,  // start + step * (counter mod count); count 0: no wrap (mod 2^64)
    kList,        // values[counter mod values.size()]
    kUniform,     // start + [0, count)
    kQuantiles,   // values[] at probabilities i/(n-1), interpolated linearly; times in ps
    kAlias,       // values[i] with probability weights[i]
  };
  Kind kind = Kind::kConstant;
  uint64_t start = 0, step = 0, count = 1;
  std::vector<uint64_t> values;
  std::vector<double> weights;
  // > 0: instead of independent numbers, deal this many strata (a power of two, ≤ 1024) in a
  // keyed permutation, counted by the draw's own use counter.
  uint32_t balanced = 0;
  // kArithmetic: within each `count` of the counter, its values come in another order, each once.
  bool permuted = false;
};

enum class Scope : uint8_t { kPacket, kPass, kInstance, kRun };

// A law read under a name and scope. Counter of the scope: packets of the flow instance, passes of
// the flow instance, number of the instance within its group, 0. Random bits are
// Draw(SubKey(key of scope, salt), counter): all users of one draw in one scope see one outcome.
// Program operations (wait, choose, set, compare) always draw afresh: scope kPacket there means
// "each time the operation runs".
struct Draw {
  uint32_t law = 0;
  Scope scope = Scope::kPacket;
  uint64_t salt = 0;  // NameKey of its name, or of its place for unnamed ones
};

// Variables are named by slot: those of the flow from 0 on, those shared by all flows of an
// instance of the group from kShared on.
inline constexpr uint32_t kShared = 0x80000000;

// Turns a draw's outcome (a row number) into the value of one field. Empty values: affine.
struct Column {
  std::vector<uint64_t> values;
  uint64_t start = 0, step = 1;
};

// One varying field of a message. The prototype holds zeros there.
struct Patch {
  enum class Source : uint8_t { kDraw, kVariable };
  uint32_t offset_bits = 0;  // from the frame's first bit
  uint16_t bits = 0;         // 1–64; wider fields (IPv6) are several patches
  Source source = Source::kDraw;
  uint32_t index = 0;       // draw, or slot of a variable
  uint32_t column = kNone;  // kNone: the outcome itself
  bool little_endian = false;
};

struct Message {     // sent by one flow only: several flows have copies of their own
  std::string name;  // for people: template name, or flow/message for conversations
  std::string info;
  packet::Frame frame;  // prototype; at the largest size when the size varies
  std::vector<Patch> patches;
  uint32_t size_draw = kNone;  // draw of the frame length without FCS; kNone: constant
  // Variable that holds the frame's length with FCS instead; what lies outside the headers and the
  // prototype is cut to these.
  uint32_t size_variable = kNone;
  bool runt = false;  // not padded to the link's shortest frame
  double missed = 0;  // probability that the observer does not see it, though it is sent
  uint32_t port = 0;  // by which it leaves: index into Scenario::ports
};

enum class OpCode : uint8_t {
  kWait,        // due += outcome of draw a (ps)
  kSend,        // message a; variable b (kNone: none) += its payload bytes + value
  kSet,         // variable a = value; value: b = Operand
  kAdd,         // variable a = (variable a + value) mod c
  kScale,       // variable a = variable a * value / 2^32, rounded; all signed
  kWave,        // variable a = where draw b's table of quantiles is at this time of the run: it is
                // gone through once in each c ps, as it will be in `value` ps
  kStamp,       // variable a = value + milliseconds of the run
  kAddPayload,  // variable a += payload bytes of the packet just sent
  kChoose,      // jump to targets[outcome of draw a]; outcomes are positions in Flow::ops
  kJump,        // to a
  kLoop,        // variable a -= 1, jump to b unless it was 0 or became 0
  kCompare,     // jump to b unless `variable a <relation> value`, both taken as signed
  kControl,     // flow a of the same instance of the group: `action`
  kJoin,        // waits until b of the flows have ended whose bits are set in value (bit 0: the
                // group's first flow)
  kWaitUntil,   // due = outcome of draw a (ps since the start of the run), unless that has passed
  kSettle,      // waits as long as what was sent since the last time takes at the rate of pace a
  kTick,        // begin of a pass: advances the clock, waits for it, resets pass-scoped state
  kEnd,         // the instance is done
  // Packet number `variable a` of track b:
  kAwaitCaptured,  // due += time since the packet before it
  kSendCaptured,   // sends it; variable a += 1, or 0 behind the last one: else jump to operand
};

struct Operand {
  // kField: what a field that reads the draw through the column has in the next packet.
  enum class Kind : uint8_t { kConstant, kDraw, kVariable, kField };
  Kind kind = Kind::kConstant;
  uint64_t value = 0;       // the constant, or the index of draw or variable
  uint32_t column = kNone;  // kField
};

enum class Relation : uint8_t { kIs, kNot, kBelow, kAbove, kAtMost, kAtLeast };

// What one flow does to another one (or itself).
//   kStart: a flow that is not running begins its first pass now; a paused one goes on.
//   kPause: time stands still for it: its waits and its clock go on where they were.
//   kStop: it ends; it may be started again.
//   kRestart: kStop and kStart.
//   kBirth: kStop, and the flow begins as that of a new instance does: after its start and phase.
//   kClock: from now on its passes begin by the clock Flow::variants[value - 1].
enum class Action : uint8_t { kStart, kPause, kStop, kRestart, kBirth, kClock };

struct Op {
  OpCode code = OpCode::kEnd;
  Relation relation = Relation::kIs;  // kCompare
  Action action = Action::kStart;     // kControl
  uint32_t a = 0, b = kNone;
  Operand operand;       // kSet, kAdd, kCompare, kStamp; a constant: kSend, kScale, kWave
  uint64_t modulus = 0;  // kAdd, kWave: the c above; 0: 2^64
};

// A rate of bits or frames that the flow's own frames are spaced by.
struct Pace {
  uint32_t mark = 0;  // slots of two variables: Flow::sent when it was settled last, and the
                      // fraction of a picosecond that is left
  double picos_per_byte = 0;
  double picos_per_frame = 0;  // besides its bytes (FCS included)
};

struct Clock {
  enum class Kind : uint8_t { kOnce, kRate, kSettled, kRenewal, kGrid, kList };
  Kind kind = Kind::kOnce;
  double pps = 0;        // kRate: pass n begins at start + n / pps, exactly; kSettled: about
  uint32_t pace = 0;     // kSettled: as long after the last pass as what that one sent takes
  uint32_t gap = kNone;  // kRenewal: draw of the gap from start to start (Poisson: exponential)
  Picos period;          // kGrid: start + n * period + jitter
  uint32_t jitter = kNone;
  uint32_t times = kNone;  // kList: draw of a list; a pass at each of its times …
  bool of_run = false;     // … of the run, not of the flow
  // Passes begin in on-phases only, and the clock stands still in off-phases; draws of how long
  // they last, and the slots of three variables: where the on-phase ends in the clock's time, how
  // far that is behind, and where it began.
  uint32_t on = kNone, off = kNone;
  uint32_t phase = 0;
};

// A stretch of time in which clock time runs at a speed (clock seconds per second) that changes
// evenly from `begin` to `end`; both 0: it stands still.
struct TimePiece {
  double seconds = 0;
  double begin = 1, end = 1;
};
// Clock time as time goes on. What would come after the last piece never comes.
struct TimeMap {
  std::vector<TimePiece> pieces;
  uint64_t repeat = 1;  // 0: without end
};

// A stretch of the total rate.
struct RatePiece {
  double seconds = 0;
  std::string begin, end;  // as written
};

// What happens to packets behind the program. Probabilities; kNone: no such draw.
struct Impairment {
  double loss = 0;                              // in the good state
  double enter = 0, leave = 1, burst_loss = 0;  // of the bad state
  double duplicate = 0;
  uint32_t delay = kNone;  // draw
  double reorder = 0;
  Picos reorder_by;
  double corrupt = 0;
  uint32_t bits = 1;
  bool right_checksums = false;
};

struct Flow {
  std::string name;   // "group/flow"; just "flow" for those at top level
  std::string where;  // "file:line: $.path" of it, for faults that only its program shows
  uint32_t group = 0;
  uint32_t variables = 0;
  std::vector<Op> ops;  // begins with kTick; ends by jumping to it or kEnd
  Clock clock;
  uint32_t start = kNone;  // draw of the first pass's time; kNone: 0
  uint32_t phase = kNone;  // draw per instance, added to it
  bool spread = false;     // instead: number / count of the rate's period, exactly
  uint32_t sent = kNone;   // slot of the count of frames << 40 + bytes with FCS
  std::vector<Pace> paces;
  uint64_t passes = 0;          // from a start on; 0: no limit
  bool idle = false;            // begins only when another flow starts it
  std::vector<Clock> variants;  // see Action::kClock
  uint32_t variant = kNone;     // slot of the variable that tells which one holds; 0: `clock`
  uint64_t packets = 0;         // per instance; 0: no limit
  uint32_t map = kNone;         // time map of the clock, counted from the start; kNone: none
  bool scale = true;            // whether the scenario's rate and schedule apply
  std::optional<Impairment> impairment;
};

struct Group {
  std::string name;
  uint64_t count = 1;  // instances
  // Shared variables: their values when an instance begins; draws hold per instance.
  std::vector<Operand> variables;
  // Draw of when an instance comes, or (gaps) of the time since the one before came; kNone: 0.
  uint32_t arrival = kNone;
  bool gaps = false;
  uint32_t first_flow = 0;  // in Scenario::flows
  // Slot of the shared variable that holds the number by which the instance's identity is drawn,
  // where that changes because others take its place; kNone: its number in the group.
  uint32_t identity = kNone;
};

// How stamps count where a trace is recorded.
struct View {
  bool from_first = false;  // from the first packet, else from the begin of the run
  Picos resolution = {};    // cut to whole multiples of it; 0: as they are
};

struct Scenario {
  std::string name;
  std::vector<Law> laws;
  std::vector<Draw> draws;
  std::vector<Column> columns;
  std::vector<Message> messages;
  std::vector<Group> groups;
  std::vector<Flow> flows;                // ordered by group
  std::vector<std::string> ports = {""};  // names of the ports; one without a name by default
  packet::LinkType link = packet::LinkType::kEthernet;
  Picos duration = Picos::Max();
  std::optional<uint64_t> packets;
  View view;
  std::vector<TimeMap> maps;
  std::vector<std::shared_ptr<const Track>> tracks;
  // "file:line: $.path" of what says the total rate.
  std::string where_rate;
  std::string rate;                 // total to scale to, as written; "" = none
  std::vector<RatePiece> schedule;  // of the total rate; empty: none
  uint64_t schedule_repeat = 1;     // 0: without end
  double line_bps = 0;              // what "%" of the line means; 0: not said
};

}  // namespace spate::core
