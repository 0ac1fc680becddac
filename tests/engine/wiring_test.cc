#include "engine/run/wiring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/make_plan.h"
#include "engine/port/memory_port.h"
#include "engine/run/run.h"
#include "template/core.h"
#include "tests/engine/scenarios.h"

namespace spate::engine {
namespace {

using Words = std::vector<std::string>;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Words kTwo = {"left", "right"};
const Words kOne = {""};
std::string FaultOf(const Words& flags, const Words& names) {
  const auto bound = BindPorts(flags, names);
  return bound.ok() ? "" : std::string(bound.status().message());
}

TEST(BindPorts, NothingNamedIsTheNullPort) {
  const auto bound = BindPorts({}, kTwo);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_THAT(bound->specs, ElementsAre("null"));
  EXPECT_THAT(bound->port_of, ElementsAre(0, 0));
}

TEST(BindPorts, OnePortWithoutANameTakesAll) {
  const auto bound = BindPorts(Words{"out.pcap"}, kTwo);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_THAT(bound->specs, ElementsAre("out.pcap"));
  EXPECT_THAT(bound->port_of, ElementsAre(0, 0));
}

TEST(BindPorts, NamesDecideAndTheRestGoInOrder) {
  for (const Words& flags : {Words{"right=b", "left=a"}, Words{"a", "b"}, Words{"a", "right=b"},
                             Words{"right=b", "a"}}) {
    const auto bound = BindPorts(flags, kTwo);
    ASSERT_TRUE(bound.ok()) << bound.status();
    const std::vector<std::string>& specs = bound->specs;
    EXPECT_EQ(specs.at(bound->port_of[0]), "a");
    EXPECT_EQ(specs.at(bound->port_of[1]), "b");
  }
}

TEST(BindPorts, DeviceStringsHaveNoName) {
  for (const char* spec : {"net_pcap0,tx_iface=eth0", "memif:/run/a,role=server", "./a=b.pcap"}) {
    const auto bound = BindPorts(Words{spec}, kOne);
    ASSERT_TRUE(bound.ok()) << bound.status();
    EXPECT_THAT(bound->specs, ElementsAre(spec));
  }
}

TEST(BindPorts, ASideMayBeLeftToOthers) {
  const auto bound = BindPorts(Words{"left=a", "right=none"}, kTwo);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_THAT(bound->specs, ElementsAre("a"));
  EXPECT_THAT(bound->port_of, ElementsAre(0, core::kNone));
  EXPECT_THAT(FaultOf({"left=none", "right=none"}, kTwo), HasSubstr("nothing would be sent"));
}

TEST(BindPorts, SaysWhatIsWrong) {
  EXPECT_THAT(FaultOf({"lift=a"}, kTwo), HasSubstr("did you mean left?"));
  EXPECT_THAT(FaultOf({"left=a"}, kOne), HasSubstr("the template names no ports"));
  EXPECT_THAT(FaultOf({"left=a"}, kTwo), HasSubstr("port right is not bound"));
  EXPECT_THAT(FaultOf({"left=a", "left=b"}, kTwo), HasSubstr("bound twice"));
  EXPECT_THAT(FaultOf({"a", "b", "c"}, kTwo), HasSubstr("one too many"));
  EXPECT_THAT(FaultOf({"a", "b"}, kOne), HasSubstr("the template has one port"));
  EXPECT_THAT(FaultOf({"left="}, kTwo), HasSubstr("without a port"));
}

// Two streams and a program that sends by both ports in turn.
TEST(Rebind, FindsEachPortAgain) {
  const auto rebound = [](const Words& open, const Words& flags, const Words& names) {
    const auto next = BindPorts(flags, names);
    EXPECT_TRUE(next.ok()) << next.status();
    return Rebind(open, *next);
  };
  const Words both = {"left=eth1", "right=eth2"};
  EXPECT_THAT(*rebound({"eth1", "eth2"}, both, kTwo), ElementsAre(0, 1));
  EXPECT_THAT(*rebound({"eth1", "eth2"}, both, {"right", "left"}), ElementsAre(1, 0));
  EXPECT_THAT(*rebound({"null", "null"}, {"null", "null"}, kTwo), ElementsAre(0, 1))
      << "each its own";
  EXPECT_THAT(*rebound({"eth1", "eth2"}, {"left=none", "right=eth2"}, kTwo),
              ElementsAre(core::kNone, 1));
  EXPECT_THAT(std::string(rebound({"eth1"}, both, kTwo).status().message()),
              HasSubstr("port eth2 is not one that the run has opened"));
}

core::Scenario TwoPorts() {
  core::Scenario scenario = testing::Flood(1e6);
  scenario.ports = kTwo;
  scenario.messages.push_back(testing::UdpMessage("right", 124));
  scenario.messages[1].port = 1;
  for (uint32_t message : {0u, 1u}) {
    scenario.messages.push_back(scenario.messages[message]);
    scenario.messages.back().name += " of pairs";
  }
  core::Flow right = scenario.flows[0];
  right.name = "right";
  right.group = 1;
  right.ops[1].a = 1;
  core::Flow pairs = scenario.flows[0];
  pairs.name = "pairs";
  pairs.group = 2;
  pairs.clock.pps = 1e4;
  pairs.ops = {{.code = core::OpCode::kTick},
               {.code = core::OpCode::kSend, .a = 2},
               {.code = core::OpCode::kSend, .a = 3},
               {.code = core::OpCode::kJump}};
  scenario.groups.push_back({.name = "right", .count = 1});
  scenario.groups.push_back({.name = "pairs", .count = 100});
  scenario.flows.push_back(right);
  scenario.flows.push_back(pairs);
  return scenario;
}

class TwoPortsTest : public ::testing::TestWithParam<std::pair<int, int>> {
 protected:
  static RunResult RunWith(const Plan& plan, const Wiring& wiring, std::pair<int, int> layout) {
    RunOptions options;
    std::tie(options.generation_lcores, options.emission_lcores) = layout;
    options.unpaced = true;
    auto result = engine::Run(plan, options, wiring, testing::kNever);
    EXPECT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(result->verdict.ok()) << result->verdict;
    return *std::move(result);
  }

