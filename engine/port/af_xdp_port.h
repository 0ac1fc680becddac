// A network interface of the kernel as a port, by an AF_XDP socket that only sends
// (Documentation/networking/af_xdp.rst of the kernel): frames lie in memory that the driver sends
// from (zero copy) or that the kernel copies from, and a burst costs one system call instead of one
// per frame. No XDP program is loaded: what the interface receives goes the way it always did.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/port/port.h"

namespace spate::engine {

// "xdp:eth0"
bool IsXdpPort(std::string_view name);

// Each emission lcore sends by the interface's transmit queue of its number.
// Errors: as OpenAfPacketPort; also a kernel without AF_XDP, locked memory that does not suffice, a
// queue that the interface lacks or that another AF_XDP socket has.
absl::StatusOr<std::unique_ptr<Port>> OpenXdpPort(const std::string& name,
                                                  const PortOptions& options);

void SurveyXdp(SystemAdvice& advice);

}  // namespace spate::engine
