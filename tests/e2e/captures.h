// Captures that spate wrote.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace spate::testing {

using Bytes = std::vector<uint8_t>;

struct Stamped {
  double seconds = 0;  // since the first due time, which is 0 in the epoch of spate's captures
  Bytes bytes;
};

// The frames of a capture; the test fails when it is not whole.
std::vector<Bytes> ReadFrames(const std::string& path);
std::vector<Stamped> ReadStamped(const std::string& path);

}  // namespace spate::testing
