// By which port a message leaves: what its flow says, else the port behind which its sender stands.
#include "template/desugar/port.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace spate::tmpl {
namespace {

void AddName(const std::string& name, std::vector<std::string>& names) {
  if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
}

// The host set that `name` is in a flow: the set itself, or the one that a role binds.
const HostSet* SetOf(const Context& context, const FlowNames& names, const std::string& name) {
  const Binding* role = names.group ? FindNamed(names.group->bind, name) : nullptr;
  return FindNamed(context.t.hosts, role ? role->host : name);
}

// The source of the first header, from the outermost in, that stands behind a port.
const HostSet* SenderOf(const Context& context, const FlowNames& names, const Message& message) {
  for (const HeaderUse& use : message.packet) {
    const ValueLaw* source = FindNamed(use.fields, "src");
    if (!source || source->kind != ValueLaw::Kind::kHost) continue;
    const HostSet* set = SetOf(context, names, source->name);
    if (set && !set->behind.empty()) return set;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> PortNames(const Template& t) {
  std::vector<std::string> names;
  for (const auto& [name, hosts] : t.hosts) AddName(hosts.behind, names);
  for (const auto& [name, group] : t.groups) {
    for (const auto& [flow_name, flow] : group.flows) AddName(flow.port, names);
  }
  for (const auto& [name, flow] : t.flows) AddName(flow.port, names);
  if (names.empty()) names.emplace_back();
  return names;
}

uint32_t PortOf(const Context& context, const FlowNames& names, const Message& message) {
  return PortOfSender(context, names, SenderOf(context, names, message));
}

uint32_t PortOfSender(const Context& context, const FlowNames& names, const HostSet* sender) {
  const std::string behind = sender ? sender->behind : "";
  const std::string& port = names.surface->port.empty() ? behind : names.surface->port;
  const auto place = std::ranges::find(context.out.ports, port);
  return place == context.out.ports.end()
             ? 0
             : static_cast<uint32_t>(place - context.out.ports.begin());
}

}  // namespace spate::tmpl
