// Whether a plan can be sent by the ports of a run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/plan/mode.h"
#include "engine/plan/plan.h"
#include "engine/run/run.h"
#include "engine/run/wiring.h"

namespace spate::engine {

// The plan's link type is that of all ports, its longest frames fit them, and it ends where a port
// takes packets as fast as they come. Errors name the port and the message.
absl::Status CheckFits(const Plan& plan, const Wiring& wiring);

// Why frames cannot be written once and sent again by these ports; "": they can.
std::string WhyNotPrefilled(const Plan& plan, const Wiring& wiring);

// How a plan that takes over from another is sent by the lcores that are there.
// Errors: a frame is longer than those that the queues were opened for (`frame_room`, by port), or
// the mode that the user asked for cannot be.
absl::StatusOr<Mode> ModeOfNext(const Plan& plan, const Wiring& wiring, Mode asked, bool pipeline,
                                const std::vector<uint32_t>& frame_room);

}  // namespace spate::engine
