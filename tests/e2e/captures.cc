#include "tests/e2e/captures.h"

#include <gtest/gtest.h>

#include <utility>

#include "capture/capture.h"

namespace spate::testing {

std::vector<Stamped> ReadPackets(const std::string& path) {
  std::vector<Stamped> packets;
  const auto reader = capture::Reader::Open(path);
  EXPECT_TRUE(reader.ok()) << reader.status();
  while (reader.ok()) {
    const auto packet = (*reader)->Next();
    EXPECT_TRUE(packet.ok()) << packet.status();
    if (!packet.ok() || !packet->has_value()) break;
    packets.push_back({(*packet)->time_ns, Bytes((*packet)->data.begin(), (*packet)->data.end())});
  }
  return packets;
}

std::vector<Bytes> ReadFrames(const std::string& path) {
  std::vector<Bytes> frames;
  for (Stamped& packet : ReadPackets(path)) frames.push_back(std::move(packet.data));
  return frames;
}

}  // namespace spate::testing
