#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "engine/plan/flatten.h"

namespace spate::engine {
namespace {

// A period in picoseconds as whole and 2^-64 parts, so that n periods are exact to 1 ps for any n
// that a run can reach.
void SetPeriod(double picos, FlowPlan& flow) {
  const double whole = std::floor(picos);
  flow.period_q = static_cast<int64_t>(whole);
  flow.period_fraction = static_cast<uint64_t>(std::ldexp(picos - whole, 64));
}

// A rate's period by integer division: 10^12 / pps in binary has no end, and a double's 53 bits
// would leave 10^-16 of drift, which 64 more bits of fraction remove.
void SetRate(double pps, double scale, FlowPlan& flow) {
  if (scale != 1 || pps != std::floor(pps) || pps > 0x1p53) {
    return SetPeriod(static_cast<double>(kPicosPerSecond) / pps * scale, flow);
  }
  const uint64_t rate = static_cast<uint64_t>(pps);
  const uint64_t second = static_cast<uint64_t>(kPicosPerSecond);
  flow.period_q = static_cast<int64_t>(second / rate);
  flow.period_fraction = static_cast<uint64_t>((static_cast<uint128>(second % rate) << 64) / rate);
}

// Passes of one packet at closed-form times share nothing with each other: any lcore can make any
// of them.
bool IsStream(const core::Flow& flow, const core::Scenario& scenario) {
  using core::OpCode;
  const std::vector<core::Op>& ops = flow.ops;
  const bool one_send = ops.size() >= 3 && ops[0].code == OpCode::kTick &&
                        ops[1].code == OpCode::kSend && ops[2].code == OpCode::kJump &&
                        ops[2].a == 0;
  if (flow.idle || flow.impairment || flow.clock.on != core::kNone || !one_send ||
      flow.clock.kind != core::Clock::Kind::kRate || flow.variables > 0)
    return false;
  return scenario.groups[flow.group].count == 1 && scenario.messages[ops[1].a].missed == 0;
}

bool CountsUses(const LawPlan& law) {
  return law.balanced > 0 || law.kind == core::Law::Kind::kList ||
         law.kind == core::Law::Kind::kArithmetic;
}

// A hidden variable for each place that draws afresh from a law which depends on how often it was
// used.
uint32_t UseCounter(uint32_t draw, const Plan& plan, FlowPlan& flow) {
  if (draw == core::kNone) return core::kNone;
  const DrawPlan& d = plan.draws[draw];
  if (d.scope != core::Scope::kPacket || !CountsUses(d.law)) return core::kNone;
  return flow.first_variable + flow.variables++;
}

bool HasVariable(core::OpCode code) {
  using core::OpCode;
  return code == OpCode::kSet || code == OpCode::kAdd || code == OpCode::kAddPayload ||
         code == OpCode::kLoop || code == OpCode::kCompare || code == OpCode::kScale ||
         code == OpCode::kWave || code == OpCode::kStamp || code == OpCode::kAwaitCaptured ||
         code == OpCode::kSendCaptured;
}

uint32_t DrawOf(const core::Op& op) {
  using core::OpCode;
  if (op.code == OpCode::kWait || op.code == OpCode::kWaitUntil || op.code == OpCode::kChoose) {
    return op.a;
  }
  const bool sets = op.code == OpCode::kSet || op.code == OpCode::kAdd ||
                    op.code == OpCode::kStamp || op.code == OpCode::kCompare;
  const bool draws = sets && op.operand.kind == core::Operand::Kind::kDraw;
  return draws ? static_cast<uint32_t>(op.operand.value) : core::kNone;
}

// The column through which an operand reads the field of a packet.
uint32_t AppendColumn(const core::Scenario& scenario, const core::Operand& operand, Plan& plan) {
  if (operand.column == core::kNone) return core::kNone;
  const core::Column& column = scenario.columns[operand.column];
  plan.columns.push_back({.table = static_cast<uint32_t>(plan.words.size()),
                          .size = static_cast<uint32_t>(column.values.size()),
                          .start = column.start,
                          .step = column.step});
  plan.words.insert(plan.words.end(), column.values.begin(), column.values.end());
  return static_cast<uint32_t>(plan.columns.size() - 1);
}

void ScaleWave(double scale, OpPlan& op) {
  const auto scaled = [&](uint64_t picos) {
    return static_cast<uint64_t>(static_cast<double>(picos) * scale);
  };
  if (op.code != core::OpCode::kWave || scale == 1) return;
  op.value = scaled(op.value);
  op.modulus = std::max<uint64_t>(scaled(op.modulus), 1);
}

// Where the program goes on that has come to operation `at`.
uint32_t Landing(const std::vector<core::Op>& ops, uint32_t at) {
  for (size_t jumps = 0; jumps < ops.size() && ops[at].code == core::OpCode::kJump; ++jumps) {
    at = ops[at].a;
  }
  return at;
}

// Who waits for its next pass stands right behind kTick (Expander::Retime).
void Link(const std::vector<core::Op>& ops, uint32_t at, OpPlan& op) {
  using core::OpCode;
  const OpCode code = ops[at].code;
  const bool last = at + 1 == ops.size();
  op.next = code == OpCode::kJump   ? Landing(ops, at)
            : last                  ? at
            : code == OpCode::kTick ? at + 1
                                    : Landing(ops, at + 1);
  op.only_waits = code == OpCode::kWait || code == OpCode::kWaitUntil || code == OpCode::kSettle ||
                  code == OpCode::kTick || code == OpCode::kAwaitCaptured || code == OpCode::kJump;
}

void AppendOps(const core::Scenario& scenario, const core::Flow& flow, double scale,
               FlowPlan& planned, Plan& plan) {
  planned.first_op = static_cast<uint32_t>(plan.ops.size());
  for (const core::Op& op : flow.ops) {
    OpPlan& out = plan.ops.emplace_back();
    out = {
        .code = op.code,
        .relation = op.relation,
        .action = op.action,
        .operand = op.operand.kind,
        .a = HasVariable(op.code) ? SlotIn(planned, op.a) : op.a,
        .b = op.code == core::OpCode::kSend && op.b != core::kNone ? SlotIn(planned, op.b) : op.b,
        .value = op.operand.value,
        .modulus = op.modulus};
    if (op.operand.kind == core::Operand::Kind::kVariable) {
      out.value = SlotIn(planned, static_cast<uint32_t>(op.operand.value));
    }
    if (op.operand.kind == core::Operand::Kind::kField) {
      out.b = AppendColumn(scenario, op.operand, plan);
    }
    ScaleWave(scale, out);
    Link(flow.ops, static_cast<uint32_t>(&op - flow.ops.data()), out);
    out.uses = UseCounter(DrawOf(op), plan, planned);
  }
  const bool grid = flow.clock.kind == core::Clock::Kind::kGrid;
  planned.clock_uses = UseCounter(grid ? flow.clock.jitter : flow.clock.gap, plan, planned);
  planned.on_uses = UseCounter(flow.clock.on, plan, planned);
  planned.off_uses = UseCounter(flow.clock.off, plan, planned);
}

// The clock's own numbers, in the flow's variables and at the run's scale.
void SetClock(const core::Clock& clock, double scale, FlowPlan& planned) {
  using Kind = core::Clock::Kind;
  planned.clock = clock;
  if (clock.kind == Kind::kRate || (clock.kind == Kind::kSettled && clock.pps > 0)) {
    SetRate(clock.pps, scale, planned);
  }
  if (clock.kind == Kind::kGrid) {
    SetPeriod(static_cast<double>(clock.period.count) * scale, planned);
  }
  planned.clock.phase = SlotIn(planned, clock.phase);
}

void AppendVariants(const core::Flow& flow, double scale, FlowPlan& planned, Plan& plan) {
  if (flow.variant == core::kNone) return;
  planned.variant = SlotIn(planned, flow.variant);
  planned.first_variant = static_cast<uint32_t>(plan.variants.size());
  for (const core::Clock& clock : flow.variants) {
    const uint32_t uses = UseCounter(clock.gap, plan, planned);
    FlowPlan variant = planned;
    variant.clock_uses = uses;
    SetClock(clock, scale, variant);
    plan.variants.push_back(variant);
  }
}

void AppendPaces(const core::Flow& flow, double scale, FlowPlan& planned, Plan& plan) {
  planned.first_pace = static_cast<uint32_t>(plan.paces.size());
  if (flow.sent != core::kNone) planned.sent = SlotIn(planned, flow.sent);
  const auto scaled = [scale](double picos) {
    return static_cast<uint64_t>(std::ldexp(picos * scale, kPaceFractionBits));
  };
  for (const core::Pace& pace : flow.paces) {
    plan.paces.push_back({.mark = SlotIn(planned, pace.mark),
                          .per_byte = scaled(pace.picos_per_byte),
                          .per_frame = scaled(pace.picos_per_frame)});
  }
}

bool ActsOnFlows(const core::Flow& flow) {
  return std::ranges::any_of(flow.ops, [](const core::Op& op) {
    return op.code == core::OpCode::kControl || op.code == core::OpCode::kJoin;
  });
}

void AppendGroups(const core::Scenario& scenario, const FlattenOptions& options, Plan& plan) {
  for (const core::Group& group : scenario.groups) {
    const auto shared = static_cast<uint32_t>(group.variables.size());
    plan.groups.push_back({.count = group.count,
                           .key = SubKey(Mix(options.seed), NameKey(group.name)),
                           .unit = shared > 0,
                           .variables = shared,
                           .first_initial = static_cast<uint32_t>(plan.initials.size()),
                           .shared = shared,
                           .arrival = group.arrival,
                           .gaps = group.gaps,
                           .identity = group.identity == core::kNone
                                           ? core::kNone
                                           : group.identity & ~core::kShared});
    plan.initials.insert(plan.initials.end(), group.variables.begin(), group.variables.end());
  }
  for (uint32_t f = 0; f < scenario.flows.size(); ++f) {
    const core::Flow& flow = scenario.flows[f];
    GroupPlan& group = plan.groups[flow.group];
    if (group.flow_count++ == 0) group.first_flow = f;
    group.unit = group.unit || flow.idle || ActsOnFlows(flow);
  }
}

}  // namespace

absl::Status FlattenFlows(const core::Scenario& scenario, const FlattenOptions& options,
                          Plan& plan) {
  AppendGroups(scenario, options, plan);
  for (const core::Flow& flow : scenario.flows) {
    GroupPlan& group = plan.groups[flow.group];
    FlowPlan planned{.group = flow.group,
                     .variables = flow.variables,
                     .first_variable = group.variables,
                     .start = flow.start,
                     .passes = flow.passes,
                     .phase = flow.phase,
                     .spread = flow.spread,
                     .packets = flow.packets,
                     .map = options.maps ? flow.map : core::kNone,
                     .scale = flow.scale,
                     .idle = flow.idle};
    const double scale = flow.scale ? options.scale : 1;
    if (flow.impairment) {
      planned.impairment = static_cast<uint32_t>(plan.impairments.size());
      core::Impairment& impairment = plan.impairments.emplace_back(*flow.impairment);
      impairment.reorder_by =
          Picos{std::llround(static_cast<double>(impairment.reorder_by.count) * scale)};
    }
    if (planned.map != core::kNone) {
      planned.map = static_cast<uint32_t>(plan.maps.size());
      plan.maps.push_back(TimeMap::Of(scenario.maps[flow.map], scale));
    }
    planned.key = SubKey(plan.groups[flow.group].key, NameKey(flow.name));
    SetClock(flow.clock, scale, planned);
    AppendPaces(flow, scale, planned, plan);
    planned.stream = !group.unit && group.arrival == core::kNone && IsStream(flow, scenario);
    if (planned.map != core::kNone && !planned.stream) {
      planned.map_start = planned.first_variable + planned.variables++;
    }
    if (planned.stream) planned.stream_message = flow.ops[1].a;
    AppendOps(scenario, flow, scale, planned, plan);
    AppendVariants(flow, scale, planned, plan);
    if (group.unit) group.variables += planned.variables;
    plan.flows.push_back(planned);
    plan.flow_names.push_back(flow.name);
    plan.flow_places.push_back(flow.where.empty() ? absl::StrCat("flow \"", flow.name, "\"")
                                                  : flow.where);
  }
  return absl::OkStatus();
}

}  // namespace spate::engine
