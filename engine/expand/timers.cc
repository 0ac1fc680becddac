// Timers (FlowPlan::timer): instances that wait by a renewal clock and send one packet, again and
// again. They take the same decisions as the program machine would, from the same numbers, but
// their whole state travels in the ladder's records.
#include <algorithm>

#include "base/random.h"
#include "engine/expand/expander.h"
#include "engine/plan/law.h"

namespace spate::engine {

void Expander::AddTimers(uint32_t flow, const std::vector<int64_t>& arrivals,
                         std::vector<Timer>& timers) {
  const FlowPlan& f = plan_.flows[flow];
  first_id_.push_back(static_cast<uint32_t>(instances_.size()));  // has none in the calendar
  if (first_lane_[f.stream_message] == core::kNone) return;
  for (uint64_t n = FirstNumber(f.group); n < plan_.groups[f.group].count; n += shard_.count) {
    const uint32_t number = static_cast<uint32_t>(n);
    Instance instance{.key = SubKey(f.key, number), .number = number, .flow = flow};
    instance.pass_due_ps = FirstDelay(instance) + (arrivals.empty() ? 0 : arrivals[number]);
    if (instance.pass_due_ps >= plan_.duration.count) continue;
    timers.push_back({.due_ps = instance.pass_due_ps,
                      .key = instance.key,
                      .packets = 0,
                      .number = number,
                      .flow = flow});
  }
}

// The mean time between two events of one timer, over all of them.
int64_t Expander::MeanTimerGap(const std::vector<Timer>& timers) const {
  std::vector<double> gaps(plan_.flows.size());
  double events_per_ps = 0;
  for (size_t f = 0; f < gaps.size(); ++f) {
    if (plan_.flows[f].timer) gaps[f] = std::max(plan_.flows[f].mean_gap_ps, 1.0);
  }
  for (const Timer& timer : timers) events_per_ps += 1 / gaps[timer.flow];
  return static_cast<int64_t>(
      std::min(static_cast<double>(timers.size()) / std::max(events_per_ps, 1e-18), 0x1p62));
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
                                  ? Interpolated(words + draw.law.table, draw.law.size, bits)
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
    const Timer* const first = ladder_.First();
    if (first == nullptr || !(first->order() < limit)) return true;
    const FlowPlan& flow = plan_.flows[first->flow];
    Lane& lane = lanes[first_lane_[flow.stream_message] + TimerLane(flow, first->number)];
    if (lane.full()) return false;
    const Timer timer{.due_ps = first->due_ps,
                      .key = first->key,
                      .packets = first->packets,
                      .number = first->number,
                      .flow = first->flow};
    ladder_.Pop();
    SendTimer(flow, timer, lane);
    const int64_t due = std::max(timer.due_ps, int64_t{0}) + GapOf(flow, timer);
    const uint64_t sent = timer.packets + 1;
    const bool ends = due >= plan_.duration.count || (flow.passes != 0 && sent >= flow.passes);
    if (!ends) ladder_.Push({due, timer.key, sent, timer.number, timer.flow});
    ladder_.Advance();
  }
}

}  // namespace spate::engine
