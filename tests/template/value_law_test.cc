// Value laws that are distributions or permutations, in fields, sizes and variables.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "sample.h"

namespace spate::tmpl {
namespace {

std::string Field(const std::string& law) {
  return Concat(R"({"spate": 1, "messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {}},
{"udp": {"src_port": )",
                law, R"(}}]}}, "flows": {"f": {"message": "m", "rate": "1pps"}}})");
}
std::string Size(const std::string& law) {
  return Concat(R"({"spate": 1, "messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {}},
{"udp": {}}], "size": )",
                law, R"(}}, "flows": {"f": {"message": "m", "rate": "1pps"}}})");
}

// The law of the first draw of a template.
core::Law LawOf(const std::string& text) {
  const core::Scenario s = MustCompile(text);
  return s.laws.empty() ? core::Law{} : s.laws[0];
}

std::vector<int64_t> Values(const core::Law& law) { return {law.values.begin(), law.values.end()}; }

double MeanOf(const core::Law& law) {
  const std::vector<int64_t> values = Values(law);
  double sum = 0;
  for (size_t i = 0; i + 1 < values.size(); ++i) {
    sum += static_cast<double>(values[i] + values[i + 1]) / 2;
  }
  return sum / static_cast<double>(values.size() - 1);
}

TEST(ValueLaw, DistributionsBecomeTablesOfWholeNumbers) {
  const core::Law law = LawOf(Field(R"({"normal": {"mean": 5000, "sd": 100}, "max": 6000})"));
  EXPECT_EQ(law.kind, core::Law::Kind::kQuantiles);
  const std::vector<int64_t> values = Values(law);
  ASSERT_EQ(values.size(), 1025u);
  EXPECT_TRUE(std::ranges::is_sorted(values));
  EXPECT_EQ(values[512], 5000);
  EXPECT_NEAR(static_cast<double>(values[861]), 5100, 2);  // 84.1 %
  EXPECT_LE(values.back(), 6000);
  struct Case {
    const char* law;
    double mean;
  };
  for (const Case& c :
       {Case{R"({"uniform": {"min": 100, "max": 300}})", 200},
        Case{R"({"lognormal": {"median": "1kB", "sigma": 0.5}, "max": 60000})",
             1000 * std::exp(0.125)},
        Case{R"({"gamma": {"mean": 700, "shape": 4}, "max": 60000})", 700},
        Case{R"({"exponential": {"mean": 300}, "max": 60000, "balanced": 64})", 300},
        Case{R"({"quantiles": [100, 200, 900]})", 350},
        Case{R"({"quantiles": [[0, 100], [0.9, 200], [1, 1000]]})", 195}}) {
    EXPECT_NEAR(MeanOf(LawOf(Field(c.law))) / c.mean, 1, 0.01) << c.law;
  }
}

TEST(ValueLaw, SizesHaveDistributions) {
  const core::Law law =
      LawOf(Size(R"({"lognormal": {"median": 300, "sigma": 1}, "min": 64, "max": 1518})"));
  EXPECT_EQ(Values(law).front(), 60);  // without FCS
  EXPECT_EQ(Values(law).back(), 1514);
}

TEST(ValueLaw, MixturesHaveThePartsInTheirShares) {
  const core::Law law = LawOf(
      Size(R"({"mixture": [[64, 9], [{"normal": {"mean": 800, "sd": 20}}, 1]], "max": 1518})"));
  const std::vector<int64_t> values = Values(law);
  EXPECT_EQ(std::ranges::count(values, 60), 922);  // of 1025
  EXPECT_NEAR(MeanOf(law), 0.9 * 60 + 0.1 * 796, 2);
  EXPECT_NEAR(static_cast<double>(values[973]), 796, 3);  // the median of the other part
}

TEST(ValueLaw, NumbersOfVariablesAreSigned) {
  const core::Law law = LawOf(FlowTemplate(
      R"("vars": {"x": {"normal": {"mean": 0, "sd": 10}}}, "message": "a", "rate": "1pps")"));
  const std::vector<int64_t> values = Values(law);
  ASSERT_EQ(values.size(), 1025u);
  EXPECT_EQ(values[512], 0);
  EXPECT_LT(values.front(), -25);
  EXPECT_GT(values.back(), 25);
}

TEST(ValueLaw, PermutationsCount) {
  const core::Law law =
      LawOf(Field(R"({"permutation": {"start": 1024, "step": 2, "count": 100}})"));
  EXPECT_EQ(law.kind, core::Law::Kind::kArithmetic);
  EXPECT_TRUE(law.permuted);
  EXPECT_EQ(law.start, 1024u);
  EXPECT_EQ(law.step, 2u);
  EXPECT_EQ(law.count, 100u);
  EXPECT_EQ(LawOf(Field(R"({"permutation": {"start": 0}})")).count, 65536u);
}

TEST(ValueLaw, Faults) {
  EXPECT_EQ(FaultsOf(Field(R"({"pareto": {"scale": 10, "shape": 1}})")),
            "t.json:2: $.messages.m.packet[2].udp.src_port: found {\"pareto\": {\"scale\": 10, "
            "\"shape\": 1}}, expected a law with a finite mean (pareto: shape above 1)");
  const auto has = [](const std::string& text, std::string_view part) {
    EXPECT_NE(FaultsOf(text).find(part), std::string::npos) << FaultsOf(text);
  };
  has(Field(R"({"lognormal": {"median": 60000, "sigma": 1}})"),
      "for \"src_port\", expected \"max\" of at most 65535");
  has(Field(R"({"normal": {"mean": -5, "sd": 1}})"), "a value above 0 for \"mean\" of normal");
  has(Field(R"({"random": {"min": 1, "max": 2}, "min": 1})"),
      "\"min\" or \"max\" beside a law that is no distribution");
  has(Field(R"({"mixture": [[{"values": [1]}, 1]]})"), "a number, or a distribution such as");
  has(Field(R"({"mixture": [[5, 0]]})"), "at least one part with a weight above 0");
  has(Field(R"({"normal": {"mean": 5}})"), "\"sd\"");
  has(Field(R"({"permutation": {"start": 65000, "count": 1000}})"), "1000 values from 65000");
  has(Size(R"({"exponential": {"mean": 300}, "max": 1518})"), "a size of 0 bytes");
  has(FlowTemplate(R"("steps": [{"wait": {"mixture": [[{"values": ["1s"]}, 1]]}}])"),
      "parts of a mixture that are drawn");
}

}  // namespace
}  // namespace spate::tmpl
