#include "engine/emit/composer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/make_plan.h"
#include "packet/frame.h"
#include "tests/engine/composed.h"
#include "tests/engine/scenarios.h"

namespace spate::engine {
namespace {

using testing::Big16;
using testing::Big32;
using testing::Bytes;
using testing::Compose;
using testing::Composed;
using testing::ExpectRightChecksums;
using testing::Frames;
using testing::OnePatch;

TEST(Composer, FloodStepsBothFieldsAndKeepsChecksums) {
  const Plan plan = *MakePlan(testing::Flood(1e6));
  ASSERT_TRUE(plan.messages[0].counters_only);
  const std::vector<Bytes> frames = Frames(plan, 5'000);
  ASSERT_EQ(frames.size(), 5'000u);
  ExpectRightChecksums(frames);
  for (size_t i = 0; i < frames.size(); ++i) {
    ASSERT_EQ(Big32(frames[i], 26), 0xc6120001 + i % 1'024);
    ASSERT_EQ(Big16(frames[i], 34), 1'024 + i % 1'023);
  }
}

// Two kernels, one result: the vector lanes for counters against the general passes.
TEST(Composer, CounterKernelAgreesWithTheGeneralPasses) {
  for (const uint64_t cycle : {64ull, 65ull, 1'000ull}) {
    Plan plan = *MakePlan(testing::Flood(1e6, cycle, 64));
    ASSERT_TRUE(plan.messages[0].counters_only);
    const std::vector<Bytes> fast = Frames(plan, 3'000);
    plan.messages[0].counters_only = false;
    ASSERT_EQ(fast, Frames(plan, 3'000)) << "cycle " << cycle;
  }
}

TEST(Composer, ShortCyclesComeRound) {
  const Plan plan = *MakePlan(testing::Flood(1e6, 3, 5));
  EXPECT_TRUE(plan.messages[0].counters_only);
  const std::vector<Bytes> frames = Frames(plan, 200);
  ExpectRightChecksums(frames);
  for (size_t i = 0; i < frames.size(); ++i) ASSERT_EQ(Big32(frames[i], 26), 0xc6120001 + i % 3);
}

// A run says in one record what a record per packet says, however it is cut.
TEST(Composer, RunsAreTheSamePacketsAsTheirRecords) {
  core::Scenario random = testing::Flood(7e6, 1'000, 7);
  random.laws[0] = {.kind = core::Law::Kind::kUniform, .start = 0xc6120000, .count = 65'536};
  core::Scenario plain = testing::Flood(3e6);
  plain.messages[0].patches.clear();
  for (const core::Scenario& scenario :
       {testing::Flood(7e6, 1'000, 7), testing::Flood(3e6, 15'625, 64), random, plain}) {
    const Plan plan = *MakePlan(scenario, {.seed = 3});
    ASSERT_NE(plan.messages[0].run_form, core::kNone);
    const Composed records = Compose(plan, 2'000, /*runs=*/false);
    ASSERT_EQ(records.frames.size(), 2'000u);
    ASSERT_EQ(records, Compose(plan, 2'000, /*runs=*/true));
    ASSERT_EQ(records, Compose(plan, 2'000, /*runs=*/true, 37)) << "cut runs";
  }
}

// Conversations and chains send many messages of few shapes, in any order, into frames that have
// held others; how they are put together must not show.
TEST(Composer, FramesOfManyMessagesAreThoseOfEachAlone) {
  core::Scenario scenario = testing::Flood(1e6);  // 64 bytes, then long ones of two payloads
  for (const size_t bytes : {700, 1'300}) {
    core::Message message = testing::UdpMessage("long", bytes);
    for (size_t i = message.frame.payload_offset; i < message.frame.bytes.size(); ++i) {
      message.frame.bytes[i] = static_cast<uint8_t>(bytes + i);
    }
    message.patches = scenario.messages[0].patches;
    scenario.messages.push_back(message);
  }
  const uint32_t choice = testing::AddDraw(
      scenario, {.kind = core::Law::Kind::kAlias, .values = {2, 4, 6}, .weights = {3, 2, 1}},
      core::Scope::kPacket, 9);
  using core::OpCode;
  scenario.flows[0].ops = {{.code = OpCode::kTick},         {.code = OpCode::kChoose, .a = choice},
                           {.code = OpCode::kSend, .a = 0}, {.code = OpCode::kJump},
                           {.code = OpCode::kSend, .a = 1}, {.code = OpCode::kJump},
                           {.code = OpCode::kSend, .a = 2}, {.code = OpCode::kJump}};
  const Plan plan = *MakePlan(scenario);
  const Composed mixed = Compose(plan, 3'000, /*runs=*/false);
  ASSERT_EQ(mixed.frames.size(), 3'000u);
  ExpectRightChecksums(mixed.frames);
  EXPECT_EQ(mixed, Compose(plan, 3'000, /*runs=*/false, kBurst, /*forgetful=*/true));
  EXPECT_EQ(mixed, Compose(plan, 3'000, /*runs=*/false, /*burst_size=*/1));
}

// Payloads of zeros add nothing but their length, others what stands at each size; lengths stand
// above checksums where columns are dear, or in columns of their own.
TEST(Composer, VaryingSizesKeepLengthsAndChecksums) {
  for (const uint8_t payload : {0, 0xa5}) {
    for (const bool more_fields : {false, true}) {
      core::Scenario scenario = testing::Flood(1e6);
      core::Message& message = scenario.messages[0];
      message.frame = testing::UdpMessage("long", 1'514).frame;
      std::fill(message.frame.bytes.begin() + 42, message.frame.bytes.end(), payload);
      if (more_fields) {
        for (const uint32_t at : {42u, 46u}) {
          message.patches.push_back({.offset_bits = at * 8, .bits = 32, .index = 0});
          std::fill_n(message.frame.bytes.begin() + at, 4, uint8_t{0});
        }
      }
      message.size_draw = testing::AddDraw(
          scenario, {.kind = core::Law::Kind::kUniform, .start = 60, .count = 1'455},
          core::Scope::kPacket, 5);
      const Plan plan = *MakePlan(scenario);
      EXPECT_EQ(plan.tails.empty(), payload == 0);
      EXPECT_EQ(plan.sums[0].carries, !more_fields);
      const std::vector<Bytes> frames = Compose(plan, 3'000, /*runs=*/true).frames;
      ASSERT_EQ(frames, Frames(plan, 3'000));
      ExpectRightChecksums(frames);
      bool odd = false, even = false;
      for (const Bytes& frame : frames) {
        ASSERT_EQ(Big16(frame, 16), frame.size() - 14);
        ASSERT_EQ(Big16(frame, 38), frame.size() - 34);
        ASSERT_EQ(frame.back(), payload);
        (frame.size() % 2 == 0 ? even : odd) = true;
      }
      EXPECT_TRUE(odd && even);
    }
  }
}

TEST(MakePlan, RefusesAFieldThatSmallSizesCutOff) {
  core::Scenario scenario =
      OnePatch({.kind = core::Law::Kind::kUniform, .count = 256}, core::Scope::kPacket, 100 * 8, 8);
  scenario.messages[0].frame = testing::UdpMessage("long", 1'514).frame;
  scenario.messages[0].size_draw =
      testing::AddDraw(scenario, {.kind = core::Law::Kind::kUniform, .start = 60, .count = 1'455},
                       core::Scope::kPacket, 5);
  const auto plan = MakePlan(scenario);
  ASSERT_FALSE(plan.ok());
  EXPECT_NE(std::string(plan.status().message()).find("smallest size"), std::string::npos)
      << plan.status();
}

// A flow that sends `frame`, encoded from `stack`, its 32 bits at `bit` counting up.
core::Scenario Sends(const std::vector<packet::HeaderValues>& stack, uint32_t size, uint32_t bit) {
  core::Scenario scenario =
      OnePatch({.kind = core::Law::Kind::kArithmetic, .start = 7, .step = 1, .count = 0x10000000},
               core::Scope::kPacket, bit, 32);
  scenario.messages[0].frame = *packet::Encode(stack, std::vector<uint8_t>(size, 0x61), size);
  return scenario;
}

core::Scenario VaryingSize(core::Scenario scenario, uint64_t least) {
  const uint64_t most = scenario.messages[0].frame.bytes.size();
  scenario.messages[0].size_draw = testing::AddDraw(
      scenario, {.kind = core::Law::Kind::kUniform, .start = least, .count = most - least + 1},
      core::Scope::kPacket, 9);
  return scenario;
}

// A CRC has no parts; sums around it count its bytes too.
TEST(Composer, CrcsHoldOverVaryingBytesAndInsideOtherSums) {
  using testing::Header;
  const std::vector<packet::HeaderValues> stack = {
      Header("ethernet", {}), Header("ipv4", {}), Header("gre", {{"checksum_present", "1"}}),
      Header("ipv4", {}),     Header("sctp", {}), Header("sctp_data", {{"tsn", "0"}})};
  const packet::Frame frame = *packet::Encode(stack, {}, 200);
  const core::Scenario scenario = Sends(stack, 200, frame.header_offsets[5] * 8u + 32);
  for (const core::Scenario& each : {scenario, VaryingSize(scenario, 90)}) {
    const std::vector<Bytes> frames = Frames(*MakePlan(each), 300);
    ExpectRightChecksums(frames);
    EXPECT_NE(Big32(frames[0], frame.header_offsets[4] + 8u),
              Big32(frames[1], frame.header_offsets[4] + 8u));
  }
}

TEST(Composer, LengthsInOtherFormsFollowTheSize) {
  using testing::Header;
  const std::vector<packet::HeaderValues> mqtt = {Header("ethernet", {}), Header("ipv4", {}),
                                                  Header("tcp", {}), Header("mqtt", {})};
  const std::vector<Bytes> messages =
      Frames(*MakePlan(VaryingSize(Sends(mqtt, 800, 38 * 8), 70)), 300);
  ExpectRightChecksums(messages);
  for (const Bytes& frame : messages) {
    ASSERT_EQ((frame[55] & 0x7fu) + (frame[56] << 7), frame.size() - 57);
  }
  const std::vector<packet::HeaderValues> http = {Header("ethernet", {}), Header("ipv4", {}),
                                                  Header("tcp", {}), Header("http", {})};
  const packet::Frame prototype = *packet::Encode(http, Bytes(900), 0);
  const std::vector<Bytes> requests =
      Frames(*MakePlan(VaryingSize(
                 Sends(http, static_cast<uint32_t>(prototype.bytes.size()), 38 * 8), 200)),
             300);
  ExpectRightChecksums(requests);
  for (const Bytes& frame : requests) {
    const std::string text(frame.begin(), frame.end());
    const size_t at = text.find("Content-Length: ") + 16;
    ASSERT_EQ(std::stoul(text.substr(at, 3)), frame.size() - prototype.payload_offset);
  }
}

// A Zigbee request as the encoder makes it, its counter and its payload given.
std::vector<packet::HeaderValues> RequestStack(uint32_t counter) {
  using testing::Header;
  return {Header("ieee802154", {}),
          Header("zigbee_nwk", {{"frame_counter", std::to_string(counter)}}),
          Header("zigbee_aps", {}), Header("zigbee_zcl", {})};
}

packet::Frame Request(uint32_t counter, const Bytes& payload, uint32_t size = 0) {
  return *packet::Encode(RequestStack(counter), payload, size);
}

// One flow that sends such requests, the counter stepping by 0x01010101, its lowest byte first.
core::Scenario Requests(const std::vector<packet::HeaderValues>& stack, uint32_t size) {
  core::Scenario scenario;
  scenario.link = stack.size() > 4 ? packet::LinkType::kEthernet : packet::LinkType::kIeee802154;
  core::Message message{.name = "request", .info = {}, .frame = {}, .patches = {}};
  message.frame = *packet::Encode(stack, Bytes(6), size);
  const packet::FieldSpec& field = *packet::FindHeader("zigbee_nwk")->Find("frame_counter");
  const uint32_t bit = *packet::FieldBit(stack, stack.size() - 3, field, message.frame);
  const uint32_t counter = testing::AddDraw(
      scenario,
      {.kind = core::Law::Kind::kArithmetic, .start = 7, .step = 0x01010101, .count = 1'000},
      core::Scope::kPacket);
  message.patches.push_back(
      {.offset_bits = bit, .bits = 32, .index = counter, .little_endian = true});
  scenario.messages.push_back(std::move(message));
  scenario.groups.push_back({.name = "requests", .count = 1});
  core::Flow flow;
  flow.name = "requests";
  flow.clock = {.kind = core::Clock::Kind::kRate, .pps = 1'000};
  flow.ops = {
      {.code = core::OpCode::kTick}, {.code = core::OpCode::kSend}, {.code = core::OpCode::kJump}};
  scenario.flows.push_back(std::move(flow));
  return scenario;
}

TEST(Composer, SealsFramesWhenTheirFieldsAreIn) {
  const Plan plan = *MakePlan(Requests(RequestStack(0), 0));
  for (const bool runs : {false, true}) {
    const std::vector<Bytes> frames = Compose(plan, 300, runs).frames;
    ASSERT_EQ(frames.size(), 300u);
    for (uint32_t i = 0; i < frames.size(); ++i) {
      ASSERT_EQ(frames[i], Request(7 + i * 0x01010101, Bytes(6)).bytes) << i;
    }
  }
}

TEST(Composer, SealsFollowTheSize) {
  core::Scenario scenario = Requests(RequestStack(0), 100);
  scenario.messages[0].size_draw = testing::AddDraw(
      scenario, {.kind = core::Law::Kind::kList, .values = {100, 54, 71}}, core::Scope::kPacket, 9);
  const Plan plan = *MakePlan(scenario);
  const std::vector<Bytes> frames = Frames(plan, 60);
  ASSERT_EQ(frames.size(), 60u);
  for (uint32_t i = 0; i < frames.size(); ++i) {
    const uint32_t size = i % 3 == 0 ? 100 : i % 3 == 1 ? 54 : 71;
    ASSERT_EQ(frames[i], Request(7 + i * 0x01010101, Bytes(6), size).bytes) << i;
  }
}

// What a sniffer sends on: the sum of UDP covers the seals.
TEST(Composer, SumsAroundSealsAreTakenLast) {
  using testing::Header;
  const auto stack = [](uint32_t counter) {
    std::vector<packet::HeaderValues> all = {Header("ethernet", {}), Header("ipv4", {}),
                                             Header("udp", {}), Header("zep", {})};
    for (const packet::HeaderValues& header : RequestStack(counter)) all.push_back(header);
    return all;
  };
  core::Scenario scenario = Requests(stack(0), 180);
  for (const bool varies : {false, true}) {
    if (varies) {
      scenario.messages[0].size_draw =
          testing::AddDraw(scenario, {.kind = core::Law::Kind::kList, .values = {180, 151, 163}},
                           core::Scope::kPacket, 9);
    }
    const std::vector<Bytes> frames = Frames(*MakePlan(scenario), 60);
    ASSERT_EQ(frames.size(), 60u);
    for (uint32_t i = 0; i < frames.size(); ++i) {
      const uint32_t size = i % 3 == 0 || !varies ? 180 : i % 3 == 1 ? 151 : 163;
      ASSERT_EQ(frames[i], packet::Encode(stack(7 + i * 0x01010101), Bytes(6), size)->bytes) << i;
    }
  }
}

}  // namespace
}  // namespace spate::engine
