// One service of the sample in some hundred tokens of text: what a model reads in place of the
// packets.
#pragma once

#include <string>

#include "generator/prompt/outline.h"

namespace spate::generator {

// What else the sample holds, the service's hosts, its messages, the order in which conversations
// send them, what follows what, how gaps are spread, and a few packets in order of time. About 200
// tokens and 12 a message, whatever the sample's size.
std::string Digest(const Outline& outline, const OutlineService& service);

}  // namespace spate::generator
