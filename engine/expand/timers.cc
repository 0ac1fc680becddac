// Timers (FlowPlan::timer): instances that wait by a renewal clock and send one packet, again and
// again. They take the same decisions as the program machine would, from the same numbers, but
// their whole state travels in the ladder's records.
#include <algorithm>

#include "base/random.h"
#include "engine/expand/expander.h"
#include "engine/plan/law.h"

namespace spate::engine {

Expander::TimerFlow Expander::TimerFlowOf(uint32_t flow) const {
  const FlowPlan& f = plan_.flows[flow];
  const MessagePlan& message = plan_.messages[f.stream_message];
  const DrawPlan& gap = plan_.draws[f.clock.gap];
  // A gap is a draw of its pass, which ends with packet n, or the program's draw n by operations.
  const bool of_pass = gap.scope == core::Scope::kPass;
  return {.keys = KeyOfParts(f.key),
          .gap = &gap,
          .gap_stream = of_pass ? kPassStream : kOpStream,
          .gap_ahead = of_pass ? 1u : 0u,
          .words = plan_.word_plans.data() + message.first_word,
          .word_count = message.word_count,
          .wide_words = message.wide_words,
          .slots = 1u + message.operand_slots,
          .passes = f.passes == 0 ? UINT64_MAX : f.passes,
          .flow = flow,
          .message = static_cast<uint16_t>(f.stream_message),
          .length = message.length,
          .first_lane = first_lane_[f.stream_message],
          .running = first_number_[f.group],
          .first_lap = laps_.size()};
}

void Expander::AddTimers(uint32_t flow, const std::vector<int64_t>& arrivals) {
  const FlowPlan& f = plan_.flows[flow];
  first_id_.push_back(static_cast<uint32_t>(instances_.size()));  // has none in the calendar
  const auto of = static_cast<uint32_t>(timer_flows_.size());
  timer_flows_.push_back(TimerFlowOf(flow));
  if (timer_flows_.back().first_lane == core::kNone) return;
  laps_.resize(laps_.size() + CountHere(flow));
  for (uint64_t n = FirstNumber(f.group); n < plan_.groups[f.group].count; n += shard_.count) {
    const auto number = static_cast<uint32_t>(n);
    const Instance instance{.key = SubKey(f.key, number), .number = number, .flow = flow};
    const int64_t due = FirstDelay(instance) + (arrivals.empty() ? 0 : arrivals[number]);
    if (due >= plan_.duration.count) continue;
    timers_.Add({.due_ps = due, .id = of << plan_.timer_bits | number});
  }
}

inline uint32_t Expander::NumberOf(const Timer& timer) const {
  return timer.id & ((1u << plan_.timer_bits) - 1);
}

OrderKey Expander::OrderOf(const Timer& timer) const {
  const TimerFlow& flow = timer_flows_[timer.id >> plan_.timer_bits];
  return {timer.due_ps, uint64_t{flow.flow} << 32 | NumberOf(timer)};
}

inline uint32_t& Expander::LapsOf(const TimerFlow& flow, uint32_t number) {
  return laps_[flow.first_lap + number / shard_.count];
}

inline uint32_t Expander::TimerLane(const TimerFlow& flow, uint32_t number) const {
  if (shard_.lanes == 1) return flow.first_lane;
  const uint64_t running = flow.running + number;
  return flow.first_lane + static_cast<uint32_t>(running / shard_.count % shard_.lanes);
}

inline int64_t Expander::GapOf(const TimerFlow& flow, const TimerState& timer) const {
  const DrawPlan& draw = *flow.gap;
  const uint64_t fresh = Draw(timer.key ^ flow.gap_stream, timer.packets + flow.gap_ahead);
  const uint64_t bits = Mix(fresh + draw.key);
  const uint64_t* const words = plan_.words.data();
  return static_cast<int64_t>(draw.law.kind == core::Law::Kind::kQuantiles
                                  ? Interpolated(draw.law, words, bits)
                                  : Outcome(draw.law, words, timer.packets, bits));
}

inline void Expander::SendTimer(const TimerFlow& flow, const TimerState& timer, Lane& lane) {
  Slot* const out = lane.slots + lane.used;
  out->descriptor = {timer.due_ps, flow.message, flow.length, timer.number};
  PutOperands(out, flow.wide_words, flow.word_count, [&](uint32_t w) {
    switch (flow.words[w].word) {
      case Word::kPacketBits:
        return PlaceIn(timer.key, timer.packets);
      case Word::kPassBits:
        return Draw(timer.key ^ kPassStream, timer.packets + 1);
      default:  // kPacketCount and kPassCount, the same here
        return timer.packets;
    }
  });
  lane.used += flow.slots;
  ++packets_;
}

// Timers up to `limit`. Returns false when a lane is full. A timer is held in registers from here
// to its next place: what is stored in parts and loaded as a whole stalls.
bool Expander::RunTimers(const OrderKey& limit, std::span<Lane> lanes) {
  for (;;) {
    const Timer* const first = timers_.First();
    if (first == nullptr || !(OrderOf(*first) < limit)) return true;
    const Timer timer{.due_ps = first->due_ps, .id = first->id, .packets = first->packets};
    const TimerFlow& flow = timer_flows_[timer.id >> plan_.timer_bits];
    const uint32_t number = NumberOf(timer);
    Lane& lane = lanes[TimerLane(flow, number)];
    if (lane.full()) return false;
    timers_.Pop();
    uint64_t packets = timer.packets;
    if (lapped_) [[unlikely]]
      packets += shard_.timer_lap * LapsOf(flow, number);
    const TimerState state{.due_ps = timer.due_ps,
                           .key = PartKey(flow.keys, number),
                           .packets = packets,
                           .number = number};
    SendTimer(flow, state, lane);
    const int64_t due = std::max(timer.due_ps, int64_t{0}) + GapOf(flow, state);
    uint64_t in_lap = uint64_t{timer.packets} + 1;
    if (in_lap == shard_.timer_lap) [[unlikely]] {
      in_lap = 0;
      lapped_ = true;
      ++LapsOf(flow, number);
    }
    if (due < plan_.duration.count && packets + 1 < flow.passes) {
      timers_.Push({.due_ps = due, .id = timer.id, .packets = static_cast<uint32_t>(in_lap)});
    }
    timers_.Advance();
  }
}

}  // namespace spate::engine
