// Joins the operations of programs whose packets depend on nothing but the instance itself: a
// packet, the choice behind it and the waits behind that are one look-up each (BeatPlan, RestPlan).
#include <algorithm>
#include <iterator>

#include "engine/plan/flatten.h"

namespace spate::engine {
namespace {

using core::Law;
using core::OpCode;

// Waits joined at most: there may be a circle of them.
constexpr uint32_t kMostWaits = 16;

// Operations on variables that are joined with the packet behind them, at most.
constexpr uint8_t kMostComputes = 32;

bool HasBeats(const FlowPlan& flow, const Plan& plan) {
  return !flow.stream && !flow.timer && !plan.groups[flow.group].unit &&
         flow.impairment == core::kNone && flow.packets == 0 && flow.sent == core::kNone;
}

bool DrawsAfresh(const DrawPlan& draw, uint32_t uses) {
  return draw.scope == core::Scope::kPacket && uses == core::kNone;
}

// Returns false if the law cannot be read as a table of quantiles.
bool AddDrawn(const DrawPlan& draw, Plan& plan, RestPlan& rest) {
  rest.draw_key = draw.key;
  rest.factor = draw.law.factor;
  if (draw.law.kind == Law::Kind::kQuantiles) {
    rest.table = draw.law.table;
    rest.size = draw.law.size;
    return true;
  }
  if (draw.law.kind != Law::Kind::kUniform || draw.law.count == 0) return false;
  rest.table = static_cast<uint32_t>(plan.words.size());  // even between two quantiles
  rest.size = 2;
  plan.words.push_back(draw.law.start);
  plan.words.push_back(draw.law.start + (draw.law.count - 1));
  return true;
}

RestPlan RestAt(const FlowPlan& flow, uint32_t at, Plan& plan) {
  RestPlan rest{.next = at};
  for (uint32_t waits = 0; waits < kMostWaits; ++waits) {
    const OpPlan& op = plan.ops[flow.first_op + rest.next];
    if (op.code == OpCode::kWait) {
      const DrawPlan& draw = plan.draws[op.a];
      if (draw.law.kind == Law::Kind::kConstant) {
        rest.pause_ps += static_cast<int64_t>(draw.law.start);
      } else if (rest.size > 0 || !DrawsAfresh(draw, op.uses) || !AddDrawn(draw, plan, rest)) {
        break;
      }
    } else if (op.code != OpCode::kJump) {
      break;
    }
    rest.next = op.next;
  }
  return rest;
}

// The choice at operation `at`, if it is one from an alias table.
void Choose(const FlowPlan& flow, uint32_t at, const Plan& plan, BeatPlan& beat) {
  beat.next = at;
  const OpPlan& op = plan.ops[flow.first_op + at];
  if (op.code != OpCode::kChoose) return;
  const DrawPlan& draw = plan.draws[op.a];
  if (draw.law.kind == Law::Kind::kConstant) {
    beat.next = static_cast<uint32_t>(draw.law.start);
  } else if (draw.law.cells && DrawsAfresh(draw, op.uses)) {
    beat.table = draw.law.table;
    beat.size = draw.law.size;
    beat.draw_key = draw.key;
  }
}

void AppendWords(const MessagePlan& message, Plan& plan, BeatPlan& beat) {
  const auto first = plan.word_plans.begin() + message.first_word;
  beat.first_word = static_cast<uint32_t>(plan.beat_words.size());
  beat.plain = std::all_of(first, first + message.word_count, [](const WordPlan& word) {
    return word.word == Word::kPacketCount || word.word == Word::kVariable;
  });
  if (!beat.plain) return;
  std::transform(first, first + message.word_count, std::back_inserter(plan.beat_words),
                 [](const WordPlan& word) {
                   return BeatWord{.variable = word.word == Word::kVariable, .index = word.index};
                 });
}

// Whether it changes nothing but variables, and goes on behind itself.
bool Computes(OpCode code) {
  return code == OpCode::kSet || code == OpCode::kAdd || code == OpCode::kScale ||
         code == OpCode::kWave || code == OpCode::kStamp || code == OpCode::kAddPayload;
}

BeatPlan BeatAt(const FlowPlan& flow, uint32_t at, Plan& plan) {
  BeatPlan beat;
  uint8_t computes = 0;
  const OpPlan* const ops = plan.ops.data() + flow.first_op;
  for (; computes < kMostComputes && Computes(ops[at].code); ++computes) at = ops[at].next;
  const OpPlan& op = ops[at];
  if (op.code != OpCode::kSend) return beat;
  const MessagePlan& message = plan.messages[op.a];
  if (message.varying_size || message.missed > 0 || message.index_modulus > 0) return beat;
  beat = {.sends = true,
          .computes = computes,
          .operand_slots = message.operand_slots,
          .word_count = message.word_count,
          .wide_words = message.wide_words,
          .message = static_cast<uint16_t>(op.a),
          .length = message.length,
          .payload_bytes = message.payload_bytes};
  if (op.b != core::kNone) {
    beat.total = {.variable = true, .index = op.b};
    beat.amount = message.payload_bytes + op.value;
  }
  AppendWords(message, plan, beat);
  Choose(flow, op.next, plan, beat);
  return beat;
}

}  // namespace

void FlattenBeats(Plan& plan) {
  plan.beats.resize(plan.ops.size());
  plan.rests.resize(plan.ops.size());
  for (size_t f = 0; f < plan.flows.size(); ++f) {
    FlowPlan& flow = plan.flows[f];
    flow.beats = HasBeats(flow, plan);
    if (!flow.beats) continue;
    const size_t end = f + 1 < plan.flows.size() ? plan.flows[f + 1].first_op : plan.ops.size();
    for (size_t at = flow.first_op; at < end; ++at) {
      const auto op = static_cast<uint32_t>(at - flow.first_op);
      plan.beats[at] = BeatAt(flow, op, plan);
      plan.rests[at] = RestAt(flow, op, plan);
    }
  }
}

}  // namespace spate::engine
