// Streams: plain rates in closed form. Packet n is due at start + n * period, so no calendar and no
// draw stand between one packet and the next.
#include <algorithm>

#include "base/random.h"
#include "engine/expand/expander.h"

namespace spate::engine {

void Expander::AdvancePeriods(Instance& instance, uint64_t periods) {
  const FlowPlan& flow = Clocked(instance);
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
  uint64_t limit = plan_.packets;
  if (flow.passes != 0) limit = std::min(limit, flow.passes);
  if (flow.packets != 0) limit = std::min(limit, flow.packets);
  do {
    if (instance.packets >= limit) return Stop::kEnded;
    Lane& lane = LaneFor(flow.stream_message, instance, lanes);
    if (lane.full()) return Stop::kLaneFull;
    uint64_t most = limit - instance.packets;
    if (dealt) most = std::min(most, kStreamBlock - instance.packets % kStreamBlock);
    FillStream(instance, message, due_ps, most, next, lane);
    if (dealt && instance.packets % kStreamBlock == 0) {
      SkipPackets(instance, (shard_.count - 1) * kStreamBlock);
      due_ps = DueOf(instance);
    }
  } while (due_ps < next.due_ps && due_ps < plan_.duration.count);
  return Stop::kPostponed;
}

// Appends packets of a stream as one run, all before `end`, if the plan and the shard allow runs
// and more than one packet is to be made.
bool Expander::FillRun(Instance& instance, const MessagePlan& message, int64_t& due_ps,
                       uint64_t most, int64_t end, Lane& lane) {
  if (!shard_.runs || message.run_form == core::kNone) return false;
  const FlowPlan& flow = plan_.flows[instance.flow];
  PacketRun run{.due_ps = due_ps,
                .fraction = instance.fraction,
                .packet = instance.packets,
                .message = static_cast<uint16_t>(message.run_form)};
  const uint32_t longest = static_cast<uint32_t>(std::min(most, kStreamBlock));
  uint32_t count = longest;
  if (Skip(flow, count - 1, run).due_ps >= end) {
    count = 1;
    while (count < longest && Skip(flow, count, run).due_ps < end) ++count;
  }
  if (count == 1) return false;
  run.count = static_cast<uint16_t>(count);
  PutRun(run, lane.slots + lane.used);
  lane.used += 2;
  packets_ += count;
  SkipPackets(instance, count);
  due_ps = instance.pass_due_ps;
  return true;
}

// Up to `most` records of a stream that come before `next` and the end of the run. At least one:
// the caller has seen that it is its turn.
void Expander::FillStream(Instance& instance, const MessagePlan& message, int64_t& due_ps,
                          uint64_t most, const Event& next, Lane& lane) {
  const FlowPlan& flow = plan_.flows[instance.flow];
  const uint32_t message_index = flow.stream_message;
  const int64_t end = std::min(next.due_ps, plan_.duration.count);
  const bool mapped = flow.map != core::kNone || (flow.scale && !plan_.schedule.empty());
  if (!mapped && FillRun(instance, message, due_ps, most, end, lane)) return;
  const uint32_t room = (lane.capacity - lane.used) / (1u + message.operand_slots);
  most = std::min<uint64_t>(most, room);
  uint32_t made = 0;
  if (message.operand_slots > 0 || message.varying_size || mapped) {
    do {
      instance.passes = static_cast<uint32_t>(instance.packets) + 1;
      Send(instance, message, message_index, due_ps, lane);
      AdvancePeriods(instance, 1);
      due_ps = DueOf(instance);
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

}  // namespace spate::engine
