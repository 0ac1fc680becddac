// What arrives at an interface of the kernel, by a ring that the kernel fills (packet(7):
// PACKET_RX_RING, TPACKET_V3): no system call per frame.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "engine/port/interface.h"
#include "engine/port/port.h"

namespace spate::engine {

// Takes a copy of every frame that arrives from the wire (what this host sends itself does not
// count). The kernel goes on with the frame as ever.
// Errors: no right to open packet sockets, no memory for the ring.
absl::StatusOr<std::unique_ptr<RxQueue>> OpenAfPacketReceiver(const Interface& interface);

}  // namespace spate::engine
