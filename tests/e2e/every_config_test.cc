// What holds for every template of configs/: its trace is the same whatever lcores make it, and
// tshark finds nothing in it that it did not ask for.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/process.h"
#include "tests/golden/tshark.h"

namespace spate::testing {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// Whatever else makes a template's first packets many and soon made.
const std::map<std::string, Words, std::less<>> kOptions = {
    {"meters-1m.json", {"--set", "meters=5000"}},
    // All sizes of the sweep, and the whole ramp.
    {"frame-size-sweep.json", {"--set", "load=0.0002%"}},
    {"web-ramp.json", {"--set", "ramp=200ms"}},
};

// What tshark may say of a template's packets, and why the template asks for it.
struct Expected {
  std::set<std::string, std::less<>> findings;
  const char* why;
};
const std::map<std::string, Expected, std::less<>> kExpected = {
    {"impaired-link.yaml",
     {{"malformed", "ip checksum", "udp checksum"}, "bit errors, whose checksums do not follow"}},
    {"replay-offices.json",
     {{"tcp.analysis.retransmission", "tcp.analysis.spurious_retransmission",
       "tcp.analysis.duplicate_ack", "tcp.analysis.keep_alive"},
      "the recording holds them"}},
    {"video.yaml",
     {{"tcp.analysis.duplicate_ack", "tcp.analysis.fast_retransmission",
       "tcp.analysis.retransmission"},
      "its link loses one segment in a thousand"}},
    {"web-ramp.json",
     {{"tcp.analysis.retransmission"}, "a request whose answer is lost comes again"}},
};

class EveryConfig : public ::testing::TestWithParam<std::string> {
 protected:
  std::string Capture(const std::string& file, const Words& lcores) const {
    const std::string path = dir_ / file;
    Words words = {"run", SourceFile("configs/" + GetParam()), "--port", path, "--quiet"};
    words.insert(words.end(), {"--packets", "2k", "--seed", "3"});
    words.insert(words.end(), lcores.begin(), lcores.end());
    if (const auto more = kOptions.find(GetParam()); more != kOptions.end()) {
      words.insert(words.end(), more->second.begin(), more->second.end());
    }
    const Outcome outcome = Execute(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return path;
  }

  const TempDir dir_;
};

TEST_P(EveryConfig, MakesTheSameFileOnAnyLcores) {
  const std::string fused = ReadWholeFile(Capture("fused.pcap", {"--gen", "0", "--emit", "1"}));
  ASSERT_GT(fused.size(), 15'000u);
  // Each layout is a start of the binary, and what sanitizers find in one they find in all.
  const Words generations = BinaryIsOptimized() ? Words{"1", "2", "3"} : Words{"3"};
  const Words emissions = BinaryIsOptimized() ? Words{"1", "2"} : Words{"2"};
  for (const std::string& generation : generations) {
    for (const std::string& emission : emissions) {
      const Words lcores = {"--gen", generation, "--emit", emission};
      // EXPECT_EQ would print megabytes.
      EXPECT_TRUE(ReadWholeFile(Capture("other.pcap", lcores)) == fused)
          << ::testing::PrintToString(lcores);
    }
  }
}

// The names of what is wrong with a packet, as tshark sees it.
constexpr const char* kFlags[] = {"tcp.analysis.retransmission",
                                  "tcp.analysis.fast_retransmission",
                                  "tcp.analysis.spurious_retransmission",
                                  "tcp.analysis.out_of_order",
                                  "tcp.analysis.lost_segment",
                                  "tcp.analysis.ack_lost_segment",
                                  "tcp.analysis.duplicate_ack",
                                  "tcp.analysis.keep_alive",
                                  "tcp.analysis.keep_alive_ack",
                                  "tcp.analysis.zero_window",
                                  "tcp.analysis.zero_window_probe",
                                  "tcp.analysis.window_full",
                                  "tcp.analysis.window_update",
                                  "tcp.analysis.reused_ports"};

// What tshark finds in a capture, and the first packet with it.
std::map<std::string, size_t> FindingsIn(const std::string& capture) {
  Words fields = {"_ws.malformed", "ip.checksum.status", "tcp.checksum.status",
                  "udp.checksum.status", "tcp.analysis.flags"};
  fields.insert(fields.end(), std::begin(kFlags), std::end(kFlags));
  std::map<std::string, size_t> findings;
  const auto rows = TsharkFields(capture, fields);
  for (size_t packet = 0; packet < rows.size(); ++packet) {
    const std::vector<std::string>& row = rows[packet];
    const auto found = [&](std::string_view what) {
      findings.try_emplace(std::string(what), packet + 1);
    };
    if (row.size() != fields.size()) {
      found("a row of another length");
      continue;
    }
    if (!row[0].empty()) found("malformed");
    for (size_t i = 1; i < 4; ++i) {
      const Words states = absl::StrSplit(row[i], ',');  // of each header, from the outermost in
      if (std::ranges::count(states, "0") > 0) {
        found(absl::StrCat(fields[i].substr(0, fields[i].find('.')), " checksum"));
      }
    }
    bool named = row[4].empty();
    for (size_t i = 5; i < row.size(); ++i) {
      if (row[i].empty()) continue;
      found(fields[i]);
      named = true;
    }
    if (!named) found("tcp.analysis.flags");
  }
  return findings;
}

using EveryConfigSeen = EveryConfig;

TEST_P(EveryConfigSeen, HasNoPacketThatTsharkFindsAtFaultUnasked) {
  if (!HaveTshark()) GTEST_SKIP() << "tshark is not installed";
  const auto known = kExpected.find(GetParam());
  const std::string capture = Capture("out.pcap", {});
  for (const auto& [what, packet] : FindingsIn(capture)) {
    EXPECT_TRUE(known != kExpected.end() && known->second.findings.contains(what))
        << GetParam() << ", packet " << packet << ": " << what;
  }
}

// Nothing above passes because nobody looks.
TEST(EveryConfig, DamageIsFound) {
  if (!HaveTshark()) GTEST_SKIP() << "tshark is not installed";
  const TempDir dir;
  const std::string text = R"({
  "spate": 1,
  "messages": {"m": {
    "packet": [{"ethernet": {}}, {"ipv4": {"header_checksum": "bad"}}, {"tcp": {"dst_port": 9, "flags": "PA", "checksum": "bad"}}],
    "payload": {"text": "again"}
  }},
  "flows": {"f": {"message": "m", "rate": "1kpps", "packets": 3}}
})";
  const std::string capture = dir / "out.pcap";
  const Outcome outcome = Execute({"run", dir.Write("t.json", text), "--port", capture, "--quiet"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::map<std::string, size_t> expected = {
      {"ip checksum", 1}, {"tcp checksum", 1}, {"tcp.analysis.retransmission", 2}};
  EXPECT_EQ(FindingsIn(capture), expected);
}

Words Configs() {
  // Names of tests are asked for without the environment of a run, too.
  const char* const root = std::getenv("SPATE_SOURCE_ROOT");
  if (root == nullptr) return {"imix.json"};
  Words configs;
  for (const auto& entry : fs::directory_iterator(fs::path(root) / "configs")) {
    if (entry.is_regular_file()) configs.push_back(entry.path().filename().string());
  }
  std::ranges::sort(configs);
  return configs;
}

// tshark takes longer than the run that it looks at, and a slow binary writes the same bytes.
Words ConfigsToSee() {
  Words configs = Configs();
  if (!BinaryIsOptimized()) configs.resize(1);
  return configs;
}

std::string NameOf(const ::testing::TestParamInfo<std::string>& config) {
  std::string name = fs::path(config.param).stem().string();
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(E2e, EveryConfig, ::testing::ValuesIn(Configs()), NameOf);
INSTANTIATE_TEST_SUITE_P(E2e, EveryConfigSeen, ::testing::ValuesIn(ConfigsToSee()), NameOf);

}  // namespace
}  // namespace spate::testing
