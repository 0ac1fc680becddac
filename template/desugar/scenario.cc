// Template → scenario: groups, flows and their clocks.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/units.h"
#include "template/check.h"
#include "template/desugar/program.h"
#include "template/desugar/schedule.h"
#include "template/quantity.h"
#include "template/surface/laws.h"
#include "template/template.h"

namespace spate::tmpl {
namespace {

class Lowering {
 public:
  Lowering(const Template& t, core::Scenario& out, Faults& faults)
      : context_{t, out, faults, {}, {}} {}

  void Run();

 private:
  void LowerGroup(const std::string& name, const Group& group);
  void LowerFlow(const std::string& name, const Flow& flow, const Group* group, uint32_t index);
  // Passes per second of one instance.
  double PassRate(const Flow& flow, Program& program, const std::string& text, const Place& place);
  std::optional<double> BitsOfPass(const Flow& flow, Program& program, Rate::Unit unit);
  double ShareRate(const Flow& flow, Program& program);
  core::Clock LowerClock(const Flow& flow, Program& program, double mean_pps);
  // The map of the flow's schedule, its speeds in passes per second.
  std::optional<core::TimeMap> LowerSchedule(const Flow& flow, Program& program);
  void LowerLimits(const Flow& flow, std::optional<core::TimeMap> map, core::Flow& out);
  void LowerImpairment(const Flow& flow, core::Flow& out);
  void LowerTotals();

