// What the templates of configs/ send.
#pragma once

#include <string>
#include <vector>

#include "tests/e2e/captures.h"

namespace spate::testing {

// The first packets of a template of configs/, which `spate check` likes; with right checksums.
std::vector<Bytes> FirstPackets(const std::string& name, int packets);

}  // namespace spate::testing
