// From a draft to the fit's description of behaviour: the draft says what follows what, the sample
// says how often and when.
#pragma once

#include <cstdint>
#include <vector>

#include "generator/fit/behaviour.h"
#include "generator/fit/types.h"
#include "generator/prompt/draft.h"
#include "generator/prompt/outline.h"
#include "generator/sample/sample.h"

namespace spate::generator {

// Conversations of a service that are told together.
struct Members {
  std::vector<uint32_t> conversations;            // into Sample::conversations
  std::vector<std::vector<OutlineEvent>> events;  // their packets
};

// Parts a service's conversations into such as may go into one group: equal stacks of headers, and,
// where they last for much of the sample, about the same pace, as a run does not outlast it.
std::vector<Members> PartMembers(const Sample& sample, const OutlineService& service);

// The draft's structure with the figures of `members`, some of the service's conversations. Chains
// may pool types, for which `typing` grows. Durations of conversations keep their mean.
Behaviour Calibrate(const Sample& sample, const Members& members, const DraftService& draft,
                    Typing& typing);

// Packets and bytes that `behaviour` makes of `conversations` conversations.
struct Amounts {
  double packets = 0, bytes = 0;
};
Amounts AmountsOf(const Behaviour& behaviour, size_t conversations, const Sample& sample,
                  const Typing& typing);

// The messages of `draft` in order; those of a loop once.
std::vector<uint16_t> AllSteps(const DraftService& draft);

// How often the service's conversations send message b directly after a: at [a * messages + b].
std::vector<uint64_t> Successions(const OutlineService& service);

}  // namespace spate::generator
