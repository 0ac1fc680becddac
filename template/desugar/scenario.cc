// Template → scenario: groups, flows and their clocks.
#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "template/check.h"
#include "template/desugar/port.h"
#include "template/desugar/program.h"
#include "template/desugar/schedule.h"
#include "template/quantity.h"
#include "template/template.h"

namespace spate::tmpl {
namespace {

// Whether the flow sends anything, or does what other flows could see.
bool Acts(const core::Flow& flow) {
  return std::ranges::any_of(flow.ops, [](const core::Op& op) {
    switch (op.code) {
      case core::OpCode::kSend:
      case core::OpCode::kSendCaptured:
      case core::OpCode::kControl:
        return true;
      case core::OpCode::kSet:
      case core::OpCode::kAdd:
      case core::OpCode::kScale:
      case core::OpCode::kWave:
        return (op.a & core::kShared) != 0;
      default:
        return false;
    }
  });
}

class Lowering {
 public:
  Lowering(const Template& t, core::Scenario& out, Faults& faults, bool observed)
      : context_{t, out, faults, observed && t.observer ? &*t.observer : nullptr, {}, {}} {}

  void Run();

 private:
  void LowerGroup(const std::string& name, const Group& group);
  void LowerTopLevel(const std::string& name, const Flow& flow);
  void LowerArrival(const std::string& name, const Group& group, core::Group& out);
  void LowerVariables(const std::string& name, const Group& group, core::Group& out);
  bool LowerTimeline(const std::string& name, const Group* group);
  void LowerLife(const std::string& name, const Group& group, bool timeline);
  void LowerFlow(const std::string& name, const Flow& flow, const Group* group);
  void LowerImpairment(const Flow& flow, core::Flow& out);
  void LowerTotals();
  // A flow of the group at hand.
  core::Flow NewFlow(const std::string& name, const Place& place) const {
    core::Flow flow;
    flow.name = name;
    flow.where = Where(place, context_.t.file);
    flow.group = static_cast<uint32_t>(context_.out.groups.size() - 1);
    return flow;
  }
  FlowNames NamesFor(const std::string& flow, const Group* group) const {
    FlowNames names;
    names.flow = flow;
    names.group = group;
    names.first_flow = first_flow_;
    return names;
  }

  void LowerObserver(const Observer& observer);

