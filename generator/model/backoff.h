// When to ask again.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "generator/model/chat.h"

namespace spate::model {

// Whether an answer of this status may be better next time (RFC 6585, RFC 9110).
constexpr bool IsTransient(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

// The pause before retry `attempt` (0, 1, …): `limits.backoff` doubled each time, ± 50 % by
// `random`; never less than the server's Retry-After. nullopt: give up, the retries are used or
// the server wants a longer wait than `limits.longest_wait`.
std::optional<Limits::Duration> NextPause(const Limits& limits, uint32_t attempt, uint64_t random,
                                          std::optional<Limits::Duration> retry_after);

// Sleeps; false: `cancel` was set meanwhile.
bool Pause(Limits::Duration duration, const std::atomic<bool>* cancel);

}  // namespace spate::model
