// Which flows are timers (FlowPlan::timer).
#include <algorithm>
#include <bit>

#include "engine/plan/flatten.h"
#include "engine/plan/limits.h"

namespace spate::engine {
namespace {

// A timer does what the program machine would do with such a flow and nothing else. All members are
// named, so that whoever adds one is asked here whether timers obey it.
bool IsPlain(const core::Flow& flow, const core::Group& group, bool scheduled) {
  using core::OpCode;
  // Start, phase and arrival say when the first packet is sent; paces come with variables.
  const auto& [name, where, group_index, variables, ops, clock, start, phase, spread, sent, paces,
               passes, idle, clocks, variant, packets, map, scale, impairment] = flow;
  const auto& [kind, pps, pace, gap, period, jitter, times, of_run, on, off, phase_slot] = clock;
  const auto& [group_name, count, shared, arrival, gaps, first_flow, identity] = group;
  const bool sends_only = ops.size() >= 3 && ops[0].code == OpCode::kTick &&
                          ops[1].code == OpCode::kSend && ops[2].code == OpCode::kJump &&
                          ops[2].a == 0;
  return sends_only && kind == core::Clock::Kind::kRenewal && variables == 0 && shared.empty() &&
         !idle && clocks.empty() && on == core::kNone && packets == 0 && map == core::kNone &&
         !impairment && !(scheduled && scale) && count >= kLeastTimers;
}

// A gap that follows from the instance and the number of the packet alone. What is drawn per pass
// is: a timer's pass is one packet. Fresh draws are, unless their law counts its uses.
bool IsTimerGap(const DrawPlan& gap) {
  if (gap.scope == core::Scope::kPass) return gap.law.balanced == 0;
  return gap.scope == core::Scope::kPacket && gap.law.balanced == 0 &&
         gap.law.kind != core::Law::Kind::kList && gap.law.kind != core::Law::Kind::kArithmetic;
}

bool HasSimpleWords(const MessagePlan& message, const Plan& plan) {
  const auto first = plan.word_plans.begin() + message.first_word;
  return !message.varying_size &&
         std::all_of(first, first + message.word_count, [](const WordPlan& word) {
           return word.word != Word::kVariable && word.word != Word::kOutcome;
         });
}

// Whether one flow more fits, of so many instances. Others are run as programs.
bool HasIds(uint64_t flows, uint64_t count, Plan& plan) {
  const unsigned bits = std::max(plan.timer_bits, static_cast<unsigned>(std::bit_width(count - 1)));
  if (flows << bits > uint64_t{1} << 32) return false;
  plan.timer_bits = bits;
  return true;
}

}  // namespace

void FlattenTimers(const core::Scenario& scenario, Plan& plan) {
  uint64_t timers = 0;
  for (size_t f = 0; f < plan.flows.size(); ++f) {
    FlowPlan& flow = plan.flows[f];
    const core::Flow& source = scenario.flows[f];
    const bool plain = IsPlain(source, scenario.groups[flow.group], !scenario.schedule.empty());
    if (!plain || plan.groups[flow.group].unit) continue;
    if (flow.variables > 0 || !IsTimerGap(plan.draws[flow.clock.gap])) continue;
    const uint32_t message = plan.ops[flow.first_op + 1].a;
    if (!HasSimpleWords(plan.messages[message], plan) || plan.messages[message].missed > 0)
      continue;
    if (!HasIds(timers + 1, plan.groups[flow.group].count, plan)) continue;
    ++timers;
    flow.timer = true;
    flow.stream_message = message;
  }
}

}  // namespace spate::engine
