// When the passes of flows begin: bursts, phases, lists of times, bit rates.
#include <map>

#include "tests/engine/behaviour.h"

namespace spate::engine {
namespace {

using testing::Behaviour;
using testing::PlanOf;
using testing::TraceOf;

TEST(Clock, BurstsRepeatThePassWithGaps) {
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"every": "1s", "passes": 2, "message": "a",
"burst": {"count": 3, "gap": "1ms"}}})",
                    60),
            "a@0 a@0.001 a@0.002 a@1 a@1.001 a@1.002");
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"grid": {"period": "1s"}, "passes": 2,
"steps": [{"send": "a"}, {"wait": "10ms"}, {"send": "b"}], "burst": {"count": 2, "rate": "100pps"}}})",
                    60),
            "a@0 b@0.01 a@0.02 b@0.03 a@1 b@1.01 a@1.02 b@1.03");
}

// 64 bytes with FCS are 512 bits on L2, 672 on L1.
TEST(Clock, BurstsAtABitRate) {
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"every": "9s", "passes": 2, "message": "a",
"burst": {"count": 3, "rate": "512bps"}}})",
                    60),
            "a@0 a@1 a@2 a@9 a@10 a@11");
  EXPECT_EQ(
      TraceOf(R"("flows": {"f": {"message": "a", "burst": {"count": 3, "rate": "672bpsl1"}}})", 60),
      "a@0 a@1 a@2");
}

TEST(Clock, BurstsWithAPauseInsteadOfAClock) {
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"message": "a", "passes": 2,
"burst": {"count": 2, "gap": "1s", "pause": "3s"}}})",
                    60),
            "a@0 a@1 a@4 a@5");
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"message": "a", "burst": {"count": 1, "pause": "2s"}}})", 5),
            "a@0 a@2 a@4");
}

// A pass of a second or a little less, ten or one of which the clock asks for.
TEST(Clock, ThePlanSaysWhenPassesLastTooLongForIt) {
  const auto notes = [](const std::string& clock, const std::string& pass) {
    const auto plan = PlanOf(Behaviour(Concat(R"("groups": {"g": {"count": 4, "flows": {"f": {)",
                                              clock, R"(, "steps": [)", pass, "]}}}}")),
                             100);
    return plan ? plan->notes : std::vector<std::string>{"no plan"};
  };
  constexpr char kLong[] = R"({"send": "a"}, {"wait": "990ms"}, {"send": "b"})";
  for (const char* clock : {R"("rate": "10pps")", R"("poisson": "10pps")", R"("every": "100ms")",
                            R"("grid": {"period": "100ms"})", R"("rate": "10kbps")"}) {
    const std::vector<std::string> found = notes(clock, kLong);
    ASSERT_EQ(found.size(), 1u) << clock;
    EXPECT_EQ(found[0].find("t.json:1: $.groups.g.flows.f: found passes that last longer than the "
                            "clock leaves them: 10 % of those asked for begin"),
              0u)
        << found[0];
  }
  for (const char* clock :
       {R"("rate": "1pps")", R"("every": "1s")", R"("grid": {"period": "1s"})",
        R"("rate": "3pps", "total": true)", R"("poisson": "3pps", "total": true)",
        R"("rate": "10pps", "passes": 9)", R"("poisson": "0.8pps")",
        R"("rate": "10pps", "on_off": {"on": "1s", "off": "20s"})"}) {
    EXPECT_TRUE(notes(clock, kLong).empty()) << clock;
  }
  EXPECT_TRUE(notes(R"("rate": "10pps")", R"({"send": "a"})").empty());
}

// Nobody knows beforehand how far apart a conversation's share wants its passes.
TEST(Clock, ThePlanSaysWhenPassesLastTooLongForTheirShare) {
  const auto notes = [](const std::string& wait) {
    const auto plan = PlanOf(
        Behaviour(Concat(
            R"("rate": "1kpps", "hosts": {"c": {"ipv4": "198.18.0.1"}, "s": {"ipv4": "198.19.0.1"}},
"flows": {"f": {"share": 1, "client": "c", "server": "s", "tcp": {"port": 80},
"steps": [{"client": {"uniform": {"min": 10, "max": 90}}}, {"wait": ")",
            wait, R"("}]}})")),
        100);
    return plan ? plan->notes.size() : 99;
  };
  EXPECT_EQ(notes("1s"), 1u);
  EXPECT_EQ(notes("1us"), 0u);
}

TEST(Clock, BurstsOfRandomLengthMayBeEmpty) {
  const std::string trace = TraceOf(R"("flows": {"f": {"every": "1s", "passes": 100, "message": "a",
"burst": {"count": {"values": [0, 2]}, "gap": "1ms"}}})",
                                    600);
  EXPECT_EQ(trace.substr(0, 31), "a@1 a@1.001 a@3 a@3.001 a@5 a@5");
}

TEST(Clock, BitRatesSpaceEachGapByTheFrameJustSent) {
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"rate": "1024bps", "message": "v"}})", 3.2),
            "v@0 v@0.5 v@1.5 v@2 v@3");
  // A pass that takes longer than its bits is followed by the next one at once.
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"rate": "1024bps", "passes": 3, "steps": [
{"send": "a"}, {"choose": [{"steps": [{"wait": "2s"}, {"send": "b"}]}]}]}})",
                    60),
            "a@0 b@2 a@2 b@4 a@4 b@6");
}

