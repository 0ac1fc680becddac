// Template → scenario: groups, flows and their clocks.
#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "template/check.h"
#include "template/desugar/program.h"
#include "template/quantity.h"
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
  // Passes per second of a clock's rate.
  double PassRate(const Flow& flow, Program& program);
  core::Clock LowerClock(const Flow& flow, Program& program);

  Context context_;
  uint32_t first_flow_ = 0;  // of the group at hand
};

double Lowering::PassRate(const Flow& flow, Program& program) {
  const auto rate = ParseRate(flow.clock.rate);
  if (!rate.ok()) {
    context_.faults.Add(flow.clock.place, Quote(flow.clock.rate),
                        std::string(rate.status().message()));
    return 0;
  }
  if (rate->unit == Rate::Unit::kPps) return rate->value;
  if (rate->unit == Rate::Unit::kPercent) {
    context_.faults.Add(
        flow.clock.place, Quote(flow.clock.rate),
        "pps, bps or bpsl1: only the template's own \"rate\" may be a share of the line");
    return 0;
  }
  const auto bits = program.MeanBits(flow, rate->unit == Rate::Unit::kBpsL1);
  if (!bits) {
    context_.faults.Add(flow.clock.place, Quote(flow.clock.rate),
                        "a rate in pps: the bits of a pass are not known beforehand");
    return 0;
  }
  return rate->value / *bits;
}

core::Clock Lowering::LowerClock(const Flow& flow, Program& program) {
  core::Clock clock;
  const size_t before = context_.faults.size();
  switch (flow.clock.kind) {
    case Clock::Kind::kOnce:
      break;
    case Clock::Kind::kRate:
      clock.kind = core::Clock::Kind::kRate;
      clock.pps = PassRate(flow, program);
      break;
    case Clock::Kind::kPoisson: {
      clock.kind = core::Clock::Kind::kRenewal;
      const double rate = PassRate(flow, program);
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
  out.clock = LowerClock(flow, program);
  out.passes = flow.clock.kind == Clock::Kind::kOnce ? 1 : flow.passes.value_or(0);
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

void Lowering::Run() {
  core::Scenario& out = context_.out;
  for (const auto& [name, group] : context_.t.groups) LowerGroup(name, group);
  for (const auto& [name, flow] : context_.t.flows) {
    const auto index = static_cast<uint32_t>(out.groups.size());
    out.groups.push_back({.name = name, .count = 1, .variables = {}});
    LowerFlow(name, flow, nullptr, index);
  }
  out.name = context_.t.name;
  if (context_.t.duration_s)
    out.duration = Picos::FromSeconds(std::min(*context_.t.duration_s, 9e6));
  out.packets = context_.t.packets;
  out.rate = context_.t.rate;
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
