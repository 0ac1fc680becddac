#include "cli/open_ports.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "cli/diagnostics.h"

namespace spate::cli {

absl::StatusOr<OpenPorts> OpenPorts::Open(engine::PortBinding binding,
                                          const std::vector<std::string>& rx,
                                          const core::Scenario& scenario, bool device_time) {
  OpenPorts open;
  open.options_ = {.link = scenario.link, .view = scenario.view, .device_time = device_time};
  for (const auto& message : scenario.messages) {
    packet::AddKeys(message.frame.seals, open.options_.keys);
  }
  open.wiring_.port_of = std::move(binding.port_of);
  for (const std::string& spec : binding.specs) {
    SPATE_ASSIGN_OR_RETURN(open.wiring_.ports.emplace_back(), open.Add(spec));
  }
  SPATE_RETURN_IF_ERROR(open.AddReceivers(rx, scenario));
  return open;
}

absl::StatusOr<engine::Port*> OpenPorts::Add(const std::string& spec) {
  SPATE_ASSIGN_OR_RETURN(ports_.emplace_back(), engine::OpenPort(spec, options_));
  return ports_.back().get();
}

engine::Port* OpenPorts::Find(const std::string& name, const core::Scenario& scenario) const {
  for (size_t i = 0; i < scenario.ports.size(); ++i) {
    const uint32_t at = wiring_.port_of[i];
    if (at != core::kNone && scenario.ports[i] == name) return wiring_.ports[at];
  }
  const auto known = std::ranges::find_if(
      wiring_.ports, [&](const engine::Port* port) { return AsAbsl(port->name()) == name; });
  return known == wiring_.ports.end() ? nullptr : *known;
}

absl::Status OpenPorts::AddReceivers(const std::vector<std::string>& rx,
                                     const core::Scenario& scenario) {
  for (const std::string& name : rx) {
    engine::Port* port = Find(name, scenario);
    if (port == nullptr) {
      SPATE_ASSIGN_OR_RETURN(port, Add(name));
    }
    if (std::ranges::find(wiring_.receivers, port) == wiring_.receivers.end()) {
      wiring_.receivers.push_back(port);
    }
  }
  return absl::OkStatus();
}

namespace {

// Where the template says what kind of frames it makes.
tmpl::Place LinkPlace(const tmpl::Template& t) {
  for (const auto& [name, message] : t.messages) {
    if (!message.packet.empty()) return message.packet.front().place;
  }
  const auto of_flows = [](const tmpl::Named<tmpl::Flow>& flows) -> const tmpl::Place* {
    for (const auto& [name, flow] : flows) {
      if (flow.capture) return &flow.capture->place;
      if (flow.conversation && !flow.conversation->packet.empty()) {
        return &flow.conversation->packet.front().place;
      }
    }
    return nullptr;
  };
  for (const auto& [name, group] : t.groups) {
    if (const tmpl::Place* place = of_flows(group.flows)) return *place;
  }
  const tmpl::Place* place = of_flows(t.flows);
  return place ? *place : t.place;
}

}  // namespace

bool CheckLinks(const std::vector<std::string>& specs, const TemplateInput& input) {
  // A template that was made of options has no places: opening the port says it.
  if (input.source.file.empty()) return true;
  std::vector<tmpl::Fault> faults;
  for (const std::string& spec : specs) {
    if (engine::CarriesLink(spec, input.scenario.link)) continue;
    faults.push_back(
        {.file = input.source.file,
         .place = LinkPlace(input.source),
         .found = Concat(packet::LinkName(input.scenario.link), " frames for port ", spec),
         .expected = "Ethernet frames, which it carries, or a capture file as port",
         .hint = ""});
  }
  if (!faults.empty()) FailWithFaults(input.source.file, faults);
  return faults.empty();
}

bool AllVirtual(const engine::Wiring& wiring) {
  return std::ranges::all_of(wiring.ports, [](const engine::Port* p) { return p->virtual_time(); });
}

uint64_t LineRate(const engine::Wiring& wiring) {
  uint64_t sum = 0;
  for (const engine::Port* port : wiring.ports) {
    if (port->speed_bps() == 0) return 0;
    sum += port->speed_bps();
  }
  return sum;
}

}  // namespace spate::cli
