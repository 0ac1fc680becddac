// What varies in a packet, as its bytes show it.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "base/random.h"
#include "engine/make_plan.h"
#include "engine/plan/law.h"
#include "tests/engine/composed.h"
#include "tests/engine/scenarios.h"

namespace spate::engine {
namespace {

using testing::Big16;
using testing::Big32;
using testing::Bytes;
using testing::Compose;
using testing::ExpectRightChecksums;
using testing::Frames;
using testing::OnePatch;

// Every width at every bit offset of the payload, where nothing else depends on the bytes.
TEST(Fields, FieldsOfAnyWidthAndPlaceKeepTheChecksum) {
  for (const uint16_t bits : {1, 3, 8, 13, 16, 20, 24, 32, 48}) {
    for (uint32_t at = 42 * 8; at < 44 * 8; ++at) {
      const core::Law law{.kind = core::Law::Kind::kUniform, .count = uint64_t{1} << bits};
      const auto plan = MakePlan(OnePatch(law, core::Scope::kPacket, at, bits));
      ASSERT_TRUE(plan.ok()) << plan.status();
      const std::vector<Bytes> frames = Frames(*plan, 100);
      ExpectRightChecksums(frames);
      ASSERT_NE(frames[0], frames[99]) << bits << " bits at " << at;
    }
  }
}

TEST(Fields, FieldsReachTheEndOfAnOddFrame) {
  for (const uint16_t bits : {5, 12, 24, 47}) {
    const core::Law law{.kind = core::Law::Kind::kUniform, .count = uint64_t{1} << bits};
    core::Scenario scenario = OnePatch(law, core::Scope::kPacket, 75 * 8u - bits, bits);
    scenario.messages[0].frame = testing::UdpMessage("odd", 75).frame;
    const auto plan = MakePlan(scenario);
    ASSERT_TRUE(plan.ok()) << plan.status();
    const std::vector<Bytes> frames = Frames(*plan, 100);
    EXPECT_EQ(frames[0].size(), 75u);
    ExpectRightChecksums(frames);
    ASSERT_NE(frames[0].back(), frames[99].back()) << bits;
  }
}

TEST(Fields, RunAndSingleInstanceDrawsAreConstant) {
  for (const core::Scope scope : {core::Scope::kRun, core::Scope::kInstance}) {
    const core::Law law{.kind = core::Law::Kind::kUniform, .count = 0xffffffff};
    const Plan plan = *MakePlan(OnePatch(law, scope, testing::kIpv4Source, 32));
    EXPECT_EQ(plan.messages[0].op_count, 0u) << "settled before the run";
    const std::vector<Bytes> frames = Frames(plan, 3);
    ExpectRightChecksums(frames);
    EXPECT_EQ(frames[0], frames[2]);
    EXPECT_NE(Big32(frames[0], 26), 0u);
  }
}

TEST(Fields, WeightedTablesAndBalancedDrawsKeepChecksums) {
  core::Law weighted{.kind = core::Law::Kind::kAlias, .values = {1, 2, 3}, .weights = {1, 2, 3}};
  for (const uint32_t balanced : {0u, 16u}) {
    weighted.balanced = balanced;
    const Plan plan = *MakePlan(OnePatch(weighted, core::Scope::kPacket, testing::kUdpSource, 16));
    const std::vector<Bytes> frames = Frames(plan, 600);
    ExpectRightChecksums(frames);
    int threes = 0;
    for (const Bytes& frame : frames) threes += Big16(frame, 34) == 3 ? 1 : 0;
    EXPECT_NEAR(threes, 300, balanced > 0 ? 10 : 60);
  }
}

// Of a variable a field takes as many bits as it has, from whatever place in the frame; fields of
// several widths read the same one.
TEST(Fields, VariablesOfAnySizeStandInFieldsOfAnyWidth) {
  constexpr uint64_t kStep = 0x9234'5678'9abc'def1;
  core::Scenario scenario = testing::Flood(1e6);
  core::Message& message = scenario.messages[0];
  message.frame = testing::UdpMessage("long", 90).frame;
  message.patches.clear();
  struct Place {
    uint32_t variable, bit;
    uint16_t bits;
    bool little_endian = false;
  };
  const std::vector<Place> places = {{0, testing::kIpv4Source, 32},
                                     {0, testing::kUdpSource, 16},
                                     {1, 44 * 8, 48},
                                     {1, 50 * 8, 64},
                                     {1, 58 * 8, 32, true},
                                     {2, 62 * 8 + 3, 13},
                                     {1, 70 * 8, 8},
                                     {2, 72 * 8 + 5, 25}};
  for (const Place& place : places) {
    message.patches.push_back({.offset_bits = place.bit,
                               .bits = place.bits,
                               .source = core::Patch::Source::kVariable,
                               .index = place.variable,
                               .little_endian = place.little_endian});
  }
  scenario.flows[0].variables = 3;
  scenario.flows[0].ops = {{.code = core::OpCode::kTick},
                           {.code = core::OpCode::kAdd, .a = 0, .operand = {.value = kStep}},
                           {.code = core::OpCode::kAdd, .a = 1, .operand = {.value = 2 * kStep}},
                           {.code = core::OpCode::kAdd, .a = 2, .operand = {.value = 3 * kStep}},
                           {.code = core::OpCode::kSend, .b = core::kNone},
                           {.code = core::OpCode::kJump}};
  const Plan plan = *MakePlan(scenario);
  EXPECT_EQ(plan.messages[0].word_count, 3u);
  EXPECT_EQ(plan.messages[0].wide_words, 1u) << "32 bits are enough for the others";
  EXPECT_EQ(plan.messages[0].operand_slots, 1u);
  const std::vector<Bytes> frames = Frames(plan, 500);
  ASSERT_EQ(frames.size(), 500u);
  ExpectRightChecksums(frames);
  for (size_t i = 0; i < frames.size(); ++i) {
    for (const Place& place : places) {
      uint64_t found = 0;
      for (uint32_t b = 0; b < place.bits; ++b) {
        const uint32_t at = place.bit + b;
        found = found << 1 | (frames[i][at / 8] >> (7 - at % 8) & 1);
      }
      if (place.little_endian) found = __builtin_bswap32(static_cast<uint32_t>(found));
      const uint64_t mask = ~uint64_t{0} >> (64 - place.bits);
      ASSERT_EQ(found, (i + 1) * (place.variable + 1) * kStep & mask)
          << place.bits << " bits at " << place.bit;
    }
  }
}

// A cycle that a field holds no more of needs no modulo, any other does.
TEST(Fields, CountersOfManyInstancesBeginAnewWithTheirCycle) {
  for (const uint64_t cycle : {255, 256, 257, 512}) {
    core::Scenario scenario =
        OnePatch({.kind = core::Law::Kind::kArithmetic, .start = 9, .step = 7, .count = cycle},
                 core::Scope::kPacket, testing::kUdpSource, 8);
    scenario.groups[0].count = 3;
    const Plan plan = *MakePlan(scenario);
    EXPECT_EQ(plan.field_ops[0].select == FieldOp::Select::kModulo, cycle % 256 != 0);
    const std::vector<Bytes> frames = Frames(plan, 3'000);
    ASSERT_EQ(frames.size(), 3'000u);
    ExpectRightChecksums(frames);
    for (size_t i = 0; i < frames.size(); ++i) {
      ASSERT_EQ(frames[i][34], (9 + 7 * (i / 3 % cycle)) % 256) << cycle;
    }
  }
}

// Few cells and short tables stay in registers, more of them in memory; which draws are made once
// for several fields must not show either.
TEST(Fields, ChoicesAndTheirTablesAreThoseOfTheLaw) {
  for (const uint64_t size : {2, 8, 9, 16, 17, 300}) {
    core::Scenario scenario = testing::Flood(1e6);
    core::Law law{.kind = core::Law::Kind::kAlias, .values = {}, .weights = {}};
    scenario.columns.resize(3);
    for (uint64_t i = 0; i < size; ++i) {
      law.values.push_back(i);
      law.weights.push_back(static_cast<double>(i + 1));
      scenario.columns[0].values.push_back(0x0a000000 + i * i * i);
      scenario.columns[1].values.push_back(7 * i + 1);
      scenario.columns[2].values.push_back(9 + 3 * (i % (size / 2 + 1)));  // a set's ports
    }
    const uint32_t row = testing::AddDraw(scenario, law, core::Scope::kPacket, 5);
    const uint32_t other = testing::AddDraw(
        scenario, {.kind = core::Law::Kind::kUniform, .count = 1'000}, core::Scope::kPacket, 6);
    scenario.messages[0].patches = {
        {.offset_bits = testing::kIpv4Source, .bits = 32, .index = row, .column = 0},
        {.offset_bits = testing::kUdpSource, .bits = 16, .index = other},
        {.offset_bits = 44 * 8, .bits = 16, .index = row, .column = 1},
        {.offset_bits = 46 * 8, .bits = 48, .index = row, .column = 2}};
    const Plan plan = *MakePlan(scenario);
    const std::vector<Bytes> frames = Compose(plan, 500, /*runs=*/true).frames;
    ExpectRightChecksums(frames);
    ASSERT_EQ(frames, Frames(plan, 500));
    const auto outcome = [&](uint32_t draw, uint64_t packet) {
      const uint64_t bits = PlaceIn(SubKey(plan.flows[0].key, 0), packet);
      const DrawPlan& of = plan.draws[draw];
      return Outcome(of.law, plan.words.data(), 0, Mix(bits + of.key));
    };
    for (size_t i = 0; i < frames.size(); ++i) {
      const uint64_t at = outcome(row, i);
      ASSERT_EQ(Big32(frames[i], 26), scenario.columns[0].values[at]) << size << " rows";
      ASSERT_EQ(Big16(frames[i], 34), outcome(other, i));
      ASSERT_EQ(Big16(frames[i], 44), scenario.columns[1].values[at]);
      ASSERT_EQ(Big16(frames[i], 50), scenario.columns[2].values[at]);
    }
  }
}

}  // namespace
}  // namespace spate::engine
