// Captures as behaviours, and `spate replay`.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "packet/bits.h"
#include "packet/frame.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/process.h"
#include "tests/e2e/templates.h"

namespace spate::testing {
namespace {

using Words = std::vector<std::string>;

const char* const kSample = "configs/samples/office-iot.pcapng";

class Replay : public ::testing::Test {
 protected:
  std::vector<Stamped> Send(const Words& more) {
    Words words = {"replay", SourceFile(kSample), "--port", dir_ / "out.pcapng", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = Execute(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return ReadPackets(dir_ / "out.pcapng");
  }

  const TempDir dir_;
  const std::vector<Stamped> sample_ = ReadPackets(SourceFile(kSample));
};

TEST_F(Replay, SendsWhatWasRecordedWhenItWas) {
  const std::vector<Stamped> sent = Send({});
  ASSERT_EQ(sent.size(), sample_.size());
  for (size_t i = 0; i < sent.size(); ++i) {
    ASSERT_EQ(sent[i].data, sample_[i].data) << i;
    ASSERT_NEAR(sent[i].seconds(), sample_[i].seconds() - sample_[0].seconds(), 1e-6) << i;
  }
}

TEST_F(Replay, SpeedsLoopsAndLimits) {
  const std::vector<Stamped> twice = Send({"-x", "2"});
  ASSERT_EQ(twice.size(), sample_.size());
  const double length = sample_.back().seconds() - sample_.front().seconds();
  EXPECT_NEAR(twice.back().seconds(), length / 2, 1e-6);
  const std::vector<Stamped> even = Send({"--pps", "1k"});
  ASSERT_EQ(even.size(), sample_.size());
  for (size_t i = 0; i < even.size(); ++i) ASSERT_NEAR(even[i].seconds(), i * 1e-3, 1e-8) << i;
  // Each gap is as long as the frame before it takes at that rate.
  const std::vector<Stamped> paced = Send({"--mbps", "10"});
  double bits = 0;
  for (const Stamped& frame : paced) {
    ASSERT_NEAR(frame.seconds(), bits / 10e6, 1e-8);
    bits += 8 * (static_cast<double>(frame.data.size()) + 4);
  }
  const std::vector<Stamped> loops = Send({"-x", "10", "--loop", "3"});
  ASSERT_EQ(loops.size(), 3 * sample_.size());
  EXPECT_NEAR(loops.back().seconds(), 3 * length / 10, 1e-6);
  EXPECT_EQ(loops[sample_.size()].data, sample_[0].data);
  EXPECT_EQ(Send({"--loop", "0", "--limit", "5000", "-t"}).size(), 5'000u);
}

TEST_F(Replay, ReplacesAddressesAndPortsWithRightChecksums) {
  const std::vector<Stamped> sent =
      Send({"--map", "198.18.0.20=198.19.77.7", "--map-port", "1883=11883"});
  ASSERT_EQ(sent.size(), sample_.size());
  size_t replaced = 0;
  for (size_t i = 0; i < sent.size(); ++i) {
    const Bytes& was = sample_[i].data;
    const Bytes& is = sent[i].data;
    ASSERT_EQ(was.size(), is.size());
    const auto link = packet::LinkType::kEthernet;
    EXPECT_EQ(packet::VerifyChecksums(was.data(), was.size(), link).ok(),
              packet::VerifyChecksums(is.data(), is.size(), link).ok())
        << i;
    if (packet::Get16(&was[12]) != 0x0800) continue;
    for (const size_t at : {26, 30}) {
      const uint32_t address = packet::Get32(&was[at]);
      EXPECT_EQ(packet::Get32(&is[at]), address == 0xc6120014 ? 0xc6134d07 : address);
      replaced += address == 0xc6120014 ? 1 : 0;
    }
  }
  EXPECT_EQ(replaced, 716u);
}

TEST_F(Replay, PrintsItsTemplate) {
  const Outcome printed = Execute({"replay", SourceFile(kSample), "-x", "2", "--print"});
  ASSERT_EQ(printed.exit_code, 0) << printed.err;
  const std::string file = dir_.Write("t.json", printed.out);
  const Outcome outcome = Execute({"run", file, "--port", dir_ / "b.pcap", "--quiet"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(ReadFrames(dir_ / "b.pcap").size(), sample_.size());
}

TEST_F(Replay, SeveralInstancesHaveAddressesOfTheirOwn) {
  const Outcome outcome = Execute({"run", SourceFile("configs/replay-offices.json"), "--port",
                                   dir_ / "out.pcap", "--quiet", "--gen", "2", "--emit", "2"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Outcome fused = Execute({"run", SourceFile("configs/replay-offices.json"), "--port",
                                 dir_ / "fused.pcap", "--quiet", "--gen", "0", "--emit", "1"});
  EXPECT_TRUE(ReadWholeFile(dir_ / "out.pcap") == ReadWholeFile(dir_ / "fused.pcap"));
  const std::vector<Bytes> frames = ReadFrames(dir_ / "out.pcap");
  EXPECT_EQ(frames.size(), 8 * sample_.size());
  std::map<uint32_t, size_t> gateways;
  for (const Bytes& frame : frames) {
    if (packet::Get16(&frame[12]) != 0x0800) continue;
    const uint32_t source = packet::Get32(&frame[26]);
    EXPECT_NE(source, 0xc6120014u);
    if (source >> 8 == 0xc61264) {
      ++gateways[source];
      EXPECT_EQ(packet::Get32(&frame[8]), 0x00100000u + (source & 0xff));
    }
  }
  EXPECT_EQ(gateways.size(), 8u);
  for (const auto& [address, count] : gateways) EXPECT_EQ(count, 326u);
}

// Sixty-four hosts share what the set says once.
TEST_F(Replay, OneAddressMayBeThatOfAllHostsOfARole) {
  const std::string file = dir_.Write("t.json", R"({"spate": 1,
"hosts": {"shared": {"count": 64, "ipv4": "198.18.100.1"}},
"groups": {"offices": {"count": 64, "flows": {"traffic": {
  "capture": {"file": ")" + SourceFile(kSample) + R"(", "roles": {"198.18.0.20": "shared"}}}}}}})");
  const Outcome outcome = Execute({"run", file, "--port", dir_ / "out.pcap", "--quiet"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  size_t shared = 0;
  for (const Bytes& frame : ReadFrames(dir_ / "out.pcap")) {
    if (packet::Get16(&frame[12]) != 0x0800) continue;
    shared += packet::Get32(&frame[26]) == 0xc6126401;
  }
  EXPECT_EQ(shared, 64 * 326u);
}

constexpr char kTwoSides[] = R"({"spate": 1,
"hosts": {"gateway": {"ipv4": "198.18.0.20", "behind": "right"}, "unused": {"ipv4": "198.19.0.1", "behind": "left"}},
"flows": {"office": {"capture": {"file": "FILE", "roles": {"198.18.0.20": "gateway"}}}}})";

// A recording between two ports: each frame leaves by the port behind which its sender's role
// stands, and both files together are the recording.
TEST_F(Replay, EachSideLeavesByItsPort) {
  std::string text = kTwoSides;
  text.replace(text.find("FILE"), 4, SourceFile(kSample));
  const std::string file = dir_.Write("t.json", text);
  const Outcome outcome = Execute({"run", file, "--port", "left=" + (dir_ / "left.pcap"), "--port",
                                   "right=" + (dir_ / "right.pcap"), "--quiet", "--gen", "2"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto is_gateway = [](const Bytes& frame) {
    return packet::Get16(&frame[12]) == 0x0800 && packet::Get32(&frame[26]) == 0xc6120014;
  };
  const std::vector<Bytes> left = ReadFrames(dir_ / "left.pcap");
  const std::vector<Bytes> right = ReadFrames(dir_ / "right.pcap");
  EXPECT_EQ(left.size() + right.size(), sample_.size());
  EXPECT_GT(right.size(), 300u);
  EXPECT_EQ(std::ranges::count_if(left, is_gateway), 0);
  EXPECT_GE(std::ranges::count_if(right, is_gateway), 300);
}

TEST_F(Replay, WrongUsageAndBadFiles) {
  EXPECT_EQ(Execute({"replay", SourceFile(kSample), "-x", "2", "--pps", "5"}).exit_code, 2);
  EXPECT_EQ(Execute({"replay", SourceFile(kSample), "--map", "nonsense"}).exit_code, 2);
  const Outcome missing = Execute({"replay", dir_ / "no.pcap"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_NE(missing.err.find("no.pcap"), std::string::npos) << missing.err;
  const std::string text = dir_.Write("text.pcap", "not a capture at all");
  const Outcome bad = Execute({"replay", text});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_NE(bad.err.find("text.pcap"), std::string::npos) << bad.err;
}

}  // namespace
}  // namespace spate::testing
