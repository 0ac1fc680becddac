// Names for the kinds of packets that a digest tells apart: few enough to read, by what a payload
// says where that is known, else by TCP flags or protocol.
#pragma once

#include <string>
#include <vector>

#include "generator/sample/sample.h"

namespace spate::generator {

// A name for each packet, unique for kind and sender within its service: "syn", "query",
// "client_ack". A service with many kinds gets shorter names for more packets each
// ("query_broker_a" → "query").
std::vector<std::string> NameKinds(const Sample& sample);

}  // namespace spate::generator
