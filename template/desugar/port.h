// Ports of a template: their names, and by which of them a message leaves.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "template/desugar/value.h"

namespace spate::tmpl {

// In the order in which hosts, then flows name them; {""} when none is named.
std::vector<std::string> PortNames(const Template& t);

// Index into Scenario::ports, which is filled already; 0 where nothing names a port.
// `message`: its headers all spelled out.
uint32_t PortOf(const Context& context, const FlowNames& names, const Message& message);

// The same for what a host of `sender` sends; nullptr: it is nobody's.
uint32_t PortOfSender(const Context& context, const FlowNames& names, const HostSet* sender);

}  // namespace spate::tmpl
