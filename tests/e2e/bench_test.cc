// bench/compare measures what it can, says what it cannot, and its templates are valid.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/e2e/captures.h"
#include "tests/e2e/configs.h"
#include "tests/e2e/json.h"
#include "tests/e2e/process.h"

namespace spate::testing {
namespace {

// None of the peers is found in an empty PATH, so nothing but spate is run.
Outcome Compare(const TempDir& dir, std::vector<std::string> words) {
  words.insert(words.end(), {"--spate", SpateBinary()});
  return Execute(words, {.program = SourceFile("bench/compare"),
                         .terminal = false,
                         .environment = {"PATH=" + dir.path()},
                         .in_child = {}});
}

TEST(Bench, EveryTemplateIsValidAndSendsWhole) {
  for (const char* name : {"chain-20", "five-modifiers", "flows", "frames", "frames-imix",
                           "imix-10k", "one-packet", "renewal", "tcp-10", "zipf-rows"}) {
    SCOPED_TRACE(name);
    FirstPackets("../bench/templates/" + std::string(name) + ".json", 200);
  }
  size_t templates = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SourceFile("bench/templates"))) {
    templates += entry.path().extension() == ".json";
  }
  EXPECT_EQ(templates, 10u) << "name the new one above";
}

TEST(Bench, TcpConversationsHaveTenPackets) {
  const TempDir dir;
  const std::string capture = dir / "one.pcap";
  const Outcome run = Execute({"run", SourceFile("bench/templates/tcp-10.json"), "--set",
                               "clients=1", "--packets", "21", "--port", capture, "--quiet"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::vector<Bytes> frames = ReadFrames(capture);
  ASSERT_EQ(frames.size(), 21u);
  constexpr size_t kFlags = 47;
  constexpr uint8_t kSyn = 2;
  for (size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(frames[i][kFlags] == kSyn, i % 10 == 0) << "packet " << i;
  }
}

TEST(Bench, MeasuresSpateAndSaysWhyPeersAreLeftOut) {
  const TempDir dir;
  const std::string json = dir / "figures.json";
  const Outcome run =
      Compare(dir, {"--only", "prefilled", "--rounds", "2", "--seconds", "0.02", "--json", json});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("spate, prefilled"), std::string::npos) << run.out;
  EXPECT_NE(run.err.find("skipped: null: testpmd txonly multi-flow: "), std::string::npos)
      << run.err;
  const JsonText figures(ReadWholeFile(json));
  ASSERT_EQ(figures.Size("/cases"), 1u);
  EXPECT_EQ(figures.String("/cases/0/case"), "spate, prefilled");
  EXPECT_GT(figures.Real("/cases/0/median_pps"), 1'000);
  EXPECT_LE(figures.Real("/cases/0/min_pps"), figures.Real("/cases/0/median_pps"));
  EXPECT_GE(figures.Real("/cases/0/max_pps"), figures.Real("/cases/0/median_pps"));
}

TEST(Bench, CountsAtTheFarEndOfAVethPair) {
  constexpr const char* kIp = "/usr/sbin/ip";
  if (geteuid() != 0 || !std::filesystem::exists(kIp)) GTEST_SKIP() << "needs root and " << kIp;
  const TempDir dir;
  std::filesystem::create_symlink(kIp, dir / "ip");
  std::filesystem::create_symlink("/usr/bin/nsenter", dir / "nsenter");
  const std::string json = dir / "figures.json";
  const Outcome run = Compare(
      dir, {"--only", "spate AF_PACKET", "--rounds", "1", "--seconds", "0.1", "--json", json});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const JsonText figures(ReadWholeFile(json));
  EXPECT_EQ(figures.String("/cases/0/suite"), "veth");
  EXPECT_GT(figures.Real("/cases/0/median_pps"), 1'000);
}

TEST(Bench, ScalesFromOneLcore) {
  const TempDir dir;
  const std::string json = dir / "figures.json";
  const Outcome run =
      Compare(dir, {"--scale", "--rounds", "1", "--seconds", "0.02", "--json", json});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const JsonText figures(ReadWholeFile(json));
  EXPECT_EQ(figures.Integer("/scale/0/emission"), 1u);
  EXPECT_EQ(figures.Real("/scale/0/efficiency"), 1.0);
  EXPECT_GT(figures.Real("/scale/0/roles/fused"), 1.0);
}

TEST(Bench, SizesPortsFromItsFigures) {
  const TempDir dir;
  const std::string json = dir / "figures.json";
  const Outcome run =
      Compare(dir, {"--only", "frames", "--rounds", "1", "--seconds", "0.02", "--json", json});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Outcome sizing = Execute({json}, {.program = SourceFile("bench/sizing"),
                                          .terminal = false,
                                          .environment = {},
                                          .in_child = {}});
  ASSERT_EQ(sizing.exit_code, 0) << sizing.err;
  EXPECT_NE(sizing.out.find("(14.9 Mpps)"), std::string::npos) << sizing.out;
  EXPECT_NE(sizing.out.find("(0.813 Mpps)"), std::string::npos) << sizing.out;
}

TEST(Bench, AnUnknownCaseIsToldWithAllThereAre) {
  const TempDir dir;
  const Outcome run = Compare(dir, {"--only", "no such case"});
  EXPECT_NE(run.exit_code, 0);
  EXPECT_NE(run.err.find("testpmd flowgen"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace spate::testing
