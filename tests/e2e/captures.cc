#include "tests/e2e/captures.h"

#include <gtest/gtest.h>

#include "capture/capture.h"

namespace spate::testing {

std::vector<Bytes> ReadFrames(const std::string& path) {
  std::vector<Bytes> frames;
  const auto reader = capture::Reader::Open(path);
  EXPECT_TRUE(reader.ok()) << reader.status();
  while (reader.ok()) {
    const auto packet = (*reader)->Next();
    EXPECT_TRUE(packet.ok()) << packet.status();
    if (!packet.ok() || !packet->has_value()) break;
    frames.emplace_back((*packet)->data.begin(), (*packet)->data.end());
  }
  return frames;
}

}  // namespace spate::testing
