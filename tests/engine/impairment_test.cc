// Impairments: planned absences, copies, delays and damage, the same for any sharding.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <map>
#include <set>
#include <vector>

#include "engine/make_plan.h"
#include "engine/port/memory_port.h"
#include "engine/run/run.h"
#include "packet/bits.h"
#include "tests/engine/scenarios.h"

namespace spate::engine {
namespace {

constexpr uint64_t kManyPackets = 20'000;

// 10 kpps, the packet's number in the payload.
core::Scenario Numbered(const core::Impairment& impairment) {
  core::Scenario scenario = testing::Flood(10'000, 65'536, 65'536);
  scenario.messages[0].patches.clear();
  const uint32_t number = testing::AddDraw(
      scenario, {.kind = core::Law::Kind::kArithmetic, .start = 0, .step = 1, .count = 1u << 31},
      core::Scope::kPacket, 3);
  scenario.messages[0].patches.push_back({.offset_bits = 44 * 8, .bits = 32, .index = number});
  scenario.flows[0].impairment = impairment;
  scenario.flows[0].packets = kManyPackets;
  return scenario;
}

struct Sent {
  measure::RunResult result;
  std::vector<MemoryFrame> frames;
  std::vector<uint32_t> numbers;
};

Sent RunOf(const core::Scenario& scenario, int generation = 0, int emission = 1) {
  const Plan plan = *MakePlan(scenario);
  MemoryPort port({.link = plan.link, .virtual_time = true, .faults = {}});
  RunOptions options;
  options.generation_lcores = generation;
  options.emission_lcores = emission;
  const std::atomic<bool> never{false};
  auto result = RunOn(plan, options, port, never);
  EXPECT_TRUE(result.ok()) << result.status();
  Sent sent{*std::move(result), port.frames(), {}};
  for (const MemoryFrame& frame : sent.frames) {
    sent.numbers.push_back(packet::Get32(&frame.bytes[44]));
  }
  return sent;
}

TEST(Impairment, LossesArePlannedAbsences) {
  core::Impairment impairment;
  impairment.loss = 0.1;
  Sent sent = RunOf(Numbered(impairment));
  EXPECT_EQ(sent.result.planned, kManyPackets);
  EXPECT_EQ(sent.result.sent, sent.frames.size());
  EXPECT_EQ(sent.result.dropped["impairment"], kManyPackets - sent.frames.size());
  EXPECT_NEAR(static_cast<double>(sent.result.dropped["impairment"]), 2'000, 250);
  // What is there keeps its number and time.
  for (size_t i = 0; i < sent.frames.size(); ++i) {
    EXPECT_EQ(sent.frames[i].due_ps, int64_t{sent.numbers[i]} * 100'000'000);
  }
}

TEST(Impairment, BurstsAreAsLongAsAsked) {
  core::Impairment impairment;
  impairment.enter = 0.01;
  impairment.leave = 0.2;
  impairment.burst_loss = 1;
  const Sent sent = RunOf(Numbered(impairment));
  size_t bursts = 0, lost = 0;
  for (size_t i = 1; i < sent.numbers.size(); ++i) {
    const size_t gap = sent.numbers[i] - sent.numbers[i - 1] - 1;
    bursts += gap > 0 ? 1 : 0;
    lost += gap;
  }
  // Mean length 1/leave; share of the bad state enter / (enter + leave).
  EXPECT_NEAR(static_cast<double>(lost) / static_cast<double>(bursts), 5, 1);
  EXPECT_NEAR(static_cast<double>(lost) / kManyPackets, 0.01 / 0.21, 0.01);
}

TEST(Impairment, CopiesAreWhole) {
  core::Impairment impairment;
  impairment.duplicate = 0.05;
  const Sent sent = RunOf(Numbered(impairment));
  EXPECT_EQ(sent.result.planned, sent.frames.size());
  std::map<uint32_t, int> times;
  for (size_t i = 0; i < sent.frames.size(); ++i) {
    if (times[sent.numbers[i]]++ == 1) {
      EXPECT_EQ(sent.frames[i].bytes, sent.frames[i - 1].bytes);
    }
  }
  EXPECT_EQ(times.size(), kManyPackets);
  EXPECT_NEAR(static_cast<double>(sent.frames.size()), kManyPackets * 1.05, 160);
}

TEST(Impairment, DelaysReorder) {
  core::Impairment impairment;
  impairment.reorder = 0.02;
  impairment.reorder_by = Picos{250'000'000};  // two and a half packets
  const Sent sent = RunOf(Numbered(impairment));
  ASSERT_EQ(sent.frames.size(), kManyPackets);
  size_t late = 0;
  for (size_t i = 0; i < sent.frames.size(); ++i) {
    const int64_t delay = sent.frames[i].due_ps - int64_t{sent.numbers[i]} * 100'000'000;
    EXPECT_TRUE(delay == 0 || delay == 250'000'000);
    late += delay > 0 ? 1 : 0;
    if (i > 0) {
      EXPECT_GE(sent.frames[i].due_ps, sent.frames[i - 1].due_ps);
    }
  }
  EXPECT_NEAR(static_cast<double>(late), 400, 100);
}

TEST(Impairment, DelayLawsHoldPacketsBack) {
  core::Impairment impairment;
  core::Scenario scenario = Numbered(impairment);
  scenario.flows[0].impairment->delay = testing::AddDraw(
      scenario, {.kind = core::Law::Kind::kQuantiles, .values = {1'000'000'000, 9'000'000'000}},
      core::Scope::kPacket, 4);
  const Sent sent = RunOf(scenario);
  ASSERT_EQ(sent.frames.size(), kManyPackets);
  double sum = 0;
  for (size_t i = 0; i < sent.frames.size(); ++i) {
    const int64_t delay = sent.frames[i].due_ps - int64_t{sent.numbers[i]} * 100'000'000;
    EXPECT_GE(delay, 1'000'000'000);
    EXPECT_LE(delay, 9'000'000'000);
    sum += static_cast<double>(delay);
  }
  EXPECT_NEAR(sum / kManyPackets, 5e9, 1e8);
}

int BitsBetween(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b, size_t from,
                size_t to) {
  int bits = 0;
  for (size_t i = from; i < to; ++i) bits += std::popcount(static_cast<uint8_t>(a[i] ^ b[i]));
  return bits;
}

TEST(Impairment, BitErrorsWithAndWithoutRightChecksums) {
  for (const bool right : {false, true}) {
    core::Impairment impairment;
    impairment.corrupt = 0.1;
    impairment.bits = 1;
    impairment.right_checksums = right;
    const Sent clean = RunOf(Numbered({}));
    const Sent sent = RunOf(Numbered(impairment));
    ASSERT_EQ(sent.frames.size(), clean.frames.size());
    size_t damaged = 0, wrong = 0;
    for (size_t i = 0; i < sent.frames.size(); ++i) {
      const auto& a = clean.frames[i].bytes;
      const auto& b = sent.frames[i].bytes;
      ASSERT_EQ(a.size(), b.size());
      EXPECT_EQ(BitsBetween(a, b, 0, 14), 0);
      if (a == b) continue;
      ++damaged;
      EXPECT_EQ(BitsBetween(a, b, right ? 42 : 14, a.size()), 1);
      wrong +=
          packet::VerifyChecksums(b.data(), b.size(), packet::LinkType::kEthernet).ok() ? 0 : 1;
    }
    EXPECT_NEAR(static_cast<double>(damaged), kManyPackets * 0.1, 250);
    if (right) {
      EXPECT_EQ(wrong, 0u);
    }
    if (!right) {
      EXPECT_GT(wrong, damaged * 9 / 10);
    }
  }
}

TEST(Impairment, AnyShardingGivesTheSameTrace) {
  core::Impairment impairment;
  impairment.loss = 0.01;
  impairment.enter = 0.01;
  impairment.leave = 0.3;
  impairment.burst_loss = 0.8;
  impairment.duplicate = 0.02;
  impairment.reorder = 0.05;
  impairment.reorder_by = Picos{777'000'000};
  impairment.corrupt = 0.05;
  core::Scenario scenario = Numbered(impairment);
  scenario.groups[0].count = 7;
  scenario.flows[0].packets = 1'000;
  scenario.flows[0].impairment->delay = testing::AddDraw(
      scenario, {.kind = core::Law::Kind::kQuantiles, .values = {0, 3'000'000'000}},
      core::Scope::kPacket, 4);
  const Sent fused = RunOf(scenario);
  ASSERT_GT(fused.frames.size(), 5'000u);
  for (const auto& [generation, emission] : {std::pair(0, 2), {1, 1}, {2, 1}, {2, 2}, {3, 2}}) {
    const Sent other = RunOf(scenario, generation, emission);
    EXPECT_TRUE(other.frames.size() == fused.frames.size() &&
                std::equal(other.frames.begin(), other.frames.end(), fused.frames.begin(),
                           [](const MemoryFrame& a, const MemoryFrame& b) {
                             return a.due_ps == b.due_ps && a.bytes == b.bytes;
                           }))
        << generation << "×" << emission;
    EXPECT_EQ(other.result.planned, fused.result.planned);
  }
}

}  // namespace
}  // namespace spate::engine
