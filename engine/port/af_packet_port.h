// A network interface of the kernel as a port, by an AF_PACKET socket that bypasses the queueing
// disciplines (packet(7): PACKET_QDISC_BYPASS).
//
// Frames are copied into a transmit ring, which a call sends by the burst. It is the fastest that a
// packet socket has (docs/performance.md), and its count is exact: a frame is taken when the driver
// took it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/port/port.h"

namespace spate::engine {

// `name` is an interface of this network namespace.
// Errors: no such interface, not Ethernet, down, no carrier, no right to open packet sockets. While
// running: Unavailable when the interface goes down or away, InvalidArgument for a frame that it
// does not carry.
absl::StatusOr<std::unique_ptr<Port>> OpenAfPacketPort(const std::string& name,
                                                       const PortOptions& options);

void SurveyInterfaces(SystemAdvice& advice);

}  // namespace spate::engine
