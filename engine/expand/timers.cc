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
  if (first_lane_[f.stream_message] == core::kNone) return;
  for (uint64_t n = FirstNumber(f.group); n < plan_.groups[f.group].count; n += shard_.count) {
    const uint32_t number = static_cast<uint32_t>(n);
    const Instance instance{.key = SubKey(f.key, number), .number = number, .flow = flow};
    const int64_t due = FirstDelay(instance) + (arrivals.empty() ? 0 : arrivals[number]);
    if (due >= plan_.duration.count) continue;
    timers_.Add({.due_ps = due, .key = instance.key, .packets = 0, .number = number, .flow = flow});
  }
}

inline uint32_t Expander::TimerLane(const FlowPlan& flow, uint32_t number) const {
  if (shard_.lanes == 1) return 0;
  return static_cast<uint32_t>((first_number_[flow.group] + number) / shard_.count % shard_.lanes);
}

// The gap after packet n: a draw of its pass, the n + 1st, or the program's draw n by operations.
inline int64_t Expander::GapOf(const FlowPlan& flow, const Timer& timer) const {
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

inline void Expander::SendTimer(const FlowPlan& flow, const Timer& timer, Lane& lane) {
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
    if (first == nullptr || !(first->order() < limit)) return true;
    const FlowPlan& flow = plan_.flows[first->flow];
    Lane& lane = lanes[first_lane_[flow.stream_message] + TimerLane(flow, first->number)];
    if (lane.full()) return false;
    const Timer timer{.due_ps = first->due_ps,
                      .key = first->key,
                      .packets = first->packets,
                      .number = first->number,
                      .flow = first->flow};
    timers_.Pop();
    SendTimer(flow, timer, lane);
    const int64_t due = std::max(timer.due_ps, int64_t{0}) + GapOf(flow, timer);
    const uint64_t sent = timer.packets + 1;
    const bool ends = due >= plan_.duration.count || (flow.passes != 0 && sent >= flow.passes);
    if (!ends) timers_.Push({due, timer.key, sent, timer.number, timer.flow});
    timers_.Advance();
  }
}

}  // namespace spate::engine