// 3 Gbps: 8/3 ns a byte, whose fractions must not get lost.
TEST(Clock, BitRatesDoNotDrift) {
  const auto plan = testing::PlanOf(
      testing::Behaviour(R"("flows": {"f": {"rate": "3gbps", "message": "v", "passes": 100001}})"),
      1);
  ASSERT_TRUE(plan.has_value());
  const auto records = testing::Expanded(*plan, {}, 1'000'000)[0];
  ASSERT_EQ(records.size(), 100'001u);
  const double bits = 50'000.0 * (64 + 128) * 8;
  EXPECT_NEAR(static_cast<double>(records.back().key.due_ps), bits / 3e9 * 1e12, 15);
}

TEST(Clock, OffPhasesStopTheClock) {
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"rate": "1pps", "message": "a",
"on_off": {"on": "2s", "off": "3s"}}})",
                    12),
            "a@0 a@1 a@5 a@6 a@10 a@11");
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"every": "1.5s", "message": "a", "start": "1s",
"on_off": {"on": {"values": ["2s", "1s"]}, "off": {"values": ["3s", "4s"]}}}})",
                    14),
            "a@1 a@2.5 a@11 a@12.5");
}

TEST(Clock, APausedFlowKeepsItsPhase) {
  // On for 2 s, off for 1 s; paused from 0.5 s to 10.5 s.
  EXPECT_EQ(TraceOf(R"("groups": {"g": {"flows": {
"f": {"rate": "1pps", "message": "a", "on_off": {"on": "2s", "off": "1s"}},
"boss": {"start": "0.5s", "steps": [{"pause": "f"}, {"wait": "10s"}, {"start": "f"}]}}}})",
                    15),
            "a@0 a@11 a@13 a@14");
}

TEST(Clock, PassesAtTimesOfTheRun) {
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"at": ["0s", "1s", "2.5s"], "message": "a"}})", 60),
            "a@0 a@1 a@2.5");
  EXPECT_EQ(TraceOf(R"("flows": {"f": {"at": ["1s", "2.5s"], "start": "2s", "message": "a"}})", 60),
            "a@2.5");
}

TEST(Clock, PassesAtAges) {
  EXPECT_EQ(TraceOf(R"("groups": {"g": {"flows": {
"f": {"ages": ["1s", "2s"], "message": "a", "idle": true},
"boss": {"every": "5s", "passes": 2, "steps": [{"restart": "f"}]}}}})",
                    60),
            "a@1 a@2 a@6 a@7");
}

TEST(Clock, PhasesSpreadInstancesOverAPeriod) {
  const auto trace = [](const std::string& flow) {
    return TraceOf(
        R"("groups": {"g": {"count": 4, "flows": {"f": {)" + flow + R"(, "message": "a"}}}})", 6);
  };
  EXPECT_EQ(trace(R"("every": "4s", "phase": "even")"), "a@0 a@1 a@2 a@3 a@4 a@5");
  EXPECT_EQ(trace(R"("grid": {"period": "4s"}, "start": "1s", "phase": "even")"),
            "a@1 a@2 a@3 a@4 a@5");
  EXPECT_EQ(trace(R"("grid": {"period": "4s"})"), "a@0 a@0 a@0 a@0 a@4 a@4 a@4 a@4");
  EXPECT_EQ(trace(R"("rate": "0.25pps")"), "a@0 a@1 a@2 a@3 a@4 a@5");
  EXPECT_EQ(trace(R"("rate": "0.25pps", "phase": "same")"), "a@0 a@0 a@0 a@0 a@4 a@4 a@4 a@4");
  EXPECT_NE(trace(R"("grid": {"period": "4s"}, "phase": "random")"),
            trace(R"("grid": {"period": "4s"}, "phase": "even")"));
}

// Together the instances are one Poisson process, from the first moment on.
TEST(Clock, APoissonClocksRandomPhaseHasNoMemoryEither) {
  const auto plan = PlanOf(
      Behaviour(
          R"("groups": {"g": {"count": 2000, "flows": {"f": {"poisson": "2kpps", "total": true, "phase": "random", "message": "a"}}}})"),
      4);
  ASSERT_TRUE(plan);
  std::map<int64_t, int> passes;  // by half seconds
  const std::vector<testing::Record> records = testing::Expanded(*plan, {})[0];
  for (const testing::Record& record : records) {
    ++passes[record.key.due_ps / 500'000'000'000];
  }
  ASSERT_EQ(passes.size(), 8u);
  for (const auto& [half, count] : passes) EXPECT_NEAR(count, 1'000, 150) << half;
}

TEST(Clock, RandomClocksAreTheSameForAnySharding) {
  const std::string trace = TraceOf(R"("groups": {"g": {"count": 5, "flows": {
"x": {"poisson": "50pps", "message": "v", "on_off": {"on": {"exponential": {"mean": "20ms"}}, "off": {"exponential": {"mean": "30ms"}}}},
"y": {"every": "40ms", "phase": "random", "message": "v",
      "burst": {"count": {"random": {"min": 0, "max": 9}}, "rate": "1mbps"}},
"z": {"rate": "100kbps", "message": "v"}}}})",
                                    0.5);
  EXPECT_GT(trace.size(), 1'000u);
}

}  // namespace
}  // namespace spate::engine
