// Steps → operations.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "sample.h"

namespace spate::tmpl {
namespace {

std::string ProgramOf(const std::string& flow) {
  const core::Scenario s = MustCompile(FlowTemplate(flow));
  return s.flows.empty() ? "" : ProgramText(s.flows[0]);
}
std::string ProgramOfSteps(const std::string& steps) {
  return ProgramOf(R"("every": "1s", "steps": [)" + steps + "]");
}

TEST(Program, MessageIsShortForOneSend) {
  EXPECT_EQ(ProgramOf(R"("message": "a", "rate": "1kpps")"), "tick; send 0; jump 0");
  EXPECT_EQ(ProgramOf(R"("message": "a")"), "tick; send 0; end");
}

TEST(Program, SendAndWait) {
  EXPECT_EQ(ProgramOfSteps(R"({"send": "a"}, {"wait": "1ms"}, {"send": "b"}, {"send": "a"})"),
            "tick; send 0; wait #0; send 1; send 0; jump 0");
  EXPECT_EQ(ProgramOfSteps(R"({"send": "a"}, {"wait": 0})"), "tick; send 0; jump 0");
}

TEST(Program, ChooseJumpsByWeight) {
  const core::Scenario s = MustCompile(FlowTemplate(
      R"("every": "1s", "steps": [{"choose": [{"weight": 3, "steps": [{"send": "a"}]},
{"weight": 1, "steps": [{"send": "b"}]}, {"weight": 2}]}, {"send": "a"}])"));
  EXPECT_EQ(ProgramText(s.flows[0]),
            "tick; choose #0; send 0; jump 6; send 1; jump 6; send 0; jump 0");
  const core::Law& law = s.laws[s.draws[0].law];
  EXPECT_EQ(law.kind, core::Law::Kind::kAlias);
  EXPECT_EQ(law.values, (std::vector<uint64_t>{2, 4, 6}));
  EXPECT_EQ(law.weights, (std::vector<double>{3, 1, 2}));
}

TEST(Program, LoopCountsAHiddenVariable) {
  EXPECT_EQ(ProgramOfSteps(R"({"loop": {"times": 10, "steps": [{"send": "a"}, {"wait": "1ms"}]}})"),
            "tick; set $0 10; send 0; wait #0; loop $0 2; jump 0");
  // A count that may be 0 is tested first.
  EXPECT_EQ(
      ProgramOfSteps(
          R"({"loop": {"times": {"random": {"min": 0, "max": 3}}, "steps": [{"send": "a"}]}})"),
      "tick; set $0 #0; unless $0!=0 5; send 0; loop $0 3; jump 0");
}

TEST(Program, SetChangesVariables) {
  EXPECT_EQ(ProgramOf(R"("vars": {"x": 7, "y": {"random": {"min": 1, "max": 6}}}, "steps": [
{"set": {"var": "x", "to": {"var": "y"}}}, {"set": {"var": "y", "add": 1, "mod": 256}},
{"set": {"var": "y", "add": -1, "mod": 256}}, {"set": {"var": "x", "add": -1}},
{"set": {"var": "x", "to": 300, "mod": 256}}, {"send": "a"}])"),
            "tick; set $0 7; set $1 #0; set $0 $1; add $1 1 mod 256; add $1 255 mod 256; "
            "add $0 18446744073709551615; set $0 300; add $0 0 mod 256; send 0; end");
}

TEST(Program, SetKeepsVariablesWithinBounds) {
  const auto set = [](const std::string& keys) {
    return ProgramOf(Concat(R"("vars": {"x": -7}, "steps": [{"set": {"var": "x", )", keys,
                            R"(}}, {"send": "a"}])"));
  };
  const std::string x = "tick; set $0 18446744073709551609; ";
  EXPECT_EQ(set(R"("scale": -1.5)"), Concat(x, "scale $0 18446744067267100672; send 0; end"));
  EXPECT_EQ(set(R"("add": 1, "min": -3, "max": 9)"),
            Concat(x,
                   "add $0 1; unless $0<18446744073709551613 5; set $0 18446744073709551613; "
                   "unless $0>9 7; set $0 9; send 0; end"));
  // 2^62 is 461168601842738790 times 10 and 4.
  EXPECT_EQ(set(R"("add": 1, "min": -3, "max": 6, "beyond": "wrap")"),
            Concat(x,
                   "add $0 1; add $0 4611686018427387903 mod 10; add $0 18446744073709551613; "
                   "send 0; end"));
  // A law that may be below 0 is lifted before the modulus.
  EXPECT_EQ(set(R"("add": {"random": {"min": -2, "max": 2}}, "mod": 10)"),
            Concat(x, "add $0 #0; add $0 4611686018427387900 mod 10; send 0; end"));
  EXPECT_EQ(set(R"("sine": {"mean": 5, "amplitude": 2, "period": "4us", "phase": 0.25})"),
            Concat(x, "wave $0 #0 +1000000 mod 4000000; send 0; end"));
}

