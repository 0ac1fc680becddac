// Captures that spate wrote.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace spate::testing {

using Bytes = std::vector<uint8_t>;

// Where fields stand in a frame of untagged Ethernet and IPv4 without options.
inline constexpr size_t kIdentification = 18, kProtocol = 23, kSource = 26, kDestination = 30,
                        kSourcePort = 34, kDestinationPort = 36, kTcpSequence = 38,
                        kUdpPayload = 42, kTcpFlags = 47, kTcpPayload = 54;

struct Stamped {
  int64_t ns = 0;  // in captures of spate since the start of the run
  Bytes data;

  double seconds() const { return static_cast<double>(ns) * 1e-9; }
};

// The packets of a capture with their times; the test fails when it is not whole.
std::vector<Stamped> ReadPackets(const std::string& path);
// The frames of a capture; the test fails when it is not whole.
std::vector<Bytes> ReadFrames(const std::string& path);

}  // namespace spate::testing
