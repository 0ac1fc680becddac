// How a plan is sent: the three shapes of the way from programs to the port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/plan/plan.h"

namespace spate::engine {

enum class Mode : uint8_t {
  kAuto,             // what plan, ports and CPUs allow, in the order below
  kPrefilled,        // frames are written once and sent again and again
  kRunToCompletion,  // each emission lcore generates what it sends
  kPipeline,         // generation lcores → rings → emission lcores
};

// "auto", "prefilled", "run-to-completion", "pipeline".
std::string_view ModeName(Mode mode);
std::optional<Mode> FindMode(std::string_view name);

// Whether all frames of the message are the same.
bool IsConstant(const MessagePlan& message);

// Frames of a lane that are kept ready, over all prototypes: no device has fewer.
inline constexpr uint64_t kKeptFrames = 256;

// Different frames of a plan whose messages are constant.
uint64_t CountPrototypes(const Plan& plan);

// Why frames that were sent cannot be sent again as they are: what changes from packet to packet.
// "" when nothing does.
std::string WhyNotPrefilled(const Plan& plan);

}  // namespace spate::engine
