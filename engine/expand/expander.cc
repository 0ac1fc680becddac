#include "engine/expand/expander.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "engine/plan/field_store.h"
#include "engine/plan/law.h"

namespace spate::engine {
namespace {

using core::OpCode;

// Keys of an instance's independent number streams.
constexpr uint64_t kPassStream = 0x5370617465507373u;
constexpr uint64_t kOpStream = 0x53706174654f7073u;

// Operations that one instance may run at one instant before the program is taken for endless.
constexpr uint32_t kMaxOpsPerInstant = 1'000'000;

// Streams are dealt to shards and lanes in blocks of this many packets, a burst each.
constexpr uint64_t kStreamBlock = 64;

}  // namespace

Expander::Expander(const Plan& plan, const Shard& shard) : plan_(plan), shard_(shard) {
  uint64_t number = 0;
  for (const GroupPlan& group : plan.groups) {
    first_number_.push_back(number);
    number += group.count;
  }
  std::vector<Event> events;
  for (uint32_t flow = 0; flow < plan.flows.size(); ++flow) AddInstances(flow, events);
  calendar_.Reset(std::move(events));
}

void Expander::AddInstances(uint32_t flow, std::vector<Event>& events) {
  const FlowPlan& f = plan_.flows[flow];
  const auto add = [&](uint32_t number) {
    Instance instance = NewInstance(flow, number);
    SetFirstDue(instance);
    if (f.stream) SkipPackets(instance, shard_.index * kStreamBlock);
    if (instance.pass_due_ps >= plan_.duration.count) return;
    events.push_back(
        {.due_ps = instance.pass_due_ps, .id = static_cast<uint32_t>(instances_.size())});
    instances_.push_back(instance);
  };
  if (f.stream) return add(0);
  const uint64_t first = first_number_[f.group];
  // The first number whose running number is this shard's.
  const uint64_t begin = (shard_.index + shard_.count - first % shard_.count) % shard_.count;
  for (uint64_t n = begin; n < plan_.groups[f.group].count; n += shard_.count) {
    add(static_cast<uint32_t>(n));
  }
}

Expander::Instance Expander::NewInstance(uint32_t flow, uint32_t number) {
  const FlowPlan& f = plan_.flows[flow];
  Instance instance{};
  instance.key = SubKey(f.key, number);
  instance.number = number;
  instance.flow = flow;
  instance.variables = variables_.size();
  variables_.resize(variables_.size() + f.variables);
  return instance;
}

// Sets when the first pass begins. Without a start law, instances of a rate are spread evenly over
// one period instead of all firing at once.
void Expander::SetFirstDue(Instance& instance) {
  const FlowPlan& f = plan_.flows[instance.flow];
  const uint64_t count = plan_.groups[f.group].count;
  if (f.start != core::kNone) {
    const DrawPlan& draw = plan_.draws[f.start];
    const uint64_t key = plan_.groups[f.group].key;
    uint64_t bits = ScopeBits(key, instance.number, draw);
    if (draw.law.balanced > 0)
      bits = BalancedBits(key + draw.key, instance.number, draw.law.balanced, bits);
    instance.pass_due_ps =
        static_cast<int64_t>(Outcome(draw.law, plan_.words.data(), instance.number, bits));
  } else if (f.clock.kind == core::Clock::Kind::kRate && count > 1) {
    instance.pass_due_ps =
        static_cast<int64_t>(static_cast<uint128>(f.period_q) * instance.number / count);
  }
}

OrderKey Expander::Next() const {
  if (calendar_.empty() || !status_.ok()) return OrderKey::Max();
  const Event& event = calendar_.top();
  const Instance& instance = instances_[event.id];
  const uint64_t group_size = plan_.groups[plan_.flows[instance.flow].group].count;
  const uint64_t index = group_size > 1 ? instance.number : 0;
  return {event.due_ps, uint64_t{instance.flow} << 32 | index};
}

uint32_t Expander::LaneOf(const Instance& instance) const {
  if (shard_.lanes == 1) return 0;
  const FlowPlan& flow = plan_.flows[instance.flow];
  const uint64_t running =
      flow.stream ? instance.packets / kStreamBlock : first_number_[flow.group] + instance.number;
  return static_cast<uint32_t>(running / shard_.count % shard_.lanes);
}

bool Expander::Expand(std::span<Lane> lanes) {
  while (!calendar_.empty()) {
    const Event event = calendar_.top();
    Instance& instance = instances_[event.id];
    int64_t due = event.due_ps;
    const Event next = calendar_.Second();
    const Stop stop = plan_.flows[instance.flow].stream ? RunStream(instance, due, next, lanes)
                                                        : RunProgram(instance, due, next, lanes);
    if (stop == Stop::kEnded || due >= plan_.duration.count) {
      calendar_.PopTop();
    } else {
      calendar_.PostponeTop(due);
    }
    if (!status_.ok()) return false;
    if (stop == Stop::kLaneFull) return true;
  }
  return false;
}

void Expander::AdvancePeriods(Instance& instance, uint64_t periods) {
  const FlowPlan& flow = plan_.flows[instance.flow];
  const uint128 parts = static_cast<uint128>(flow.period_fraction) * periods + instance.fraction;
  instance.fraction = static_cast<uint64_t>(parts);
  instance.pass_due_ps +=
      flow.period_q * static_cast<int64_t>(periods) + static_cast<int64_t>(parts >> 64);
}

void Expander::SkipPackets(Instance& instance, uint64_t packets) {
  instance.packets += packets;
  AdvancePeriods(instance, packets);
}

// A stream's packets up to the next event of another flow, block by block.
Expander::Stop Expander::RunStream(Instance& instance, int64_t& due_ps, const Event& next,
                                   std::span<Lane> lanes) {
  const FlowPlan& flow = plan_.flows[instance.flow];
  const MessagePlan& message = plan_.messages[flow.stream_message];
  const bool dealt = shard_.count > 1 || shard_.lanes > 1;
  const uint64_t limit = flow.passes == 0 ? plan_.packets : std::min(flow.passes, plan_.packets);
  do {
    if (instance.packets >= limit) return Stop::kEnded;
    Lane& lane = lanes[LaneOf(instance)];
    if (lane.full()) return Stop::kLaneFull;
    uint64_t most = limit - instance.packets;
    if (dealt) most = std::min(most, kStreamBlock - instance.packets % kStreamBlock);
    const uint32_t room = (lane.capacity - lane.used) / (1u + message.operand_slots);
    most = std::min<uint64_t>(most, room);
    FillStream(instance, message, due_ps, static_cast<uint32_t>(most), next, lane);
    if (dealt && instance.packets % kStreamBlock == 0) {
      SkipPackets(instance, (shard_.count - 1) * kStreamBlock);
      due_ps = instance.pass_due_ps;
    }
  } while (due_ps < next.due_ps && due_ps < plan_.duration.count);
  return Stop::kPostponed;
}

// Up to `most` records of a stream that come before `next` and the end of the run. At least one:
// the caller has seen that it is its turn.
void Expander::FillStream(Instance& instance, const MessagePlan& message, int64_t& due_ps,
                          uint32_t most, const Event& next, Lane& lane) {
  const FlowPlan& flow = plan_.flows[instance.flow];
  const uint32_t message_index = flow.stream_message;
  const int64_t end = std::min(next.due_ps, plan_.duration.count);
  uint32_t made = 0;
  if (message.operand_slots > 0 || message.varying_size) {
    do {
      Send(instance, message, message_index, due_ps, lane);
      AdvancePeriods(instance, 1);
      due_ps = instance.pass_due_ps;
    } while (++made < most && due_ps < end);
    return;
  }
  uint32_t index = message.index_modulus == 0
                       ? 0
                       : static_cast<uint32_t>(instance.packets % message.index_modulus);
  const uint32_t modulus = std::max(message.index_modulus, 1u);
  uint64_t fraction = instance.fraction;
  Slot* out = lane.slots + lane.used;
  do {
    out[made].descriptor = {due_ps, static_cast<uint16_t>(message_index), message.length, index};
    index = index + 1 == modulus ? 0 : index + 1;
    const uint64_t sum = fraction + flow.period_fraction;
    due_ps += flow.period_q + (sum < fraction);
    fraction = sum;
  } while (++made < most && due_ps < end);
  lane.used += made;
  packets_ += made;
  instance.packets += made;
  instance.fraction = fraction;
  instance.pass_due_ps = due_ps;
}

// Runs operations until time moves past the next event, the lane is full or the instance ends.
Expander::Stop Expander::RunProgram(Instance& instance, int64_t& due_ps, const Event& next,
                                    std::span<Lane> lanes) {
  const FlowPlan& flow = plan_.flows[instance.flow];
  const OpPlan* ops = plan_.ops.data() + flow.first_op;
  uint64_t* variables = variables_.data() + instance.variables;
  Lane& lane = lanes[LaneOf(instance)];
  const int64_t began = due_ps;
  for (uint32_t count = 0;; ++count) {
    if (due_ps != began && (due_ps >= next.due_ps || due_ps >= plan_.duration.count)) {
      return Stop::kPostponed;
    }
    if (count > kMaxOpsPerInstant && due_ps == began) {
      status_ = absl::InvalidArgumentError(absl::StrCat(
          "flow \"", plan_.flow_names[instance.flow], "\" goes on for ever without time passing"));
      return Stop::kEnded;
    }
    const OpPlan& op = ops[instance.op];
    switch (op.code) {
      case OpCode::kWait:
        due_ps += static_cast<int64_t>(DrawNow(op.a, instance, op.uses));
        ++instance.op;
        break;
      case OpCode::kSend:
        if (lane.full()) return Stop::kLaneFull;
        Send(instance, plan_.messages[op.a], op.a, due_ps, lane);
        ++instance.op;
        break;
      case OpCode::kSet:
        variables[op.a] = OperandOf(op, instance);
        ++instance.op;
        break;
      case OpCode::kAdd:
        variables[op.a] += OperandOf(op, instance);
        if (op.modulus != 0) variables[op.a] %= op.modulus;
        ++instance.op;
        break;
      case OpCode::kAddPayload:
        variables[op.a] = (variables[op.a] + instance.last_bytes) & 0xffffffff;
        ++instance.op;
        break;
      case OpCode::kChoose:
        instance.op = static_cast<uint32_t>(DrawNow(op.a, instance, op.uses));
        break;
      case OpCode::kJump:
        instance.op = op.a;
        break;
      case OpCode::kLoop:
        if (variables[op.a] > 0) --variables[op.a];
        instance.op = variables[op.a] > 0 ? op.b : instance.op + 1;
        break;
      case OpCode::kJumpIfZero:
        instance.op = variables[op.a] == 0 ? op.b : instance.op + 1;
        break;
      case OpCode::kTick:
        if (!Tick(instance, due_ps)) return Stop::kEnded;
        ++instance.op;
        break;
      case OpCode::kEnd:
        return Stop::kEnded;
    }
  }
}

// Begins the next pass: not before its time, and not before the last one has ended.
bool Expander::Tick(Instance& instance, int64_t& due_ps) {
  const FlowPlan& flow = plan_.flows[instance.flow];
  if (flow.passes != 0 && instance.passes >= flow.passes) return false;
  const bool first = instance.passes == 0;
  if (flow.clock.kind == core::Clock::Kind::kOnce && !first && flow.passes == 0) return false;
  int64_t begin = instance.pass_due_ps;
  switch (flow.clock.kind) {
    case core::Clock::Kind::kOnce:
      break;
    case core::Clock::Kind::kRate:
      if (!first) AdvancePeriods(instance, 1);
      begin = instance.pass_due_ps;
      break;
    case core::Clock::Kind::kRenewal:
      if (!first) {
        const int64_t from = std::max(instance.pass_due_ps, int64_t{0});
        instance.pass_due_ps =
            from + static_cast<int64_t>(DrawNow(flow.clock.gap, instance, flow.clock_uses));
      }
      begin = instance.pass_due_ps;
      break;
    case core::Clock::Kind::kGrid:
      if (!first) AdvancePeriods(instance, 1);
      begin = instance.pass_due_ps;
      if (flow.clock.jitter != core::kNone) {
        begin += static_cast<int64_t>(DrawNow(flow.clock.jitter, instance, flow.clock_uses));
      }
      break;
  }
  ++instance.passes;
  due_ps = std::max(due_ps, begin);
  return true;
}

void Expander::Send(Instance& instance, const MessagePlan& message, uint32_t message_index,
                    int64_t due_ps, Lane& lane) {
  Slot* out = lane.slots + lane.used;
  uint32_t length = message.length;
  if (message.varying_size) {
    length = std::min(length, static_cast<uint32_t>(DrawInScope(message.size_draw, instance)));
  }
  const uint32_t index = message.index_modulus == 0
                             ? instance.number
                             : static_cast<uint32_t>(instance.packets % message.index_modulus);
  out->descriptor = {due_ps, static_cast<uint16_t>(message_index), static_cast<uint16_t>(length),
                     index};
  const WordPlan* words = plan_.word_plans.data() + message.first_word;
  for (uint32_t w = 0; w < message.word_count; ++w) {
    out[1 + w / 2].operands.word[w % 2] = WordOf(words[w], instance);
  }
  lane.used += 1u + message.operand_slots;
  ++packets_;
  ++instance.packets;
  instance.last_bytes =
      message.varying_size ? length - message.payload_offset : message.payload_bytes;
}

uint64_t Expander::WordOf(const WordPlan& word, Instance& instance) {
  switch (word.word) {
    case Word::kPacketBits:
      return Draw(instance.key, instance.packets);
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

// What every reader of the draw sees at this point of the instance's life.
uint64_t Expander::DrawInScope(uint32_t index, Instance& instance) {
  const DrawPlan& draw = plan_.draws[index];
  const GroupPlan& group = plan_.groups[plan_.flows[instance.flow].group];
  uint64_t key = instance.key, counter = instance.packets, dealt = counter, scope_bits = 0;
  switch (draw.scope) {
    case core::Scope::kPacket:
      scope_bits = Draw(instance.key, instance.packets);
      break;
    case core::Scope::kPass:
      counter = instance.passes == 0 ? 0 : instance.passes - 1;
      dealt = counter * group.count + instance.number;
      key = plan_.flows[instance.flow].key;
      scope_bits = Draw(instance.key ^ kPassStream, instance.passes);
      break;
    case core::Scope::kInstance:
      counter = dealt = instance.number;
      key = group.key;
      scope_bits = Draw(group.key, instance.number);
      break;
    case core::Scope::kRun:
      counter = dealt = 0;
      key = SubKey(Mix(plan_.seed), 0);
      scope_bits = Draw(key, 0);
      break;
  }
  uint64_t bits = Mix(scope_bits + draw.key);
  if (draw.law.balanced > 0) bits = BalancedBits(key + draw.key, dealt, draw.law.balanced, bits);
  return Outcome(draw.law, plan_.words.data(), counter, bits);
}

// A fresh draw by an operation. Laws that count their uses count those of all instances in turn, so
// that a deal over many instances which use it once each is as even as one instance's.
uint64_t Expander::DrawNow(uint32_t index, Instance& instance, uint32_t uses) {
  const DrawPlan& draw = plan_.draws[index];
  if (draw.law.kind == core::Law::Kind::kConstant) return draw.law.start;
  if (draw.scope != core::Scope::kPacket) return DrawInScope(index, instance);
  const FlowPlan& flow = plan_.flows[instance.flow];
  uint64_t counter = 0;
  if (uses != core::kNone) {
    counter =
        variables_[instance.variables + uses]++ * plan_.groups[flow.group].count + instance.number;
  }
  uint64_t bits = Mix(Draw(instance.key ^ kOpStream, instance.draws++) + draw.key);
  if (draw.law.balanced > 0)
    bits = BalancedBits(flow.key + draw.key, counter, draw.law.balanced, bits);
  return Outcome(draw.law, plan_.words.data(), counter, bits);
}

uint64_t Expander::OperandOf(const OpPlan& op, Instance& instance) {
  switch (op.operand) {
    case core::Operand::Kind::kConstant:
      return op.value;
    case core::Operand::Kind::kVariable:
      return variables_[instance.variables + op.value];
    case core::Operand::Kind::kDraw:
      return DrawNow(static_cast<uint32_t>(op.value), instance, op.uses);
  }
  return 0;
}

}  // namespace spate::engine
