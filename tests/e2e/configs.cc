#include "tests/e2e/configs.h"

#include <gtest/gtest.h>

#include "packet/frame.h"
#include "tests/e2e/process.h"

namespace spate::testing {

std::vector<Bytes> FirstPackets(const std::string& name, int packets) {
  const TempDir dir;
  const std::string file = SourceFile("configs/" + name), capture = dir / "out.pcap";
  const Outcome check = Execute({"check", file});
  EXPECT_EQ(check.exit_code, 0) << check.err;
  const Outcome run =
      Execute({"run", file, "--port", capture, "--packets", std::to_string(packets), "--quiet"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  std::vector<Bytes> frames = ReadFrames(capture);
  EXPECT_EQ(frames.size(), static_cast<size_t>(packets));
  for (const Bytes& frame : frames) {
    const absl::Status sums =
        packet::VerifyChecksums(frame.data(), frame.size(), packet::LinkType::kEthernet);
    EXPECT_TRUE(sums.ok()) << sums;
    if (!sums.ok()) break;
  }
  return frames;
}

}  // namespace spate::testing
