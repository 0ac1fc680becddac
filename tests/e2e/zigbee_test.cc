// The smart plug of configs/ against the figures that docs/zigbee.md gives: ten runs
// of 591.5 s, read back as tables.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/json.h"
#include "tests/e2e/process.h"
#include "tests/golden/tshark.h"

namespace spate::testing {
namespace {

constexpr int kSeeds = 10;
const std::string kHub = "0xd7a7", kPlug = "0x1de6";

struct Row {
  double time = 0;
  std::string source, destination, protocol, type;  // type: info without the number
  uint64_t length = 0;
  int seq = -1;
};
using ZigbeeTrace = std::vector<Row>;

ZigbeeTrace ReadRows(const std::string& path) {
  std::istringstream lines(ReadWholeFile(path));
  ZigbeeTrace trace;
  for (std::string line; std::getline(lines, line);) {
    const JsonText json(line);
    Row row{.time = json.Real("/time"),
            .source = json.String("/source"),
            .destination = json.String("/destination"),
            .protocol = json.String("/protocol"),
            .type = json.String("/info"),
            .length = json.Integer("/length")};
    constexpr std::string_view kSeq = ", Seq: ";
    if (const size_t at = row.type.find(kSeq); at != std::string::npos) {
      EXPECT_TRUE(absl::SimpleAtoi(row.type.substr(at + kSeq.size()), &row.seq)) << row.type;
      row.type.resize(at);
    }
    trace.push_back(row);
  }
  return trace;
}

const std::vector<ZigbeeTrace>& Traces() {
  static const std::vector<ZigbeeTrace> traces = [] {
    std::vector<ZigbeeTrace> made;
    const TempDir dir;
    for (int seed = 1; seed <= kSeeds; ++seed) {
      const std::string path = dir / "plug.jsonl";
      const Outcome run = Execute({"run", SourceFile("configs/zigbee-smart-plug.json"), "--port",
                                   path, "--seed", std::to_string(seed), "--quiet"});
      EXPECT_EQ(run.exit_code, 0) << run.err;
      made.push_back(ReadRows(path));
    }
    return made;
  }();
  return traces;
}

std::vector<Row> Select(const ZigbeeTrace& trace, uint64_t length, const std::string& type) {
  std::vector<Row> rows;
  for (const Row& row : trace) {
    if (row.length == length && row.type == type) rows.push_back(row);
  }
  return rows;
}

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double Deviation(const std::vector<double>& values) {
  const double mean = Mean(values);
  double sum = 0;
  for (double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

// Polls without their repetitions (same number, some milliseconds later).
std::vector<Row> Rounds(const ZigbeeTrace& trace) {
  std::vector<Row> rounds;
  for (const Row& row : Select(trace, 56, "ZCL: Read Attributes")) {
    if (rounds.empty() || row.time - rounds.back().time > 1) rounds.push_back(row);
  }
  return rounds;
}

// Seconds from each request to the response with its number.
std::vector<double> Delays(const ZigbeeTrace& trace, uint64_t request, uint64_t response) {
  std::vector<double> delays;
  for (size_t i = 0; i < trace.size(); ++i) {
    if (trace[i].length != response || trace[i].type != "ZCL: Read Attributes Response") continue;
    for (size_t j = i; j-- > 0 && trace[i].time - trace[j].time < 1;) {
      const bool first = j == 0 || trace[j - 1].seq != trace[j].seq;
      if (trace[j].length == request && trace[j].seq == trace[i].seq && first) {
        delays.push_back(trace[i].time - trace[j].time);
      }
    }
  }
  return delays;
}

template <class Make>
std::vector<double> OfAll(Make make) {
  std::vector<double> all;
  for (const ZigbeeTrace& trace : Traces()) {
    const std::vector<double> some = make(trace);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// What the sample holds: packets by length and type.
const std::map<std::pair<uint64_t, std::string>, double> kCounts = {
    {{80, "Link Status"}, 37},
    {{56, "ZCL: Read Attributes"}, 43},
    {{52, "ZCL: Read Attributes"}, 44},
    {{69, "ZCL: Read Attributes Response"}, 40},
    {{61, "ZCL: Read Attributes Response"}, 42},
    {{49, "ZCL Groups: Get Group Membership"}, 1},
    {{58, "ZCL Groups: Get Group Membership Response"}, 1},
    {{50, "ZCL Scenes: Get Scene Membership"}, 1},
    {{69, "ZCL Scenes: Get Scene Membership Response"}, 1},
    {{54, "ZCL: Read Attributes"}, 2},
    {{72, "ZCL: Read Attributes Response"}, 1},
    {{50, "ZCL: Read Attributes"}, 3},
    {{53, "ZCL: Read Attributes Response"}, 2},
    {{54, "ZCL: Read Attributes Response"}, 1},
    {{62, "ZCL: Read Attributes Response"}, 1},
};

TEST(ZigbeePlug, CountsByLengthAndTypeAreThoseOfTheSample) {
  double divergences = 0, ratio = 0;
  for (const ZigbeeTrace& trace : Traces()) {
    std::map<std::pair<uint64_t, std::string>, double> counts;
    for (const Row& row : trace) ++counts[{row.length, row.type}];
    for (const auto& [kind, count] : counts) {
      EXPECT_TRUE(kCounts.contains(kind)) << kind.first << " " << kind.second;
    }
    // Jensen–Shannon distance, base 2, of exact categories.
    const double n = static_cast<double>(trace.size()), reference = 220;
    double divergence = 0;
    for (const auto& [kind, expected] : kCounts) {
      const double p = expected / reference, q = counts[kind] / n, m = (p + q) / 2;
      divergence += p * std::log2(p / m) / 2 + (q > 0 ? q * std::log2(q / m) / 2 : 0);
    }
    divergences += std::sqrt(std::max(divergence, 0.0)) / kSeeds;
    ratio += n / reference / kSeeds;
  }
  EXPECT_NEAR(ratio, 1, 0.07);
  EXPECT_LE(divergences, 0.05);
}

TEST(ZigbeePlug, EveryPacketNamesItsEnds) {
  for (const Row& row : Traces().front()) {
    if (row.type == "Link Status") {
      EXPECT_EQ(row.source + row.destination, kPlug + "Broadcast");
      EXPECT_EQ(row.protocol, "ZigBee");
      continue;
    }
    const bool response = row.type.ends_with("Response");
    EXPECT_EQ(row.source, response ? kPlug : kHub);
    EXPECT_EQ(row.destination, response ? kHub : kPlug);
    EXPECT_EQ(row.protocol, "ZigBee HA");
  }
}

TEST(ZigbeePlug, LinkStatusIsARenewalTimer) {
  size_t lost = 0;
  std::vector<double> gaps = OfAll([](const ZigbeeTrace& trace) {
    std::vector<double> some;
    const auto rows = Select(trace, 80, "Link Status");
    for (size_t i = 1; i < rows.size(); ++i) some.push_back(rows[i].time - rows[i - 1].time);
    return some;
  });
  EXPECT_NEAR(Mean(gaps) * static_cast<double>(gaps.size()) / 37 / kSeeds, 15.88, 0.6);
  lost = std::erase_if(gaps, [](double gap) { return gap > 20; });
  EXPECT_GT(lost, 2u);
  EXPECT_LT(lost, 25u);
  EXPECT_NEAR(Mean(gaps), 15.88, 0.2);
  for (double gap : gaps) {
    EXPECT_GE(gap, 14.0);
    EXPECT_LE(gap, 18.1);
  }
  // Lag-1 autocorrelation: 0 of a renewal timer, -0.5 of a grid with jitter.
  const double mean = Mean(gaps), variance = Deviation(gaps) * Deviation(gaps);
  double lag = 0;
  for (size_t i = 1; i < gaps.size(); ++i) lag += (gaps[i] - mean) * (gaps[i - 1] - mean);
  EXPECT_NEAR(lag / static_cast<double>(gaps.size() - 1) / variance, 0, 0.2);
}

TEST(ZigbeePlug, PollsComeInRoundsAndPauseForTheSetup) {
  for (const ZigbeeTrace& trace : Traces()) {
    const std::vector<Row> rounds = Rounds(trace);
    ASSERT_GT(rounds.size(), 39u);
    std::vector<double> periods, pauses;
    for (size_t i = 1; i < rounds.size(); ++i) {
      const double gap = rounds[i].time - rounds[i - 1].time;
      const int step = (rounds[i].seq - rounds[i - 1].seq + 256) % 256;
      if (gap > 20) {
        pauses.push_back(gap);
        EXPECT_TRUE(step == 89 || step == 90) << step;
        continue;
      }
      periods.push_back(gap);
      EXPECT_TRUE(step == 23 || step == 24) << step;
    }
    EXPECT_NEAR(Mean(periods), 12.67, 0.03);
    EXPECT_NEAR(Deviation(periods), 0.048, 0.025);
    ASSERT_EQ(pauses.size(), 1u);
    EXPECT_NEAR(pauses[0], 70.7, 1.0);
    const auto setup = Select(trace, 49, "ZCL Groups: Get Group Membership");
    ASSERT_EQ(setup.size(), 1u);
    EXPECT_NEAR(setup[0].time, 50.824, 0.001);
  }
}

TEST(ZigbeePlug, ResponsesFollowTheirRequests) {
  const auto offsets = OfAll([](const ZigbeeTrace& trace) {
    std::vector<double> some;
    const std::vector<Row> rounds = Rounds(trace);
    for (const Row& row : Select(trace, 52, "ZCL: Read Attributes")) {
      for (const Row& round : rounds) {
        const double offset = row.time - round.time;
        if (row.seq == (round.seq + 1) % 256 && offset > 0 && offset < 1) some.push_back(offset);
      }
    }
    return some;
  });
  EXPECT_NEAR(Mean(offsets), 0.0305, 0.0025);  // repeated requests are in it
  const auto load = OfAll([](const ZigbeeTrace& trace) { return Delays(trace, 56, 69); });
  EXPECT_NEAR(Mean(load), 0.0573, 0.0006);
  EXPECT_NEAR(Deviation(load), 0.0019, 0.0008);
  const auto energy = OfAll([](const ZigbeeTrace& trace) { return Delays(trace, 52, 61); });
  EXPECT_NEAR(Mean(energy), 0.0559, 0.0006);
  EXPECT_NEAR(Deviation(energy), 0.0015, 0.0008);
}

TEST(ZigbeePlug, SomeRequestsComeTwiceAndSomeResponsesAreLost) {
  size_t rounds = 0, requests = 0, loads = 0, energies = 0;
  for (const ZigbeeTrace& trace : Traces()) {
    rounds += Rounds(trace).size();
    requests += Select(trace, 56, "ZCL: Read Attributes").size() +
                Select(trace, 52, "ZCL: Read Attributes").size();
    loads += Select(trace, 69, "ZCL: Read Attributes Response").size();
    energies += Select(trace, 61, "ZCL: Read Attributes Response").size();
  }
  // The last round may be cut by the end of the run.
  const double n = static_cast<double>(rounds);
  EXPECT_NEAR(static_cast<double>(energies) / n, 1, 0.03);
  EXPECT_NEAR((static_cast<double>(requests) - 2 * n) / n, 3.0 / 42, 0.035);
  EXPECT_NEAR(1 - static_cast<double>(loads) / n, 2.0 / 42, 0.03);
}

// Which lcores make the frames and seal them is of no matter.
TEST(ZigbeePlug, IsTheSameForAnyLcores) {
  const TempDir dir;
  std::vector<std::string> captures;
  for (const char* generation : {"0", "1", "2"}) {
    const std::string path = dir / "plug.pcapng";
    const Outcome run = Execute({"run", SourceFile("configs/zigbee-smart-plug.json"), "--port",
                                 path, "--gen", generation, "--emit", "1", "--quiet"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    captures.push_back(ReadWholeFile(path));
  }
  EXPECT_GT(captures[0].size(), 10'000u);
  EXPECT_TRUE(captures[1] == captures[0]);
  EXPECT_TRUE(captures[2] == captures[0]);
}

// The one-way view of a sniffer that keeps what the plug sends, its clock begun by the first
// packet.
TEST(ZigbeePlug, AnObserverSeesItsPartOfTheSameTrace) {
  const TempDir dir;
  const std::string end = "\"duration\": \"591.5s\"";
  const std::string text = absl::StrReplaceAll(
      ReadWholeFile(SourceFile("configs/zigbee-smart-plug.json")),
      {{end, R"("observer": {"from": ["plug"], "origin": "first", "resolution": "1ms"}, )" + end}});
  const std::string path = dir / "seen.jsonl";
  const Outcome run =
      Execute({"run", dir.Write("seen.json", text), "--port", path, "--seed", "1", "--quiet"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const ZigbeeTrace seen = ReadRows(path);
  size_t at = 0;
  double origin = -1;
  for (const Row& row : Traces().front()) {
    if (row.source != kPlug) continue;
    if (origin < 0) origin = row.time;
    ASSERT_LT(at, seen.size());
    EXPECT_NEAR(seen[at].time, row.time - origin, 0.0010011);
    EXPECT_EQ(seen[at].type, row.type);
    EXPECT_EQ(seen[at].seq, row.seq);
    ++at;
  }
  EXPECT_EQ(at, seen.size());
  EXPECT_GT(at, 100u);
}

// scripts/fidelity: the template is like its own trace, and not like one with other lengths.
TEST(ZigbeePlug, TheScriptTellsLikeFromUnlike) {
  const TempDir dir;
  const std::string sample = dir / "sample.jsonl", plug = "configs/zigbee-smart-plug.json";
  const Outcome run =
      Execute({"run", SourceFile(plug), "--port", sample, "--seed", "77", "--quiet"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto judge = [&](const std::string& path) {
    return Execute({SourceFile(plug), path, "--seeds", "2", "--spate", SpateBinary()},
                   {.program = SourceFile("scripts/fidelity")});
  };
  const Outcome like = judge(sample);
  EXPECT_EQ(like.exit_code, 0) << like.out << like.err;
  EXPECT_TRUE(like.out.ends_with("all gates met\n")) << like.out;
  const std::string changed = absl::StrReplaceAll(ReadWholeFile(sample), {{":69,", ":70,"}});
  const Outcome unlike = judge(dir.Write("changed.jsonl", changed));
  EXPECT_EQ(unlike.exit_code, 1) << unlike.out << unlike.err;
  EXPECT_NE(unlike.out.find("  missed\n"), std::string::npos) << unlike.out;
  EXPECT_NE(unlike.out.find(" gates missed\n"), std::string::npos) << unlike.out;
}

// tshark opens the frames with the key and reads in them what spate's own table says.
TEST(ZigbeePlug, TsharkOpensAndReadsEveryFrame) {
  if (!HaveTshark()) GTEST_SKIP() << "tshark is not installed";
  const TempDir dir;
  const std::string capture = dir / "plug.pcapng", table = dir / "plug.jsonl";
  const std::string plug = SourceFile("configs/zigbee-smart-plug.json");
  for (const std::string& port : {capture, table}) {
    const Outcome run = Execute({"run", plug, "--port", port, "--quiet"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  const ZigbeeTrace trace = ReadRows(table);
  const auto rows = TsharkFields(
      capture, {"_ws.col.Source", "_ws.col.Destination", "_ws.col.Protocol", "frame.len",
                "_ws.col.Info", "wpan.fcs_ok", "zbee.sec.counter", "_ws.malformed"});
  ASSERT_EQ(rows.size(), trace.size());
  std::set<std::string> counters;
  for (size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(i);
    std::string info = trace[i].type;
    if (trace[i].seq >= 0) info += ", Seq: " + std::to_string(trace[i].seq);
    EXPECT_EQ(rows[i][0], trace[i].source);
    EXPECT_EQ(rows[i][1], trace[i].destination);
    EXPECT_EQ(rows[i][2], trace[i].protocol);
    EXPECT_EQ(rows[i][3], std::to_string(trace[i].length));
    EXPECT_EQ(rows[i][4], info);
    EXPECT_EQ(rows[i][5], "1");
    EXPECT_EQ(rows[i][7], "");
    counters.insert(rows[i][0] + rows[i][6]);
  }
  // A frame sent twice has its counter twice; no other has.
  EXPECT_GT(counters.size() + 12, rows.size());
}

}  // namespace
}  // namespace spate::testing
