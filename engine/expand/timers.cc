// Timers (FlowPlan::timer): instances that wait by a renewal clock and send one packet, again and
// again. They take the same decisions as the program machine would, from the same numbers, but
// their whole state travels in the ladder's records.
#include <algorithm>

#include "base/random.h"
#include "engine/expand/expander.h"
#include "engine/plan/law.h"

namespace spate::engine {

void Expander::AddTimers(uint32_t flow, const std::vector<int64_t>& arrivals) {
  const FlowPlan& f = plan_.flows[flow];
  first_id_.push_back(static_cast<uint32_t>(instances_.size()));  // has none in the calendar
  const auto of = static_cast<uint32_t>(timer_flows_.size());
  timer_flows_.push_back({.flow = flow, .first_lap = laps_.size(), .keys = KeyOfParts(f.key)});
  if (first_lane_[f.stream_message] == core::kNone) return;
  laps_.resize(laps_.size() + CountHere(flow));
  for (uint64_t n = FirstNumber(f.group); n < plan_.groups[f.group].count; n += shard_.count) {
    const auto number = static_cast<uint32_t>(n);
    const Instance instance{.key = SubKey(f.key, number), .number = number, .flow = flow};
    const int64_t due = FirstDelay(instance) + (arrivals.empty() ? 0 : arrivals[number]);
    if (due >= plan_.duration.count) continue;
    timers_.Add({.due_ps = due, .id = of << plan_.timer_bits | number});
  }
}

inline Expander::TimerState Expander::StateOf(const Timer& timer, const TimerFlow& of) const {
  const uint32_t number = timer.id & ((1u << plan_.timer_bits) - 1);
  uint64_t packets = timer.packets;
  if (lapped_) [[unlikely]]
    packets += shard_.timer_lap * laps_[of.first_lap + number / shard_.count];
  return {.due_ps = timer.due_ps,
          .key = PartKey(of.keys, number),
          .packets = packets,
          .number = number};
}

OrderKey Expander::OrderOf(const Timer& timer) const {
  const TimerFlow& of = timer_flows_[timer.id >> plan_.timer_bits];
  return {timer.due_ps, uint64_t{of.flow} << 32 | (timer.id & ((1u << plan_.timer_bits) - 1))};
}

inline uint32_t Expander::TimerLane(const FlowPlan& flow, uint32_t number) const {
  if (shard_.lanes == 1) return 0;
  return static_cast<uint32_t>((first_number_[flow.group] + number) / shard_.count % shard_.lanes);
}

// The gap after packet n: a draw of its pass, the n + 1st, or the program's draw n by operations.
inline int64_t Expander::GapOf(const FlowPlan& flow, const TimerState& timer) const {
  const DrawPlan& draw = plan_.draws[flow.clock.gap];
  const uint64_t fresh = draw.scope == core::Scope::kPass
                             ? Draw(timer.key ^ kPassStream, timer.packets + 1)
                             : Draw(timer.key ^ kOpStream, timer.packets);
  const uint64_t bits = Mix(fresh + draw.key);
  const uint64_t* const words = plan_.words.data();
  return static_cast<int64_t>(draw.law.kind == core::Law::Kind::kQuantiles
                                  ? Interpolated(draw.law, words, bits)
                                  : Outcome(draw.law, words, timer.packets, bits));
}

inline void Expander::SendTimer(const FlowPlan& flow, const TimerState& timer, Lane& lane) {
  const MessagePlan& message = plan_.messages[flow.stream_message];
  Slot* out = lane.slots + lane.used;
  out->descriptor = {timer.due_ps, static_cast<uint16_t>(flow.stream_message), message.length,
                     timer.number};
  const WordPlan* words = plan_.word_plans.data() + message.first_word;
  for (uint32_t w = 0; w < message.word_count; ++w) {
    uint64_t& word = out[1 + w / 2].operands.word[w % 2];
    switch (words[w].word) {
      case Word::kPacketBits:
        word = Draw(timer.key, timer.packets);
        break;
      case Word::kPassBits:
        word = Draw(timer.key ^ kPassStream, timer.packets + 1);
        break;
      default:  // kPacketCount and kPassCount, the same here
        word = timer.packets;
    }
  }
  lane.used += 1u + message.operand_slots;
  ++packets_;
}

// Timers up to `limit`. Returns false when a lane is full. A timer is held in registers from here
// to its next place: what is stored in parts and loaded as a whole stalls.
bool Expander::RunTimers(const OrderKey& limit, std::span<Lane> lanes) {
  for (;;) {
    const Timer* const first = timers_.First();
    if (first == nullptr || !(OrderOf(*first) < limit)) return true;
    const Timer timer{.due_ps = first->due_ps, .id = first->id, .packets = first->packets};
    const TimerFlow& of = timer_flows_[timer.id >> plan_.timer_bits];
    const FlowPlan& flow = plan_.flows[of.flow];
    const TimerState state = StateOf(timer, of);
    Lane& lane = lanes[first_lane_[flow.stream_message] + TimerLane(flow, state.number)];
    if (lane.full()) return false;
    timers_.Pop();
    SendTimer(flow, state, lane);
    const int64_t due = std::max(timer.due_ps, int64_t{0}) + GapOf(flow, state);
    uint64_t in_lap = uint64_t{timer.packets} + 1;
    if (in_lap == shard_.timer_lap) [[unlikely]] {
      in_lap = 0;
      lapped_ = true;
      ++laps_[of.first_lap + state.number / shard_.count];
    }
    const bool ends =
        due >= plan_.duration.count || (flow.passes != 0 && state.packets + 1 >= flow.passes);
    if (!ends) {
      timers_.Push({.due_ps = due, .id = timer.id, .packets = static_cast<uint32_t>(in_lap)});
    }
    timers_.Advance();
  }
}

}  // namespace spate::engine