TEST(Program, CountsAreNotNegative) {
  EXPECT_EQ(
      FaultsOf(FlowTemplate(
          R"("steps": [{"loop": {"times": {"random": {"min": -1, "max": 3}}, "steps": [{"send": "a"}]}}])")),
      "t.json:4: $.flows.f.steps[0].loop.times: found a count of -1, expected a count ≥ 0");
  EXPECT_EQ(
      FaultsOf(FlowTemplate(R"("vars": {"x": {"random": {"min": 3, "max": -3}}}, "message": "a")")),
      "t.json:4: $.flows.f.vars.x: found a range from 3 to -3, expected \"min\" at most "
      "\"max\"");
}

TEST(Program, ExchangeWaitsForTheAnswer) {
  EXPECT_EQ(ProgramOfSteps(R"({"exchange": {"request": "a", "response": "b", "delay": "2ms"}})"),
            "tick; send 0; wait #0; send 1; jump 0");
}

TEST(Program, ExchangeRetriesAreUnrolled) {
  const core::Scenario s = MustCompile(FlowTemplate(
      R"("every": "9s", "steps": [{"exchange": {"request": "a", "response": "b", "delay": "2ms", "loss": 0.25, "timeout": "1s", "retries": 1}}])"));
  EXPECT_EQ(ProgramText(s.flows[0]),
            "tick; send 0; choose #0; wait #1; send 0; choose #2; wait #3; jump 10; wait #4; send "
            "1; jump 0");
  for (const uint32_t draw : {0u, 2u}) {
    const core::Law& law = s.laws[s.draws[draw].law];
    EXPECT_EQ(law.weights, (std::vector<double>{0.75, 0.25}));
    EXPECT_EQ(law.values, (std::vector<uint64_t>{8, draw == 0 ? 3u : 6u}));
  }
  EXPECT_NE(s.draws[0].salt, s.draws[2].salt);
}

TEST(Program, TimeoutsOfAnExchangeStayWithinWhatTimeHolds) {
  constexpr std::string_view kExchange =
      R"("steps": [{"exchange": {"request": "a", "response": "b", "delay": 0, "loss": 0.5,
"timeout": "1s", "backoff": 1000, "retries": 3)";
  EXPECT_EQ(FaultsOf(FlowTemplate(Concat(kExchange, "}}]"))),
            "t.json:4: $.flows.f.steps[0].exchange.backoff: found a last time-out of 1e+09 s, "
            "expected at most 9e+06 s: a smaller factor, or \"max_timeout\"");
  EXPECT_EQ(FaultsOf(FlowTemplate(Concat(kExchange, R"(, "max_timeout": "1h"}}])"))), "");
}

TEST(Program, ClocksSayWhenPassesBegin) {
  const auto clock = [](const std::string& keys) {
    const core::Scenario s = MustCompile(FlowTemplate(R"("message": "a", )" + keys));
    return s.flows.at(0).clock;
  };
  using Kind = core::Clock::Kind;
  EXPECT_EQ(clock(R"("rate": "1mpps")").pps, 1e6);
  // 60 bytes and FCS are 512 bits on L2, 672 on L1.
  EXPECT_DOUBLE_EQ(clock(R"("rate": "1gbps")").pps, 1e9 / 512);
  EXPECT_DOUBLE_EQ(clock(R"("rate": "1gbpsl1")").pps, 1e9 / 672);
  EXPECT_EQ(clock(R"("poisson": "100pps")").kind, Kind::kRenewal);
  EXPECT_EQ(clock(R"("every": {"exponential": {"mean": "1s"}})").kind, Kind::kRenewal);
  const core::Clock grid = clock(R"("grid": {"period": "10s", "jitter": "1ms"})");
  EXPECT_EQ(grid.kind, Kind::kGrid);
  EXPECT_EQ(grid.period, Picos::FromSeconds(10));
  EXPECT_NE(grid.jitter, core::kNone);
  EXPECT_EQ(clock(R"("start": "1s")").kind, Kind::kOnce);
}

