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

  Context context_;
  uint32_t first_flow_ = 0;  // of the group at hand
};

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
  LowerClock(context_, flow, group ? group->count : 1, program, out);
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
