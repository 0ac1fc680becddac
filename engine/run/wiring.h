// Which real port stands for which port of a template: what `--port left=veth0` says.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/plan/plan.h"
#include "engine/port/port.h"

namespace spate::engine {

// Ports of a run, opened, and which of them each port of the plan is.
struct Wiring {
  std::vector<Port*> ports;
  std::vector<uint32_t> port_of;  // index into `ports`, or core::kNone: somebody else sends it
  std::vector<Port*> receivers;   // at which what arrives is counted; those in `ports` do both
};

// The same before ports are opened.
struct PortBinding {
  std::vector<std::string> specs;  // "eth0", "out.pcap": each once, null as often as it is named
  std::vector<uint32_t> port_of;   // as in Wiring
};

// A side that another process or device plays.
inline constexpr std::string_view kNoPort = "none";

// `flags`: "name=spec", or "spec", which takes the ports of the template in order. `names`: the
// template's own, {""} when it has none. A single flag without a name stands for all of them, and
// no flag for the null port.
// Errors: a name that the template lacks or that is bound twice, more flags than ports, a port
// without a flag, all sides left to others.
absl::StatusOr<PortBinding> BindPorts(std::span<const std::string> flags,
                                      std::span<const std::string> names);

// Which of the ports of `open` each port of another template is, where `next` binds that one.
// Errors: a port that is not open.
absl::StatusOr<std::vector<uint32_t>> Rebind(const std::vector<std::string>& open,
                                             const PortBinding& next);

// Whether an instance, or instances that act on each other, send by several of these ports. What
// one side says must then not overtake what the other answers, however late an lcore runs.
bool SpansPorts(const Plan& plan, const Wiring& wiring);

// The longest message that leaves by port `index` of the wiring; core::kNone: none does.
uint32_t LongestMessage(const Plan& plan, const Wiring& wiring, uint32_t index);

}  // namespace spate::engine
