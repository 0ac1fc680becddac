// configs/impaired-link.yaml: what it says happens to its packets, in the account and on the wire.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "packet/bits.h"
#include "packet/frame.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/json.h"
#include "tests/e2e/process.h"

namespace spate::testing {
namespace {

// Fifty calls of 50 packets a second for 20 s.
constexpr double kPackets = 50'000;
constexpr double kLost = 0.005 / 0.205;  // of the time in the bad state
constexpr int64_t kPeriod = 20'000'000;
constexpr size_t kSequence = 44;

TEST(ImpairedLink, WhatComesIsAsTheTemplateSays) {
  const TempDir dir;
  const Outcome outcome = Execute({"run", SourceFile("configs/impaired-link.yaml"), "--duration",
                                   "20s", "--json", "--port", dir / "out.pcapng"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const JsonText json(outcome.out);
  const auto planned = static_cast<double>(json.Integer("/planned"));
  const auto absent = static_cast<double>(json.Integer("/dropped/impairment"));
  EXPECT_EQ(planned, static_cast<double>(json.Integer("/sent")) + absent);
  EXPECT_NEAR(planned, kPackets, 400);
  EXPECT_NEAR(absent / planned, kLost, 0.006);
  std::map<uint32_t, std::map<uint16_t, int64_t>> calls;  // first arrivals by caller and number
  double copies = 0, damaged = 0;
  for (const Stamped& packet : ReadPackets(dir / "out.pcapng")) {
    const Bytes& frame = packet.data;
    if (!packet::VerifyChecksums(frame.data(), frame.size(), packet::LinkType::kEthernet).ok()) {
      ++damaged;
      continue;
    }
    // Two flipped bits may leave a checksum right and make a number that nobody sent.
    const uint16_t number = packet::Get16(&frame[kSequence]);
    if (number >= kPackets / 50) continue;
    copies += !calls[packet::Get32(&frame[kSource])].emplace(number, packet.ns).second;
  }
  // Five standard deviations of independent draws, or more.
  EXPECT_NEAR(copies, kPackets * (1 - kLost) * 0.002, 50);
  EXPECT_NEAR(damaged, kPackets * (1 - kLost) * 0.001, 35);
  EXPECT_GE(calls.size(), 50u);
  double bursts = 0, lost = 0, late = 0, received = 0;
  for (const auto& [caller, call] : calls) {
    if (call.size() < 500) continue;  // no caller, but a damaged address with a checksum that fits
    // Of packet 0 without jitter, about.
    int64_t begin = INT64_MAX;
    for (const auto& [number, ns] : call) begin = std::min(begin, ns - int64_t{number} * kPeriod);
    uint16_t next = 0;
    for (const auto& [number, ns] : call) {
      if (number > next) ++bursts, lost += number - next;
      next = static_cast<uint16_t>(number + 1);
      ++received;
      // Jitter hardly reaches 32 ms; who is reordered comes 40 ms later than that.
      late += ns - begin > int64_t{number} * kPeriod + 32'000'000;
    }
  }
  // A burst lasts five packets on average; damaged packets are losses of one.
  EXPECT_NEAR((lost - damaged) / (bursts - damaged), 5, 1.5);
  EXPECT_NEAR(late / received, 0.01, 0.004);
}

}  // namespace
}  // namespace spate::testing
