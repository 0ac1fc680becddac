// A trace is a function of template and seed: whatever lcores make it (architecture, invariant 1).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "packet/frame.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/process.h"
#include "tests/e2e/templates.h"

namespace spate::testing {
namespace {

using Words = std::vector<std::string>;

struct Source {
  const char* name;
  std::string text;
  Words limits;
};

class SameTrace : public ::testing::TestWithParam<Source> {
 protected:
  // The bytes of the capture that a run with these options writes.
  std::string Capture(const std::string& file, const Words& options) const {
    const std::string path = dir_ / file;
    Words words = {"run", template_, "--port", path, "--quiet"};
    words.insert(words.end(), GetParam().limits.begin(), GetParam().limits.end());
    words.insert(words.end(), options.begin(), options.end());
    const Outcome outcome = Execute(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return ReadWholeFile(path);
  }

  const TempDir dir_;
  const std::string template_ = dir_.Write("t.json", GetParam().text);
};

TEST_P(SameTrace, ForAnyNumberOfLcores) {
  const std::string fused = Capture("fused.pcap", {"--seed", "7", "--gen", "0", "--emit", "1"});
  ASSERT_GT(fused.size(), 100'000u);
  std::vector<Words> layouts = {{"--gen", "2", "--emit", "2"}};
  if (BinaryIsOptimized()) {
    layouts.insert(layouts.end(), {{"--gen", "0", "--emit", "2"},
                                   {"--gen", "1", "--emit", "1"},
                                   {"--gen", "2", "--emit", "1"},
                                   {}});
  }
  for (Words options : layouts) {
    const std::string layout = ::testing::PrintToString(options);
    options.insert(options.end(), {"--seed", "7"});
    // EXPECT_EQ would print megabytes.
    EXPECT_TRUE(Capture("other.pcap", options) == fused) << layout;
  }
}

TEST_P(SameTrace, AnotherSeedIsAnotherTrace) {
  EXPECT_FALSE(Capture("7.pcap", {"--seed", "7"}) == Capture("8.pcap", {"--seed", "8"}));
}

TEST_P(SameTrace, BothFormatsHoldTheSameFrames) {
  Capture("a.pcap", {});
  Capture("a.pcapng", {});
  const std::vector<Bytes> frames = ReadFrames(dir_ / "a.pcap");
  ASSERT_GT(frames.size(), 1'000u);
  EXPECT_TRUE(ReadFrames(dir_ / "a.pcapng") == frames);
  for (const Bytes& frame : frames) {
    const absl::Status sums =
        packet::VerifyChecksums(frame.data(), frame.size(), packet::LinkType::kEthernet);
    ASSERT_TRUE(sums.ok()) << sums;
  }
}

INSTANTIATE_TEST_SUITE_P(E2e, SameTrace,
                         ::testing::Values(Source{"flood", FloodJson(), {"--packets", "20k"}},
                                           Source{"devices", kDevices, {}},
                                           Source{"conversations", kConversations, {}},
                                           Source{"related", kRelated, {}},
                                           Source{"endless",
                                                  ReadWholeFile(SourceFile("configs/dns.json")),
                                                  {"--packets", "2k"}}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace spate::testing
