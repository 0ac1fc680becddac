#include "tests/e2e/configs.h"

#include <gtest/gtest.h>

#include <utility>

#include "packet/frame.h"
#include "tests/e2e/process.h"

namespace spate::testing {

std::vector<Stamped> AllPackets(const std::string& name, const std::vector<std::string>& options) {
  const TempDir dir;
  const std::string file = SourceFile("configs/" + name), capture = dir / "out.pcapng";
  const Outcome check = Execute({"check", file});
  EXPECT_EQ(check.exit_code, 0) << check.err;
  std::vector<std::string> words = {"run", file, "--port", capture, "--quiet"};
  words.insert(words.end(), options.begin(), options.end());
  const Outcome run = Execute(words);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  std::vector<Stamped> packets = ReadPackets(capture);
  const int64_t begin = packets.empty() ? 0 : packets[0].ns;
  for (Stamped& packet : packets) {
    packet.ns -= begin;
    const absl::Status sums = packet::VerifyChecksums(packet.data.data(), packet.data.size(),
                                                      packet::LinkType::kEthernet);
    EXPECT_TRUE(sums.ok()) << sums;
    if (!sums.ok()) break;
  }
  return packets;
}

std::vector<Bytes> FirstPackets(const std::string& name, int packets) {
  std::vector<Bytes> frames;
  for (Stamped& packet : AllPackets(name, {"--packets", std::to_string(packets)})) {
    frames.push_back(std::move(packet.data));
  }
  EXPECT_EQ(frames.size(), static_cast<size_t>(packets));
  return frames;
}

}  // namespace spate::testing
