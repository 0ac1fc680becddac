// What the templates of configs/ send.
#pragma once

#include <string>
#include <vector>

#include "tests/e2e/captures.h"

namespace spate::testing {

// All packets of a template of configs/, which `spate check` likes, run with these options; times
// from the first one on, right checksums.
std::vector<Stamped> AllPackets(const std::string& name, const std::vector<std::string>& options);
// The first packets of a template of configs/, which `spate check` likes; with right checksums.
std::vector<Bytes> FirstPackets(const std::string& name, int packets);

}  // namespace spate::testing