  Context context_;
  uint32_t first_flow_ = 0;  // of those of the group at hand that the template names
};

void Lowering::LowerFlow(const std::string& name, const Flow& flow, const Group* group) {
  const size_t before = context_.faults.size();
  core::Flow out = NewFlow(name, flow.place);
  FlowNames names = NamesFor(name, group);
  names.surface = &flow;
  Program program(context_, std::move(names), out);
  program.Build(flow);
  LowerClock(context_, flow, group ? group->count : 1, program, out);
  LowerImpairment(flow, out);
  // What could not be rewritten is not there, and has been told.
  if (!Acts(out) && context_.faults.size() == before) {
    context_.faults.Add(flow.place, "a flow whose steps send nothing",
                        "a step that sends a message, or acts on other flows of its group");
  }
  context_.out.flows.push_back(std::move(out));
}

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

void Lowering::LowerArrival(const std::string& name, const Group& group, core::Group& out) {
  if (!group.arrive) return;
  const Arrival& arrival = *group.arrive;
  core::Law law;
  if (arrival.kind == Arrival::Kind::kAt) {
    TimeLaw times;
    times.place = arrival.place;
    times.kind = "values";
    times.values = arrival.times;
    law = LowerTime(context_, times);
  } else if (arrival.kind == Arrival::Kind::kEvery) {
    law = LowerTime(context_, *arrival.every);
  } else {
    const auto rate = ParseRate(arrival.rate);
    if (!rate.ok() || rate->unit != Rate::Unit::kPps) {
      context_.faults.Add(arrival.place, Quote(arrival.rate),
                          "instances a second, such as \"10pps\"");
      return;
    }
    TimeLaw gap;
    gap.place = arrival.place;
    if (arrival.kind == Arrival::Kind::kPoisson) gap.kind = "exponential";
    gap.parameters = {{gap.kind == "constant" ? "value" : "mean", 1 / rate->value}};
    law = LowerTime(context_, gap);
  }
  out.gaps = arrival.kind != Arrival::Kind::kAt;
  out.arrival = AddDraw(context_, std::move(law), core::Scope::kInstance, Concat("arrival ", name));
}

void Lowering::LowerVariables(const std::string& name, const Group& group, core::Group& out) {
  const FlowNames names = NamesFor(name, nullptr);
  for (const auto& [variable, law] : group.variables) {
    const auto value =
        LowerNumber(context_, names, law, Scope::kInstance, Concat("vars ", name, " ", variable));
    if (value) out.variables.push_back(ToOperand(context_, *value));
  }
  if (!group.replace) return;
  out.identity = core::kShared | static_cast<uint32_t>(out.variables.size());
  out.variables.emplace_back();
}

bool Lowering::LowerTimeline(const std::string& name, const Group* group) {
  const auto concerns = [&](const TimelineEvent& event) { return Concerns(event, name); };
  const auto first = std::ranges::find_if(context_.t.timeline, concerns);
  if (first == context_.t.timeline.end()) return false;
  ++first_flow_;
  core::Flow out = NewFlow(Concat(name, "/(timeline)"), first->place);
  Program(context_, NamesFor(name, group), out).BuildTimeline(name);
  context_.out.flows.push_back(std::move(out));
  return true;
}

void Lowering::LowerLife(const std::string& name, const Group& group, bool timeline) {
  if (!group.lifetime && !group.replace) return;
  core::Flow out = NewFlow(Concat(name, "/(life)"), group.place);
  Program(context_, NamesFor(out.name, &group), out).BuildLife(timeline);
  context_.out.flows.push_back(std::move(out));
}

void Lowering::LowerGroup(const std::string& name, const Group& group) {
  core::Group& out = context_.out.groups.emplace_back();
  out.name = name;
  out.count = group.count;
  out.first_flow = first_flow_ = static_cast<uint32_t>(context_.out.flows.size());
  LowerArrival(name, group, out);
  LowerVariables(name, group, out);
  const bool timeline = LowerTimeline(name, &group);
  for (const auto& [flow_name, flow] : group.flows) {
    LowerFlow(Concat(name, "/", flow_name), flow, &group);
  }
  LowerLife(name, group, timeline);
}

void Lowering::LowerTopLevel(const std::string& name, const Flow& flow) {
  core::Group& out = context_.out.groups.emplace_back();
  out.name = name;
  out.first_flow = first_flow_ = static_cast<uint32_t>(context_.out.flows.size());
  LowerTimeline(name, nullptr);
  LowerFlow(name, flow, nullptr);
}

// What concerns all flows together.
void Lowering::LowerTotals() {
  core::Scenario& out = context_.out;
  out.name = context_.t.name;
  if (context_.t.duration_s)
    out.duration = Picos::FromSeconds(std::min(*context_.t.duration_s, 9e6));
  out.packets = context_.t.packets;
  out.rate = context_.t.rate;
  if (const auto& schedule = context_.t.schedule; schedule || !out.rate.empty()) {
    out.where_rate = Where(schedule ? schedule->place : context_.t.rate_place, context_.t.file);
  }
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

void Lowering::LowerObserver(const Observer& observer) {
  core::Scenario& out = context_.out;
  out.view.from_first = observer.origin == "first";
  if (observer.resolution_s) out.view.resolution = Picos::FromSeconds(*observer.resolution_s);
  const auto hidden = [](const core::Message& message) { return message.missed >= 1; };
  if (!out.messages.empty() && std::ranges::all_of(out.messages, hidden)) {
    context_.faults.Add(observer.place, "an observer that sees no packet of the template",
                        "hosts that are named as \"src\" or \"dst\" of some message");
  }
}

void Lowering::Run() {
  LowerTotals();
  context_.out.ports = PortNames(context_.t);
  for (const auto& [name, group] : context_.t.groups) LowerGroup(name, group);
  for (const auto& [name, flow] : context_.t.flows) LowerTopLevel(name, flow);
  if (context_.t.observer) LowerObserver(*context_.t.observer);
}

}  // namespace

absl::StatusOr<core::Scenario> Compile(const Template& t, std::vector<Fault>* faults,
                                       bool observed) {
  Faults found(t.file);
  core::Scenario scenario;
  Check(t, found);
  if (found.empty()) Lowering(t, scenario, found, observed).Run();
  found.RemoveRepeated();
  const absl::Status status = found.Status();
  if (faults) *faults = found.all();
  if (!status.ok()) return status;
  return scenario;
}

}  // namespace spate::tmpl