TEST(Program, BitRatesCountAllFramesOfAPass) {
  const core::Scenario s = MustCompile(FlowTemplate(
      R"("rate": "1mbps", "steps": [{"send": "a"}, {"loop": {"times": 3, "steps": [{"send": "b"}]}},
{"choose": [{"steps": [{"send": "a"}]}, {}]}])"));
  EXPECT_DOUBLE_EQ(s.flows[0].clock.pps, 1e6 / (512 * 4.5));
}

TEST(Program, BurstsLoopOverThePass) {
  EXPECT_EQ(ProgramOf(R"("every": "1s", "message": "a", "burst": {"count": 5, "gap": "1us"})"),
            "tick; set $0 5; send 0; loop $0 5; jump 7; wait #0; jump 2; jump 0");
  EXPECT_EQ(
      ProgramOf(R"("message": "a", "burst": {"count": 5, "rate": "1gbps", "pause": "1ms"})"),
      "tick; set $1 $0; set $3 5; send 0; loop $3 6; jump 8; settle 0; jump 3; wait #0; jump 0");
}

TEST(Program, BurstsMayTakeAShareOfTheLine) {
  constexpr char kFlow[] =
      R"("passes": 3, "message": "a", "burst": {"count": 5, "rate": "50%", "pause": "1ms"})";
  EXPECT_NE(FaultsOf(FlowTemplate(kFlow))
                .find("$.flows.f.burst.rate: found \"50%\", expected the line's speed"),
            std::string::npos);
  const core::Scenario s = MustCompile(FlowTemplate(kFlow, R"("line": "10gbps")"));
  ASSERT_EQ(s.flows[0].paces.size(), 1u);
  EXPECT_DOUBLE_EQ(s.flows[0].paces[0].picos_per_byte, 1'600);
  EXPECT_DOUBLE_EQ(s.flows[0].paces[0].picos_per_frame, 20 * 1'600);
}

TEST(Program, BitRatesOfVaryingFramesArePaced) {
  const core::Scenario s = MustCompile(kEverything);
  const auto flow = [&](const std::string& name) {
    return *std::ranges::find(s.flows, name, &core::Flow::name);
  };
  EXPECT_EQ(flow("burst").paces.size(), 1u);
  EXPECT_DOUBLE_EQ(flow("burst").paces[0].picos_per_byte, 800);
  EXPECT_EQ(flow("flood").paces.size(), 0u);
}

TEST(Program, GroupsFlowsAndLimits) {
  const core::Scenario s = MustCompile(kEverything);
  ASSERT_EQ(s.groups.size(), 10u);
  EXPECT_EQ(s.groups[0].name, "users");
  EXPECT_EQ(s.groups[0].count, 10u);
  ASSERT_EQ(s.flows.size(), 17u);
  EXPECT_EQ(s.flows[1].name, "users/dns");
  EXPECT_EQ(s.flows[1].passes, 100u);
  EXPECT_NE(s.flows[1].start, core::kNone);
  EXPECT_EQ(s.flows[9].name, "flood");
  EXPECT_EQ(s.flows[16].passes, 1u);
  EXPECT_EQ(s.duration, Picos::FromSeconds(60));
  EXPECT_EQ(s.packets, 1000u);
  EXPECT_EQ(s.rate, "10gbps");
}

TEST(Program, DrawsAreSaltedByPlaceNotByOrder) {
  const auto salt = [](const std::string& steps) {
    const core::Scenario s = MustCompile(FlowTemplate(R"("steps": [)" + steps + "]"));
    return s.draws.back().salt;
  };
  EXPECT_EQ(salt(R"({"wait": "1s"}, {"wait": {"exponential": {"mean": "1s"}}}, {"send": "a"})"),
            salt(R"({"send": "a"}, {"wait": {"exponential": {"mean": "2s"}}})"));
}

}  // namespace
}  // namespace spate::tmpl
