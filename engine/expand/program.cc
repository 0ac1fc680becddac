// The program machine: one instance runs operations until time passes, with every draw that they
// and the packets they send make.
#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "base/text.h"
#include "engine/expand/expander.h"
#include "engine/plan/law.h"

namespace spate::engine {
namespace {

using core::OpCode;

// Operations after which a run in which time goes on breaks off, for others to be looked at, and
// those that one instance may run at one instant before the program is taken for endless.
constexpr uint32_t kOpsPerLook = 1 << 16, kMaxOpsPerInstant = 1 << 20;

constexpr uint64_t kPicosPerMilli = 1'000'000'000;

bool Holds(core::Relation relation, uint64_t a, uint64_t b) {
  const auto left = static_cast<int64_t>(a), right = static_cast<int64_t>(b);
  switch (relation) {
    case core::Relation::kIs:
      return left == right;
    case core::Relation::kNot:
      return left != right;
    case core::Relation::kBelow:
      return left < right;
    case core::Relation::kAbove:
      return left > right;
    case core::Relation::kAtMost:
      return left <= right;
    case core::Relation::kAtLeast:
      return left >= right;
  }
  return false;
}

// A signed number times a factor in 2^-32, to the nearest integer that 64 bits hold.
uint64_t ScaledBy(uint64_t number, uint64_t factor) {
  const int128 product =
      static_cast<int128>(static_cast<int64_t>(number)) * static_cast<int64_t>(factor);
  const int128 rounded = (product + (int128{1} << 31)) >> 32;
  return static_cast<uint64_t>(std::clamp<int128>(rounded, INT64_MIN, INT64_MAX));
}

}  // namespace

uint32_t Expander::MessageOf(const Instance& instance, const OpPlan& op) const {
  if (op.code == OpCode::kSend) return op.a;
  const core::Track& track = *plan_.tracks[op.b];
  const uint64_t cursor = variables_[instance.variables + op.a];
  return op.message + track.frames[track.entries[cursor].frame].port;
}

bool Expander::TrySend(Instance& instance, const OpPlan& op, int64_t due_ps,
                       std::span<Lane> lanes) {
  Lane& lane = LaneFor(MessageOf(instance, op), instance, lanes);
  if (lane.full()) return false;
  SendNext(instance, op, due_ps, lane);
  return true;
}

// Runs operations until time moves past the next event, the lane is full or the instance ends.
Expander::Stop Expander::RunProgram(Instance& instance, int64_t& due_ps, const Event& next,
                                    std::span<Lane> lanes) {
  const FlowPlan& flow = plan_.flows[instance.flow];
  const OpPlan* const ops = plan_.ops.data() + flow.first_op;
  const int64_t began = due_ps;
  int64_t limit = std::min(next.due_ps, plan_.duration.count);
  // What only lets time pass is done ahead, for then the calendar is asked once for all of it;
  // unless other flows may step in meanwhile.
  const uint32_t ahead = plan_.groups[flow.group].unit ? 0 : kMostAhead;
  uint32_t waited = 0;
  int64_t looked_at = began;
  for (uint32_t count = 0;; ++count) {
    const OpPlan& op = ops[instance.op];
    if (due_ps >= limit && due_ps != began && !(op.only_waits && waited++ < ahead)) {
      return Stop::kPostponed;
    }
    if (count > kOpsPerLook) [[unlikely]] {
      if (due_ps != began && !WaitsForPass(instance)) {
        work_ += count;
        return Stop::kPostponed;
      }
      if (count > kMaxOpsPerInstant) {
        if (due_ps == looked_at) {
          Fail(instance.flow, "a flow that goes on for ever without time passing");
          return Stop::kEnded;
        }
        looked_at = due_ps;
        count = 0;
      }
    }
    switch (op.code) {
      case OpCode::kWait:
      case OpCode::kWaitUntil:
      case OpCode::kSettle:
      case OpCode::kAwaitCaptured:
      case OpCode::kTick:
      case OpCode::kJump:
        if (!Wait(op, instance, due_ps)) return Stop::kEnded;
        break;
      case OpCode::kSend:
      case OpCode::kSendCaptured:
        if (flow.packets != 0 && instance.packets >= flow.packets) return Stop::kEnded;
        if (!TrySend(instance, op, due_ps, lanes)) return Stop::kLaneFull;
        if (flow.impairment != core::kNone) limit = std::min(limit, impairer_.Next().due_ps);
        break;
      case OpCode::kControl:
        instance.op = op.next;
        if (op.a != instance.flow) {
          limit = std::min(limit, Control(instance, op, due_ps));
        } else if (const Stop stop = ControlItself(instance, op.action, due_ps);
                   stop != Stop::kPostponed) {
          return stop;
        }
        break;
      case OpCode::kJoin:
        if (!Joined(instance, op)) return Stop::kWaiting;
        instance.op = op.next;
        break;
      case OpCode::kEnd:
        return Stop::kEnded;
      default:
        Compute(op, instance, due_ps);
    }
  }
}

bool Expander::Wait(const OpPlan& op, Instance& instance, int64_t& due_ps) {
  const FlowPlan& flow = plan_.flows[instance.flow];
  switch (op.code) {
    case OpCode::kWait:
      due_ps += static_cast<int64_t>(DrawNow(op.a, instance, op.uses));
      break;
    case OpCode::kWaitUntil:
      due_ps = std::max(due_ps, static_cast<int64_t>(DrawNow(op.a, instance, op.uses)));
      break;
    case OpCode::kSettle:
      due_ps += Settle(plan_.paces[flow.first_pace + op.a], instance);
      break;
    case OpCode::kAwaitCaptured:
      due_ps += TrackGap(flow, op.b, variables_[instance.variables + op.a]);
      break;
    case OpCode::kTick:
      if (!Tick(instance, due_ps)) return false;
      break;
    default:
      break;  // kJump: no time passes
  }
  instance.op = op.next;
  return true;
}

void Expander::Fail(uint32_t flow, std::string_view found) {
  status_ = absl::InvalidArgumentError(
      Concat(plan_.flow_places[flow], ": found ", found,
             ", expected a wait, or a clock, in what it does again and again"));
}

// Operations on variables, and jumps: no time passes, nothing is sent.
void Expander::Compute(const OpPlan& op, Instance& instance, int64_t due_ps) {
  uint64_t* variables = variables_.data() + instance.variables;
  switch (op.code) {
    case OpCode::kSet:
      variables[op.a] = OperandOf(op, instance);
      instance.op = op.next;
      break;
    case OpCode::kAdd:
      variables[op.a] += OperandOf(op, instance);
      if (op.modulus != 0) variables[op.a] %= op.modulus;
      instance.op = op.next;
      break;
    case OpCode::kScale:
      variables[op.a] = ScaledBy(variables[op.a], op.value);
      instance.op = op.next;
      break;
    case OpCode::kWave:
      variables[op.a] = CurveAt(plan_.draws[op.b].law, plan_.words.data(),
                                static_cast<uint64_t>(due_ps) + op.value, op.modulus);
      instance.op = op.next;
      break;
    case OpCode::kStamp:
      variables[op.a] = OperandOf(op, instance) + static_cast<uint64_t>(due_ps) / kPicosPerMilli;
      instance.op = op.next;
      break;
    case OpCode::kAddPayload:
      variables[op.a] += instance.last_bytes;
      instance.op = op.next;
      break;
    case OpCode::kChoose:
      instance.op = static_cast<uint32_t>(DrawNow(op.a, instance, op.uses));
      break;
    case OpCode::kLoop:
      if (variables[op.a] > 0) --variables[op.a];
      instance.op = variables[op.a] > 0 ? op.b : op.next;
      break;
    case OpCode::kCompare:
      instance.op = Holds(op.relation, variables[op.a], OperandOf(op, instance)) ? op.next : op.b;
      break;
    default:
      break;
  }
}

void Expander::Send(Instance& instance, const MessagePlan& message, uint32_t message_index,
                    int64_t due_ps, Lane& lane) {
  const uint32_t before = lane.used;
  uint32_t length = message.length;
  if (message.varying_size) length = LengthOf(message, instance);
  if (Seen(message, instance)) Record(instance, message, message_index, length, due_ps, lane);
  ++instance.packets;
  CountSent(instance, length);
  instance.last_bytes =
      message.varying_size ? length - message.payload_offset : message.payload_bytes;
  const bool impaired = plan_.flows[instance.flow].impairment != core::kNone;
  if (impaired && lane.used > before) Impair(instance, lane, before);
}

void Expander::Record(Instance& instance, const MessagePlan& message, uint32_t message_index,
                      uint32_t length, int64_t due_ps, Lane& lane) {
  Slot* out = lane.slots + lane.used;
  const uint32_t index = message.index_modulus == 0
                             ? instance.number
                             : static_cast<uint32_t>(Reduce(instance.packets, message.index_modulus,
                                                            message.index_inverse));
  out->descriptor = {due_ps, static_cast<uint16_t>(message_index), static_cast<uint16_t>(length),
                     index};
  const WordPlan* words = plan_.word_plans.data() + message.first_word;
  PutOperands(out, message.wide_words, message.word_count,
              [&](uint32_t w) { return WordOf(words[w], instance); });
  lane.used += 1u + message.operand_slots;
  packets_ += &lane != &elsewhere_;
}

void Expander::CountSent(const Instance& instance, uint32_t length) {
  if (const uint32_t sent = plan_.flows[instance.flow].sent; sent != core::kNone) {
    variables_[instance.variables + sent] +=
        kSentFrame + length + packet::FramingOf(plan_.link).fcs_bytes;
  }
}

void Expander::SendNext(Instance& instance, const OpPlan& op, int64_t due_ps, Lane& lane) {
  if (op.code == OpCode::kSendCaptured) return SendCaptured(instance, op, due_ps, lane);
  Send(instance, plan_.messages[op.a], op.a, due_ps, lane);
  if (op.b != core::kNone) {
    variables_[instance.variables + op.b] += instance.last_bytes + op.value;
  }
  instance.op = op.next;
}

// Sends the packet of the track at which the instance's cursor stands, and moves the cursor on.
void Expander::SendCaptured(Instance& instance, const OpPlan& op, int64_t due_ps, Lane& lane) {
  const core::Track& track = *plan_.tracks[op.b];
  uint64_t& cursor = variables_[instance.variables + op.a];
  const uint32_t frame = track.entries[cursor].frame;
  const uint32_t before = lane.used;
  Slot* out = lane.slots + before;
  const bool single = plan_.groups[plan_.flows[instance.flow].group].count == 1;
  out->descriptor = {due_ps, static_cast<uint16_t>(op.message + track.frames[frame].port),
                     static_cast<uint16_t>(track.frames[frame].length),
                     single ? 0 : instance.number};
  out[1].operands = {{frame, instance.number}};
  lane.used += 2;
  packets_ += &lane != &elsewhere_;
  ++instance.packets;
  CountSent(instance, track.frames[frame].length);
  if (++cursor == track.entries.size()) {
    cursor = 0;
    instance.op = op.next;
  } else {
    instance.op = static_cast<uint32_t>(op.value);
  }
  if (plan_.flows[instance.flow].impairment != core::kNone) Impair(instance, lane, before);
}

// What becomes of the record that stands behind the first `before` slots.
void Expander::Impair(Instance& instance, Lane& lane, uint32_t before) {
  const core::Impairment& impairment = plan_.impairments[plan_.flows[instance.flow].impairment];
  const auto id = static_cast<uint32_t>(&instance - instances_.data());
  Slot* const record = lane.slots + before;
  const uint32_t number = LaneNumber(record->descriptor.message, instance);
  lane.used =
      before + impairer_.Apply(impairment, id, instance.key, instance.packets, number, record);
}

// Passes the first held record on; false: its lane is full.
bool Expander::SendHeld(std::span<Lane> lanes) {
  const HeldRecord& held = impairer_.top();
  Lane& lane = held.lane == core::kNone ? elsewhere_ : lanes[held.lane];
  if (lane.full()) return false;
  const uint32_t slots = SlotsOf(plan_, held.slots[0].descriptor);
  std::copy_n(held.slots, slots, lane.slots + lane.used);
  lane.used += slots;
  impairer_.Pop();
  return true;
}

uint32_t Expander::LengthOf(const MessagePlan& message, Instance& instance) {
  if (message.size_variable == core::kNone) {
    return std::min<uint32_t>(message.length,
                              static_cast<uint32_t>(DrawInScope(message.size_draw, instance)));
  }
  const uint64_t frame = variables_[instance.variables + message.size_variable];
  return static_cast<uint32_t>(std::clamp<uint64_t>(frame, message.payload_offset + kFcsBytes,
                                                    message.length + kFcsBytes)) -
         kFcsBytes;
}

uint64_t Expander::DrawPerInstance(const DrawPlan& draw, const GroupPlan& group,
                                   uint64_t identity) const {
  const uint64_t bits = Mix(Draw(group.key, identity) + draw.key);
  return DealtOutcome(draw.law, plan_.words.data(), group.key + draw.key, identity, identity, bits);
}

// What every reader of the draw sees at this point of the instance's life.
uint64_t Expander::DrawInScope(uint32_t index, const Instance& instance) const {
  const DrawPlan& draw = plan_.draws[index];
  const GroupPlan& group = plan_.groups[plan_.flows[instance.flow].group];
  uint64_t key = instance.key, counter = instance.packets, dealt = counter, scope_bits = 0;
  switch (draw.scope) {
    case core::Scope::kPacket:
      scope_bits = PlaceIn(instance.key, instance.packets);
      break;
    case core::Scope::kPass:
      counter = instance.passes == 0 ? 0 : instance.passes - 1;
      dealt = counter * group.count + instance.number;
      key = plan_.flows[instance.flow].key;
      scope_bits = Draw(instance.key ^ kPassStream, instance.passes);
      break;
    case core::Scope::kInstance:
      return DrawPerInstance(draw, group,
                             group.identity == core::kNone
                                 ? instance.number
                                 : variables_[instance.variables + group.identity]);
    case core::Scope::kRun:
      counter = dealt = 0;
      key = SubKey(Mix(plan_.seed), 0);
      scope_bits = Draw(key, 0);
      break;
  }
  const uint64_t bits = Mix(scope_bits + draw.key);
  return DealtOutcome(draw.law, plan_.words.data(), key + draw.key, dealt, counter, bits);
}

// Laws that count their uses count those of all instances in turn, so that a deal over many
// instances which use it once each is as even as one instance's.
uint64_t Expander::DrawCounted(const DrawPlan& draw, Instance& instance, uint32_t uses) {
  const FlowPlan& flow = plan_.flows[instance.flow];
  const uint64_t counter =
      variables_[instance.variables + uses]++ * plan_.groups[flow.group].count + instance.number;
  const uint64_t bits = FreshBits(instance, draw, instance.draws++);
  return DealtOutcome(draw.law, plan_.words.data(), flow.key + draw.key, counter, counter, bits);
}

uint64_t Expander::InColumn(uint32_t index, uint64_t row) const {
  if (index == core::kNone) return row;
  const ColumnPlan& column = plan_.columns[index];
  return column.size > 0 ? plan_.words[column.table + std::min<uint64_t>(row, column.size - 1)]
                         : column.start + column.step * row;
}

uint64_t Expander::OperandOf(const OpPlan& op, Instance& instance) {
  switch (op.operand) {
    case core::Operand::Kind::kConstant:
      return op.value;
    case core::Operand::Kind::kVariable:
      return variables_[instance.variables + op.value];
    case core::Operand::Kind::kDraw:
      return DrawNow(static_cast<uint32_t>(op.value), instance, op.uses);
    case core::Operand::Kind::kField:
      return InColumn(op.b, DrawInScope(static_cast<uint32_t>(op.value), instance));
  }
  return 0;
}

}  // namespace spate::engine