  Context context_;
  uint32_t first_flow_ = 0;  // of the group at hand
  uint64_t instances_ = 1;   // of the flow in hand
};

std::optional<double> Lowering::BitsOfPass(const Flow& flow, Program& program, Rate::Unit unit) {
  return program.MeanBits(flow, unit != Rate::Unit::kBps);
}

double Lowering::PassRate(const Flow& flow, Program& program, const std::string& text,
                          const Place& place) {
  const auto rate = ParseRateOrZero(text);
  if (!rate.ok()) {
    context_.faults.Add(place, Quote(text), std::string(rate.status().message()));
    return 0;
  }
  const double instances = flow.total ? static_cast<double>(instances_) : 1;
  if (rate->unit == Rate::Unit::kPps || rate->value == 0) return rate->value / instances;
  double bits_per_second = rate->value;
  if (rate->unit == Rate::Unit::kPercent) {
    bits_per_second = rate->value / 100 * context_.out.line_bps;
    if (bits_per_second == 0) {
      context_.faults.Add(place, Quote(text),
                          "the line's speed: \"line\" in the template, or --line");
      return 0;
    }
  }
  const auto bits = BitsOfPass(flow, program, rate->unit);
  if (!bits) {
    context_.faults.Add(place, Quote(text),
                        "a rate in pps: the bits of a pass are not known beforehand");
    return 0;
  }
  return bits_per_second / *bits / instances;
}

// Any rate will do as long as the flows' are to each other as their shares.
double Lowering::ShareRate(const Flow& flow, Program& program) {
  const Place place = At(flow.place, "share");
  const auto l1 = program.MeanBits(flow, true), l2 = program.MeanBits(flow, false);
  if (context_.t.rate.empty() && !context_.t.schedule) {
    context_.faults.Add(place, "a share of nothing", "\"rate\" or \"schedule\" of the template");
  } else if (!(*flow.share > 0)) {
    context_.faults.Add(place, "a share of 0", "a share above 0");
  } else if (!l1 || !l2) {
    context_.faults.Add(place, "passes of unknown length", "passes whose packets are known");
  } else {
    const double packets = (*l1 - *l2) / (8 * kL1OverheadBytes);
    const double unit = context_.t.shares == "bytes" ? *l2 / 8 / 1000 : packets;
    return *flow.share * 1000 / unit / static_cast<double>(instances_);
  }
  return 0;
}

std::optional<core::TimeMap> Lowering::LowerSchedule(const Flow& flow, Program& program) {
  if (!flow.schedule) return std::nullopt;
  const auto stretches = FlattenSchedule(context_, *flow.schedule);
  if (!stretches) return std::nullopt;
  core::TimeMap map;
  map.repeat = stretches->repeat;
  for (const Stretch& stretch : stretches->list) {
    map.pieces.push_back({stretch.seconds, PassRate(flow, program, stretch.begin, stretch.place),
                          PassRate(flow, program, stretch.end, stretch.place)});
  }
  if (MeanSpeed(map.pieces) > 0) return map;
  context_.faults.Add(flow.schedule->place, "a schedule without any rate above 0", "at least one");
  return std::nullopt;
}

// `mean_pps`: of a schedule; 0: none.
core::Clock Lowering::LowerClock(const Flow& flow, Program& program, double mean_pps) {
  core::Clock clock;
  const size_t before = context_.faults.size();
  switch (flow.clock.kind) {
    case Clock::Kind::kOnce:
      if (mean_pps == 0 && !flow.share) break;
      clock.kind = core::Clock::Kind::kRate;
      clock.pps = flow.share ? ShareRate(flow, program) : mean_pps;
      break;
    case Clock::Kind::kRate:
      clock.kind = core::Clock::Kind::kRate;
      clock.pps = PassRate(flow, program, flow.clock.rate, flow.clock.place);
      break;
    case Clock::Kind::kPoisson: {
      clock.kind = core::Clock::Kind::kRenewal;
      const double rate =
          mean_pps > 0 ? mean_pps : PassRate(flow, program, flow.clock.rate, flow.clock.place);
      if (context_.faults.size() > before) break;
      TimeLaw gap;
      gap.place = flow.clock.place;
      gap.kind = "exponential";
      gap.parameters = {{"mean", 1 / rate}};
      clock.gap = AddDraw(context_, LowerTime(context_, gap), core::Scope::kPass, "clock");
      break;
    }
    case Clock::Kind::kEvery:
      clock.kind = core::Clock::Kind::kRenewal;
      clock.gap = AddDraw(context_, LowerTime(context_, flow.clock.every.value_or(TimeLaw{})),
                          core::Scope::kPass, "clock");
      break;
    case Clock::Kind::kGrid:
      clock.kind = core::Clock::Kind::kGrid;
      clock.period = Picos::FromSeconds(std::min(flow.clock.period_s, 9e6));
      if (flow.clock.jitter) {
        clock.jitter = AddDraw(context_, LowerTime(context_, *flow.clock.jitter),
                               core::Scope::kPass, "jitter");
      }
      break;
  }
  return clock;
}

// Passes per second of the clock alone, which a schedule's rates are measured by.
double OwnRate(const Flow& flow, double mean_pps) {
  if (flow.clock.kind == Clock::Kind::kGrid) return 1 / flow.clock.period_s;
  if (flow.clock.kind != Clock::Kind::kEvery) return mean_pps;
  const auto mean = MeanSeconds(flow.clock.every.value_or(TimeLaw{}));
  return mean.ok() && *mean > 0 ? 1 / *mean : mean_pps;
}

// What follows the program.
void Lowering::LowerImpairment(const Flow& flow, core::Flow& out) {
  if (!flow.impairment) return;
  const Impairment& from = *flow.impairment;
  core::Impairment& to = out.impairment.emplace();
  to.loss = from.loss;
  to.enter = from.burst_enter;
  to.leave = from.burst_leave;
  to.burst_loss = from.burst_loss;
  to.duplicate = from.duplicate;
  if (from.delay) {
    to.delay = AddDraw(context_, LowerTime(context_, *from.delay), core::Scope::kPacket,
                       "impairment delay");
  }
  to.reorder = from.reorder;
  to.reorder_by = Picos::FromSeconds(from.reorder_s);
  to.corrupt = from.corrupt;
  to.bits = from.bits;
  to.right_checksums = from.checksums;
}

void Lowering::LowerLimits(const Flow& flow, std::optional<core::TimeMap> map, core::Flow& out) {
  const bool once = out.clock.kind == core::Clock::Kind::kOnce;
  out.passes = flow.passes.value_or(once ? 1 : 0);
  if (once && out.passes == 0) out.passes = UINT64_MAX;
  out.packets = flow.packets.value_or(0);
  out.scale = flow.scale;
  if (map) {
    const double own = OwnRate(flow, MeanSpeed(map->pieces));
    for (core::TimePiece& piece : map->pieces) piece.begin /= own, piece.end /= own;
  } else if (flow.duration_s) {
    map.emplace().pieces.push_back({*flow.duration_s, 1, 1});
  }
  if (!map) return;
  if (flow.duration_s) map = CutMap(*map, *flow.duration_s);
  out.map = static_cast<uint32_t>(context_.out.maps.size());
  context_.out.maps.push_back(*std::move(map));
}

void Lowering::LowerFlow(const std::string& name, const Flow& flow, const Group* group,
                         uint32_t index) {
  core::Flow out;
  out.name = name;
  out.group = index;
  FlowNames names;
  names.flow = name;
  names.group = group;
  names.surface = &flow;
  names.first_flow = first_flow_;
  Program program(context_, std::move(names), out);
  program.Build(flow);
  instances_ = group ? group->count : 1;
  auto map = LowerSchedule(flow, program);
  out.clock = LowerClock(flow, program, map ? MeanSpeed(map->pieces) : 0);
  LowerLimits(flow, std::move(map), out);
  LowerImpairment(flow, out);
  if (flow.start) {
    out.start =
        AddDraw(context_, LowerTime(context_, *flow.start), core::Scope::kInstance, "start");
  }
  context_.out.flows.push_back(std::move(out));
}

void Lowering::LowerGroup(const std::string& name, const Group& group) {
  core::Scenario& out = context_.out;
  const auto index = static_cast<uint32_t>(out.groups.size());
  out.groups.push_back({.name = name, .count = group.count, .variables = {}});
  FlowNames names;
  names.flow = name;
  for (const auto& [variable, law] : group.variables) {
    const auto value =
        LowerNumber(context_, names, law, Scope::kInstance, Concat("vars ", name, " ", variable));
    if (value) out.groups[index].variables.push_back(ToOperand(context_, *value));
  }
  first_flow_ = static_cast<uint32_t>(out.flows.size());
  for (const auto& [flow_name, flow] : group.flows) {
    LowerFlow(Concat(name, "/", flow_name), flow, &group, index);
  }
}

// What concerns all flows together.
void Lowering::LowerTotals() {
  core::Scenario& out = context_.out;
  out.name = context_.t.name;
  if (context_.t.duration_s)
    out.duration = Picos::FromSeconds(std::min(*context_.t.duration_s, 9e6));
  out.packets = context_.t.packets;
  out.rate = context_.t.rate;
  if (!context_.t.line.empty()) {
    const auto line = ParseRate(context_.t.line);
    if (line.ok() && (line->unit == Rate::Unit::kBps || line->unit == Rate::Unit::kBpsL1)) {
      out.line_bps = line->value;
    } else {
      context_.faults.Add(At(context_.t.place, "line"), Quote(context_.t.line),
                          "bits per second, such as \"10gbps\"");
    }
  }
  if (!context_.t.schedule) return;
  if (const auto stretches = FlattenSchedule(context_, *context_.t.schedule)) {
    out.schedule_repeat = stretches->repeat;
    for (const Stretch& stretch : stretches->list) {
      out.schedule.push_back({stretch.seconds, stretch.begin, stretch.end});
    }
  }
}

void Lowering::Run() {
  core::Scenario& out = context_.out;
  LowerTotals();
  for (const auto& [name, group] : context_.t.groups) LowerGroup(name, group);
  for (const auto& [name, flow] : context_.t.flows) {
    const auto index = static_cast<uint32_t>(out.groups.size());
    out.groups.push_back({.name = name, .count = 1, .variables = {}});
    LowerFlow(name, flow, nullptr, index);
  }
}

}  // namespace

absl::StatusOr<core::Scenario> Compile(const Template& t, std::vector<Fault>* faults) {
  Faults found(t.file);
  core::Scenario scenario;
  Check(t, found);
  if (found.empty()) Lowering(t, scenario, found).Run();
  found.RemoveRepeated();
  const absl::Status status = found.Status();
  if (faults) *faults = found.all();
  if (!status.ok()) return status;
  return scenario;
}

}  // namespace spate::tmpl
