#include "report/run_report.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "report/progress.h"

namespace spate::report {
namespace {

constexpr Terminal kPlain{.fd = 1, .interactive = false, .colour = false};

measure::RunResult Stalled() {
  measure::RunResult result;
  result.elapsed_s = 4.5;
  result.trace_s = 2.5;
  result.seed = 7;
  result.planned = 25'010;
  result.sent = 25'000;
  result.dropped = {{"late", 8}, {"interrupted", 2}};
  result.ports.push_back({.name = "eth1",
                          .kind = "af_packet",
                          .tx_packets = 25'000,
                          .tx_bytes = 1'600'000,
                          .tx_pps = 10'000,
                          .tx_bps_l1 = 6'720'000,
                          .tx_bps_l2 = 5'120'000});
  result.lateness_ns.Add(100, 24'999);
  result.lateness_ns.Add(2'000'000);
  result.stalls = 1;
  result.stalled_s = 2;
  result.lcores.push_back(
      {.id = 3, .role = "fused", .packets = 25'000, .busy = 0.125, .cycles_per_packet = 61.4});
  result.verdict = absl::CancelledError("interrupted");
  result.mode = "run-to-completion";
  result.clock = {.paced = true, .tsc_hz = 2.6e9, .reason = ""};
  measure::PortResult& port = result.ports[0];
  port.departure_ns.Add(100, 24'999);
  port.interruptions.Add(3'000'000);
  port.interruptions.lateness_ns.Add(2'000'000);
  return result;
}

measure::RunResult Quiet() {
  measure::RunResult result;
  result.mode = "prefilled";
  result.elapsed_s = 0.0012;
  result.trace_s = 60;
  result.seed = 1;
  result.planned = result.sent = 100;
  result.ports.push_back(
      {.name = "out.pcap", .kind = "file", .tx_packets = 100, .tx_bytes = 6'400});
  result.lcores.push_back({.id = -1, .role = "fused", .packets = 100, .busy = 1});
  return result;
}

TEST(RunText, TellsDropsLatenessAndStalls) {
  EXPECT_EQ(RunText(Stalled(), kPlain),
            "Port  Kind       Packets      Bytes       Rate         L1         L2\n"
            "eth1  af_packet   25,000  1,600,000  10.0 kpps  6.72 Mb/s  5.12 Mb/s\n"
            "sent 25,000 of 25,010 planned, dropped 10 (interrupted 2, late 8)\n"
            "trace of 2.50 s, took 4.50 s, seed 7\n"
            "lateness p50 103 ns, p99 103 ns, p99.9 103 ns, max 2.00 ms\n"
            "departure error at eth1: p50 100 ns, p99 100 ns, max 100 ns\n"
            "  left out: 1 packet after 1 interruption of 3.00 ms in all, the longest 3.00 ms\n"
            "stalls 1: the schedule stood still for 2.00 s in all\n"
            "mode run-to-completion, paced by the TSC at 2.600 GHz\n"
            "\n"
            "Lcore  Role   Packets  Busy  Cycles/packet\n"
            "    3  fused   25,000  12 %             61\n");
}

TEST(RunText, LeavesOutWhatDidNotHappen) {
  EXPECT_EQ(RunText(Quiet(), kPlain),
            "Port      Kind  Packets  Bytes   Rate     L1     L2\n"
            "out.pcap  file      100  6,400  0 pps  0 b/s  0 b/s\n"
            "sent 100 of 100 planned, dropped 0\n"
            "trace of 1m00s, took 1.20 ms, seed 1\n"
            "mode prefilled\n"
            "\n"
            "Lcore  Role   Packets   Busy  Cycles/packet\n"
            "  any  fused      100  100 %              0\n");
}

measure::RunResult Changed() {
  measure::RunResult result = Quiet();
  result.swaps.push_back({.elapsed_s = 1.5, .trace_s = 1.4, .sent = 1, .mode = "pipeline"});
  result.swaps.push_back({.elapsed_s = 30, .trace_s = 29, .sent = 2'500, .mode = "pipeline"});
  return result;
}

TEST(RunText, TellsWhenThePlanChanged) {
  EXPECT_NE(RunText(Changed(), kPlain)
                .find("\nplan changed 2 times: at 1.50 s after 1 packet, at 30.0 s after 2,500 "
                      "packets\n"),
            std::string::npos)
      << RunText(Changed(), kPlain);
}

TEST(RunJson, TellsWhenThePlanChanged) {
  const Json swaps = RunJson(Changed())["swaps"];
  ASSERT_EQ(swaps.size(), 2u);
  EXPECT_EQ(swaps[1],
            Json({{"elapsed_s", 30.}, {"trace_s", 29.}, {"sent", 2'500}, {"mode", "pipeline"}}));
  EXPECT_EQ(RunJson(Quiet())["swaps"], Json::array());
}

TEST(RunText, BoldTitlesInColourOnly) {
  const std::string text = RunText(Quiet(), {.fd = 1, .interactive = true, .colour = true});
  EXPECT_EQ(text.substr(0, 8), "\033[1mPort");
  EXPECT_EQ(RunText(Quiet(), kPlain).find('\033'), std::string::npos);
}

std::vector<std::string> KeysOf(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& item : object.items()) keys.push_back(item.key());
  return keys;
}

TEST(RunJson, HasThePromisedKeys) {
  const Json json = RunJson(Stalled());
  using Keys = std::vector<std::string>;
  EXPECT_EQ(KeysOf(json), (Keys{"elapsed_s", "trace_s", "seed", "planned", "sent", "dropped",
                                "stalls", "stalled_s", "ports", "lateness_ns", "lcores", "swaps",
                                "mode", "clock", "verdict"}));
  EXPECT_EQ(KeysOf(json["ports"][0]),
            (Keys{"name", "kind", "tx_packets", "tx_bytes", "tx_pps", "tx_bps_l1", "tx_bps_l2",
                  "departs_by", "departure_ns", "interruptions"}));
  EXPECT_EQ(json["ports"][0]["departs_by"], "lcore");
  EXPECT_EQ(json["ports"][0]["departure_ns"]["packets"], 24'999);
  EXPECT_EQ(json["ports"][0]["interruptions"]["count"], 1);
  EXPECT_EQ(json["clock"]["kind"], "tsc");
  EXPECT_EQ(KeysOf(json["lateness_ns"]), (Keys{"p50", "p99", "p999", "max"}));
  EXPECT_EQ(KeysOf(json["lcores"][0]),
            (Keys{"id", "role", "packets", "busy", "cycles_per_packet"}));
  EXPECT_EQ(json["dropped"], Json({{"interrupted", 2}, {"late", 8}}));
  EXPECT_EQ(json["lateness_ns"]["max"], 2'000'000);
  EXPECT_EQ(json["verdict"], "interrupted");
}

TEST(RunReport, TellsWhoseClockItWas) {
  measure::RunResult result = Stalled();
  result.ports[0].keeps_time = true;
  EXPECT_EQ(RunJson(result)["ports"][0]["departs_by"], "device");
  EXPECT_NE(RunText(result, kPlain)
                .find("departures by the device's own clock, handed over late at eth1: p50 "),
            std::string::npos)
      << RunText(result, kPlain);
}

TEST(RunJson, NoDropsIsAnEmptyObject) {
  const Json json = RunJson(Quiet());
  EXPECT_EQ(json["dropped"], Json::object());
  EXPECT_EQ(json["clock"], nullptr) << "a file is not paced";
  EXPECT_EQ(json["verdict"], "done");
}

TEST(Text, SurvivesNamesThatAreNotUtf8) {
  measure::RunResult result = Quiet();
  result.ports[0].name = "a\xff";
  EXPECT_NE(Text(RunJson(result)).find("\"a\xef\xbf\xbd\""), std::string::npos);
}

measure::Progress Halfway() {
  return {.elapsed_s = 2.04,
          .sent = 20'000,
          .bytes = 1'280'000,
          .dropped = 3,
          .stalls = 1,
          .trace_s = 2,
          .ports = {{.name = "null",
                     .kind = "null",
                     .tx_packets = 20'000,
                     .tx_bytes = 1'280'000,
                     .tx_pps = 9'998,
                     .tx_bps_l1 = 6'718'656,
                     .tx_bps_l2 = 5'118'976}}};
}

TEST(Reached, TakesWhateverIsNearerToItsEnd) {
  const measure::Progress now = Halfway();
  EXPECT_EQ(Reached({.name = "", .duration_s = {}, .packets = {}}, now), std::nullopt);
  EXPECT_DOUBLE_EQ(*Reached({.name = "", .duration_s = 4, .packets = {}}, now), 0.5);
  EXPECT_DOUBLE_EQ(*Reached({.name = "", .duration_s = 8, .packets = 40'006}, now), 0.5);
  EXPECT_DOUBLE_EQ(*Reached({.name = "", .duration_s = 1, .packets = {}}, now), 1);
}

TEST(ProgressLine, HoldsEveryFigure) {
  EXPECT_EQ(ProgressLine({.name = "flood", .duration_s = 4, .packets = {}}, Halfway()),
            "2.0 s  trace 2.0 s of 4.00 s  sent 20,000  dropped 3  stalls 1  null 10.0 kpps 6.72 "
            "Mb/s L1 5.12 "
            "Mb/s L2\n");
}

TEST(ProgressLine, CountsNewPlans) {
  measure::Progress now = Halfway();
  now.swaps = 2;
  EXPECT_NE(
      ProgressLine({.name = "flood", .duration_s = {}, .packets = {}}, now).find("  new plans 2"),
      std::string::npos);
}

TEST(ProgressLine, ARunByTheClockHasNoTraceToWaitFor) {
  measure::Progress now = Halfway();
  now.trace_s = 500;
  const RunGoal goal{.name = "flood", .duration_s = 4, .packets = {}, .by_clock = true};
  EXPECT_EQ(ProgressLine(goal, now).substr(0, 26), "2.0 s of 4.00 s  sent 20,0");
  EXPECT_DOUBLE_EQ(*Reached(goal, now), 0.51);
}

TEST(ProgressTable, DrawsABarWhereTheEndIsKnown) {
  EXPECT_EQ(ProgressTable({.name = "flood", .duration_s = 4, .packets = {}}, Halfway(), kPlain),
            "flood  2.0 s  trace 2.0 s of 4.00 s  [############------------] 50 %\n"
            "Port    Sent       Rate         L1         L2\n"
            "null  20,000  10.0 kpps  6.72 Mb/s  5.12 Mb/s\n"
            "sent 20,000  dropped 3  stalls 1\n");
  EXPECT_EQ(ProgressTable({.name = "flood", .duration_s = {}, .packets = {}}, Halfway(), kPlain)
                .substr(0, 13),
            "flood  2.0 s\n");
}

TEST(ProgressTable, IsClippedToTheTerminal) {
  const std::string name(200, 'x');
  const std::string text =
      ProgressTable({.name = name, .duration_s = {}, .packets = {}}, Halfway(), {.fd = -1});
  EXPECT_EQ(text.find('\n'), 80u);  // no terminal answers: 80 columns
}

}  // namespace
}  // namespace spate::report