  // Packets of the two ports take turns: on a busy machine each may cost its lane a time slice.
  const Plan plan_ = *MakePlan(TwoPorts(), {.duration = Picos::FromSeconds(0.001)});
};

INSTANTIATE_TEST_SUITE_P(Wiring, TwoPortsTest,
                         ::testing::Values(std::pair(0, 1), std::pair(0, 2), std::pair(1, 1),
                                           std::pair(1, 2), std::pair(2, 1), std::pair(2, 2),
                                           std::pair(3, 2)));

TEST_P(TwoPortsTest, EachPortHasItsPartOfTheOneTrace) {
  MemoryPort whole({.virtual_time = true});
  RunWith(plan_, {.ports = {&whole}, .port_of = {0, 0}}, {0, 1});
  MemoryPort left({.name = "l", .virtual_time = true}), right({.name = "r", .virtual_time = true});
  const RunResult result =
      RunWith(plan_, {.ports = {&left, &right}, .port_of = {0, 1}}, GetParam());
  std::vector<MemoryFrame> parts[2];
  for (const MemoryFrame& frame : whole.frames()) parts[frame.bytes.size() > 60].push_back(frame);
  ASSERT_EQ(left.frames().size(), parts[0].size());
  ASSERT_EQ(right.frames().size(), parts[1].size());
  EXPECT_GT(parts[0].size(), 1'000u);
  EXPECT_GT(parts[1].size(), 1'000u);
  for (size_t i = 0; i < parts[0].size(); ++i) {
    ASSERT_EQ(left.frames()[i].bytes, parts[0][i].bytes) << i;
    ASSERT_EQ(left.frames()[i].due_ps, parts[0][i].due_ps) << i;
  }
  for (size_t i = 0; i < parts[1].size(); ++i) {
    ASSERT_EQ(right.frames()[i].bytes, parts[1][i].bytes) << i;
    ASSERT_EQ(right.frames()[i].due_ps, parts[1][i].due_ps) << i;
  }
  ASSERT_EQ(result.ports.size(), 2u);
  EXPECT_EQ(result.sent, whole.frames().size());
  EXPECT_EQ(result.ports[0].tx_packets, parts[0].size());
  EXPECT_EQ(result.ports[1].tx_packets, parts[1].size());
}

TEST_P(TwoPortsTest, ASideOfItsOwnIsThatPartOfTheTrace) {
  MemoryPort left({.virtual_time = true}), other({.virtual_time = true});
  MemoryPort alone({.virtual_time = true});
  RunWith(plan_, {.ports = {&left, &other}, .port_of = {0, 1}}, {0, 1});
  const RunResult result =
      RunWith(plan_, {.ports = {&alone}, .port_of = {0, core::kNone}}, GetParam());
  EXPECT_EQ(result.sent, left.frames().size());
  ASSERT_EQ(alone.frames().size(), left.frames().size());
  for (size_t i = 0; i < left.frames().size(); ++i) {
    ASSERT_EQ(alone.frames()[i].bytes, left.frames()[i].bytes) << i;
    ASSERT_EQ(alone.frames()[i].due_ps, left.frames()[i].due_ps) << i;
  }
}

TEST_P(TwoPortsTest, AllTogetherKeepThePacketLimit) {
  const Plan plan = *MakePlan(TwoPorts(), {.packets = 401});
  MemoryPort left({.virtual_time = true}), right({.virtual_time = true});
  const RunResult result = RunWith(plan, {.ports = {&left, &right}, .port_of = {0, 1}}, GetParam());
  EXPECT_EQ(result.sent, 401u);
  EXPECT_EQ(left.frames().size() + right.frames().size(), 401u);
  EXPECT_NEAR(static_cast<double>(left.frames().back().due_ps),
              static_cast<double>(right.frames().back().due_ps), 1e6);
}

// What was one side's is the other's in a new plan: each port goes on with its part of it.
class ExchangedSides : public TwoPortsTest {};

INSTANTIATE_TEST_SUITE_P(Wiring, ExchangedSides,
                         ::testing::Values(std::pair(0, 1), std::pair(1, 2)));

TEST_P(ExchangedSides, ANewPlanMayHaveThem) {
  const Plan endless = *MakePlan(TwoPorts(), {.packets = UINT64_MAX - 1});
  MemoryPort whole({.virtual_time = true});
  RunWith(plan_, {.ports = {&whole}, .port_of = {0, 0}}, {0, 1});
  RunOptions options;
  std::tie(options.generation_lcores, options.emission_lcores) = GetParam();
  options.frame_room = 1'514;
  bool given = false;
  options.replacement = [&]() -> std::optional<Replacement> {
    if (std::exchange(given, true)) return std::nullopt;
    return Replacement{.plan = std::make_unique<Plan>(plan_), .port_of = {1, 0}};
  };
  MemoryPort left({.name = "l", .virtual_time = true}), right({.name = "r", .virtual_time = true});
  const auto result =
      engine::Run(endless, options, {.ports = {&left, &right}, .port_of = {0, 1}}, testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->verdict.ok()) << result->verdict;
  ASSERT_EQ(result->swaps.size(), 1u);
  std::vector<MemoryFrame> parts[2];
  for (const MemoryFrame& frame : whole.frames()) parts[frame.bytes.size() <= 60].push_back(frame);
  ASSERT_GE(left.frames().size(), parts[0].size());
  ASSERT_GE(right.frames().size(), parts[1].size());
  const size_t before[] = {left.frames().size() - parts[0].size(),
                           right.frames().size() - parts[1].size()};
  EXPECT_EQ(before[0] + before[1], result->swaps[0].sent);
  EXPECT_EQ(result->sent, left.frames().size() + right.frames().size());
  const MemoryPort* const ports[] = {&left, &right};
  for (size_t p = 0; p < 2; ++p) {
    const auto& frames = ports[p]->frames();
    for (size_t i = 0; i < before[p]; ++i) ASSERT_EQ(frames[i].bytes.size() > 60, p == 1) << i;
    for (size_t i = 0; i < parts[p].size(); ++i) {
      ASSERT_EQ(frames[before[p] + i].bytes, parts[p][i].bytes) << i;
    }
  }
}

// The frames that a lane keeps are those of its own port, whose room is for these.
TEST(Run, PrefilledFramesAreTheirPortsOwn) {
  core::Scenario scenario = TwoPorts();
  for (core::Message& message : scenario.messages) message.patches.clear();
  const Plan plan = *MakePlan(scenario, {.duration = Picos::FromSeconds(0.001)});
  std::map<Mode, std::vector<std::vector<uint8_t>>> sent[2];
  for (const Mode mode : {Mode::kPrefilled, Mode::kRunToCompletion}) {
    MemoryPort left({.name = "l", .keeps_frames = true}),
        right({.name = "r", .keeps_frames = true});
    RunOptions options;
    options.mode = mode;
    options.unpaced = true;
    const auto result =
        engine::Run(plan, options, {.ports = {&left, &right}, .port_of = {0, 1}}, testing::kNever);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->mode, ModeName(mode));
    for (const MemoryFrame& frame : left.frames()) sent[0][mode].push_back(frame.bytes);
    for (const MemoryFrame& frame : right.frames()) sent[1][mode].push_back(frame.bytes);
  }
  for (auto& of_port : sent) {
    EXPECT_GT(of_port[Mode::kPrefilled].size(), 1'000u);
    EXPECT_EQ(of_port[Mode::kPrefilled], of_port[Mode::kRunToCompletion]);
  }
}

TEST(Run, ADeadPortLeavesTheOthersCaptureWhole) {
  const Plan plan = *MakePlan(TwoPorts());
  MemoryPort left({.faults = {.die_after = 5'000}}), right({});
  RunOptions options;
  options.generation_lcores = 1;
  options.emission_lcores = 1;
  options.unpaced = true;
  const auto result =
      engine::Run(plan, options, {.ports = {&left, &right}, .port_of = {0, 1}}, testing::kNever);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->verdict.ok());
  EXPECT_FALSE(left.kept());
  EXPECT_TRUE(right.kept());
  EXPECT_EQ(result->ports[0].tx_packets, 5'000u);
}

}  // namespace
}  // namespace spate::engine
