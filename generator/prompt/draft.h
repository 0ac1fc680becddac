// What a language model is asked for: for each service of the sample, how its conversations go, in
// words that the digest uses. A draft holds structure alone; every number comes from the sample.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "generator/prompt/outline.h"

namespace spate::generator {

enum class DraftBehaviour : uint8_t {
  kExchange,  // steps: request, response, request, response …; each pass is one of the pairs
  kSequence,  // a conversation sends the steps once, in this order
  kLoop,      // opening once, steps again and again, closing once
  kChain,     // the steps are states; what follows what is taken from the sample
};

// When conversations begin.
enum class DraftClock : uint8_t { kOnce, kEvery, kGrid, kPoisson };

struct DraftService {
  std::string service;
  std::string about, group;  // for people: a sentence; a name for the group; may be empty
  DraftBehaviour behaviour = DraftBehaviour::kChain;
  DraftClock clock = DraftClock::kEvery;
  std::vector<uint16_t> opening, steps, closing;  // indices into OutlineService::messages
};

using Draft = std::vector<DraftService>;

// JSON Schema for the draft of one service: its messages, and the behaviours that its protocol can
// have, are all that is allowed.
std::string DraftSchema(const Outline& outline, const OutlineService& service);

// Reads a model's answer about one service; total. kInvalidArgument: its faults, one a line, in
// words for the model and for people: "$.steps[1]: found …, expected …".
absl::StatusOr<DraftService> ReadDraft(std::string_view answer, const Outline& outline,
                                       const OutlineService& service);

// What the draft of a service would send is too far from the sample ("" = it is not): messages left
// out, orders that the sample never shows, packets or bytes off by more than 15 %.
std::string CheckAgainstSample(const Outline& outline, const OutlineService& service,
                               const DraftService& draft);

// Whether the behaviour is offered for a protocol: packets of TCP come in no plain pairs.
bool MayBehave(Protocol protocol, DraftBehaviour behaviour);

const char* BehaviourName(DraftBehaviour behaviour);
const char* DraftClockName(DraftClock clock);

}  // namespace spate::generator
