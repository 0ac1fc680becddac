#include "tests/e2e/captures.h"

#include <gtest/gtest.h>

#include <utility>

#include "capture/capture.h"

namespace spate::testing {

std::vector<Bytes> ReadFrames(const std::string& path) {
  std::vector<Bytes> frames;
  for (Stamped& frame : ReadStamped(path)) frames.push_back(std::move(frame.bytes));
  return frames;
}

std::vector<Stamped> ReadStamped(const std::string& path) {
  std::vector<Stamped> frames;
  const auto reader = capture::Reader::Open(path);
  EXPECT_TRUE(reader.ok()) << reader.status();
  while (reader.ok()) {
    const auto packet = (*reader)->Next();
    EXPECT_TRUE(packet.ok()) << packet.status();
    if (!packet.ok() || !packet->has_value()) break;
    frames.push_back({static_cast<double>((*packet)->time_ns) * 1e-9,
                      Bytes((*packet)->data.begin(), (*packet)->data.end())});
  }
  return frames;
}

}  // namespace spate::testing
