#include "cli/open_ports.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/status.h"
#include "base/text.h"

namespace spate::cli {

absl::StatusOr<OpenPorts> OpenPorts::Open(engine::PortBinding binding,
                                          const std::vector<std::string>& rx,
                                          const core::Scenario& scenario) {
  OpenPorts open;
  open.wiring_.port_of = std::move(binding.port_of);
  for (const std::string& spec : binding.specs) {
    SPATE_ASSIGN_OR_RETURN(open.wiring_.ports.emplace_back(), open.Add(spec, scenario));
  }
  SPATE_RETURN_IF_ERROR(open.AddReceivers(rx, scenario));
  return open;
}

absl::StatusOr<engine::Port*> OpenPorts::Add(const std::string& spec,
                                             const core::Scenario& scenario) {
  engine::PortOptions options{.link = scenario.link, .view = scenario.view};
  for (const auto& message : scenario.messages) {
    packet::AddKeys(message.frame.seals, options.keys);
  }
  SPATE_ASSIGN_OR_RETURN(ports_.emplace_back(), engine::OpenPort(spec, options));
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
      SPATE_ASSIGN_OR_RETURN(port, Add(name, scenario));
    }
    if (std::ranges::find(wiring_.receivers, port) == wiring_.receivers.end()) {
      wiring_.receivers.push_back(port);
    }
  }
  return absl::OkStatus();
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
