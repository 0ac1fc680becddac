// When instances come, how long they stay, who takes their place; flows that wait for others.
#include <map>
#include <set>

#include "tests/engine/behaviour.h"

namespace spate::engine {
namespace {

using testing::TraceOf;

TEST(Life, InstancesArriveOneByOne) {
  const auto trace = [](const std::string& arrive) {
    return TraceOf(R"("groups": {"g": {"count": 3, "arrive": )" + arrive +
                       R"(, "flows": {"x": {"message": "a", "start": "100ms"}}}})",
                   60);
  };
  EXPECT_EQ(trace(R"({"rate": "2pps"})"), "a@0.1 a@0.6 a@1.1");
  EXPECT_EQ(trace(R"({"every": "2s"})"), "a@0.1 a@2.1 a@4.1");
  EXPECT_EQ(trace(R"({"at": ["5s", "1s", "1s"]})"), "a@1.1 a@1.1 a@5.1");
}

TEST(Life, PoissonArrivalsHaveTheAskedRate) {
  const auto plan = testing::PlanOf(
      testing::Behaviour(
          R"("groups": {"g": {"count": 10000, "arrive": {"poisson": "100pps"}, "flows": {"x": {"message": "a"}}}})"),
      1'000);
  ASSERT_TRUE(plan.has_value());
  const auto records = testing::Expanded(*plan, {}, 1'000'000)[0];
  ASSERT_EQ(records.size(), 10'000u);
  // Five standard deviations of a sum of 10,000 exponential gaps of 10 ms.
  EXPECT_NEAR(static_cast<double>(records.back().key.due_ps) * 1e-12, 100, 5);
}

TEST(Life, AllFlowsStopWhenItEnds) {
  EXPECT_EQ(
      TraceOf(
          R"("groups": {"g": {"count": 2, "arrive": {"at": ["0s", "1s"]}, "lifetime": "2.5s", "flows": {
"x": {"every": "1s", "message": "a"}, "y": {"steps": [{"wait": "2.4s"}, {"send": "b"}, {"wait": "1s"}, {"send": "b"}]}}}})",
          60),
      "a@0 a@1 a@1 a@2 a@2 b@2.4 a@3 b@3.4");
}

TEST(Life, AnotherInstanceTakesThePlace) {
  EXPECT_EQ(
      TraceOf(R"("groups": {"g": {"lifetime": "2.5s", "replace": true, "vars": {"n": 0}, "flows": {
"x": {"every": "1s", "start": "100ms", "steps": [{"set": {"var": "n", "add": 1}},
  {"when": {"var": "n", "is": 1, "steps": [{"send": "a"}], "else": [{"send": "b"}]}}]}}}})",
              6),
      "a@0.1 b@1.1 b@2.1 a@2.6 b@3.6 b@4.6 a@5.1");
  // Without a lifetime, when all its flows have ended.
  EXPECT_EQ(TraceOf(R"("groups": {"g": {"replace": true, "flows": {
"x": {"steps": [{"send": "a"}, {"wait": "1s"}]}, "y": {"steps": [{"send": "b"}, {"wait": "2s"}]}}}})",
                    4.5),
            "a@0 b@0 a@2 b@2 a@4 b@4");
}

// The successor has an identity of its own: other hosts, other numbers.
TEST(Life, SuccessorsAreOthers) {
  const std::string text = R"({"spate": 1,
"hosts": {"devices": {"count": 100, "ipv4": {"increment": {"start": "198.18.0.1"}}}},
"messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {"src": {"host": "me"}, "dst": "198.19.0.1"}},
  {"udp": {"src_port": {"var": "port"}, "dst_port": 9}}], "size": 64}},
"groups": {"g": {"count": 3, "lifetime": "1s", "replace": true, "bind": {"me": "devices"},
  "vars": {"port": {"random": {"min": 1024, "max": 65535}}},
  "flows": {"x": {"every": "300ms", "message": "m"}}}}})";
  const auto plan = testing::PlanOf(text, 4);
  ASSERT_TRUE(plan.has_value());
  const auto records = testing::Expanded(*plan, {})[0];
  testing::ExpectAnyShardingGives(*plan, records);
  Expander expander(*plan, Shard{});
  std::vector<Slot> slots(1'000);
  Lane lane{.slots = slots.data(), .used = 0, .capacity = 1'000};
  while (expander.Expand({&lane, 1})) {
  }
  std::map<uint64_t, std::set<uint64_t>> ports;  // by address
  size_t packets = 0;
  for (uint32_t at = 0; at < lane.used; at += SlotsOf(*plan, slots[at].descriptor)) {
    ASSERT_EQ(plan->messages[slots[at].descriptor.message].wide_words, 0u);
    ports[HalfAt(&slots[at], 0)].insert(HalfAt(&slots[at], 1));
    ++packets;
  }
  EXPECT_EQ(packets, 48u);  // 3 places, 4 lives, 4 packets each
  EXPECT_EQ(ports.size(), 12u) << "each life has an address of its own";
  for (const auto& [address, drawn] : ports) EXPECT_EQ(drawn.size(), 1u) << address;
}

TEST(Life, ChurnIsTheSameForAnySharding) {
  const std::string trace = TraceOf(R"("groups": {"g": {"count": 8, "arrive": {"poisson": "200pps"},
"lifetime": {"exponential": {"mean": "50ms"}}, "replace": true, "flows": {
"x": {"poisson": "200pps", "message": "a"}, "y": {"rate": "100pps", "message": "v"}}}})",
                                    0.3);
  EXPECT_GT(trace.size(), 1'000u);
}

TEST(Join, WaitsForAllOrSome) {
  const auto trace = [](const std::string& join) {
    return TraceOf(R"("groups": {"g": {"flows": {
"x": {"steps": [{"wait": "1s"}, {"send": "a"}]},
"y": {"every": "1s", "passes": 3, "steps": [{"wait": "500ms"}, {"send": "b"}]},
"last": {"steps": [{"join": )" +
                       join + R"(}, {"send": "c"}]}}}})",
                   60);
  };
  EXPECT_EQ(trace(R"(["x"])"), "b@0.5 a@1 c@1 b@1.5 b@2.5");
  EXPECT_EQ(trace(R"(["x", "y"])"), "b@0.5 a@1 b@1.5 b@2.5 c@2.5");
  EXPECT_EQ(trace(R"({"flows": ["x", "y"], "count": 1})"), "b@0.5 a@1 c@1 b@1.5 b@2.5");
}

TEST(Join, SeesFlowsThatWereStopped) {
  EXPECT_EQ(TraceOf(R"("groups": {"g": {"flows": {
"wait": {"steps": [{"join": ["poll"]}, {"send": "c"}]},
"poll": {"every": "1s", "message": "a"},
"boss": {"start": "1.5s", "steps": [{"stop": "poll"}]}}}})",
                    60),
            "a@0 a@1 c@1.5");
}

}  // namespace
}  // namespace spate::engine
