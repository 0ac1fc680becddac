// Beats (BeatPlan): of many instances on the ladder, those whose next operation sends are run here,
// by the same decisions and numbers as the program machine's, but a packet, the choice and the
// waits behind it are taken in one go and without a look at what kind of operation they are.
#include <algorithm>
#include <bit>

#include "base/random.h"
#include "engine/expand/expander.h"
#include "engine/plan/law.h"

namespace spate::engine {

inline void Expander::SendBeat(const BeatPlan& beat, Instance& instance, int64_t due_ps,
                               Lane& lane) {
  uint64_t* const variables = variables_.data() + instance.variables;
  const auto at = [&](const BeatWord& word) {
    return word.variable ? variables + word.index : &instance.packets;
  };
  Slot* const out = lane.slots + lane.used;
  out->descriptor = {due_ps, beat.message, beat.length, instance.number};
  if (beat.plain) [[likely]] {
    const BeatWord* const words = plan_.beat_words.data() + beat.first_word;
    PutOperands(out, beat.wide_words, beat.word_count, [&](uint32_t w) { return *at(words[w]); });
  } else {
    const MessagePlan& message = plan_.messages[beat.message];
    const WordPlan* const words = plan_.word_plans.data() + message.first_word;
    PutOperands(out, beat.wide_words, beat.word_count,
                [&](uint32_t w) { return WordOf(words[w], instance); });
  }
  lane.used += 1u + beat.operand_slots;
  packets_ += &lane != &elsewhere_;
  ++instance.packets;
  *at(beat.total) += beat.amount;
  instance.last_bytes = beat.payload_bytes;
}

// Chooses and waits: returns for how long, and leaves the instance where it goes on then.
inline int64_t Expander::Rest(const BeatPlan& beat, const FlowPlan& flow,
                              Instance& instance) const {
  const uint64_t* const words = plan_.words.data();
  const uint64_t stream = instance.key ^ kOpStream;
  uint32_t next = beat.next;
  if (beat.size > 0) {
    const uint64_t bits = Mix(Draw(stream, instance.draws++) + beat.draw_key);
    next = static_cast<uint32_t>(CellOutcome(words + beat.table, beat.size, bits));
  }
  const RestPlan& rest = plan_.rests[flow.first_op + next];
  instance.op = rest.next;
  int64_t wait = rest.pause_ps;
  if (rest.size > 0) {
    const uint64_t bits = Mix(Draw(stream, instance.draws++) + rest.draw_key);
    wait += static_cast<int64_t>(Interpolated(words + rest.table, rest.size, rest.factor, bits));
  }
  return wait;
}

// Runs the instances on the ladder that come before `limit`, up to one whose next operation is no
// beat. Returns false when a lane is full.
bool Expander::RunBeats(const Event& limit, std::span<Lane> lanes) {
  const int64_t end_ps = plan_.duration.count;
  const Event end = std::min(limit, Event{.due_ps = end_ps, .id = 0});
  Ladder<Event>& ladder = calendar_.ladder();
  while (!ladder.empty()) {
    const Event event = *ladder.First();
    if (!(event < end)) return true;
    Instance& instance = instances_[event.id];
    const FlowPlan& flow = plan_.flows[instance.flow];
    const BeatPlan* const beats = plan_.beats.data() + flow.first_op;
    const OpPlan* const ops = plan_.ops.data() + flow.first_op;
    if (!flow.beats || !beats[instance.op].sends) return true;
    FetchAhead();
    int64_t due = event.due_ps;
    do {
      const BeatPlan& beat = beats[instance.op];
      Lane& lane = LaneFor(beat.message, instance, lanes);
      if (lane.full()) return false;
      for (uint32_t n = beat.computes; n > 0; --n) Compute(ops[instance.op], instance, due);
      SendBeat(beat, instance, due, lane);
      due += Rest(beat, flow, instance);
    } while (due == event.due_ps && beats[instance.op].sends);
    bool ends = false;
    for (uint32_t waits = 0; waits < kMostAhead && ops[instance.op].only_waits && !ends; ++waits) {
      ends = !Wait(ops[instance.op], instance, due);
    }
    if (ends || due >= end_ps) {
      ladder.PopFirst();
    } else {
      ladder.ReplaceFirst({.due_ps = due, .id = event.id});
    }
  }
  return true;
}

}  // namespace spate::engine
