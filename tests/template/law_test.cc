// Time laws: means, tables, cuts.
#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "sample.h"
#include "template/surface/laws.h"

namespace spate::tmpl {
namespace {

double TableMean(const core::Law& law) {
  double sum = 0;
  for (size_t i = 0; i + 1 < law.values.size(); ++i) {
    sum += (static_cast<double>(law.values[i]) + static_cast<double>(law.values[i + 1])) / 2;
  }
  return sum / static_cast<double>(law.values.size() - 1) * 1e-12;
}

// The law of the first wait of a flow.
core::Law WaitLaw(const std::string& law) {
  const core::Scenario s = MustCompile(
      FlowTemplate(R"("steps": [{"wait": )" + law + R"(}, {"send": "a"}], "every": "1s")"));
  for (const core::Op& op : s.flows.at(0).ops) {
    if (op.code == core::OpCode::kWait) return s.laws.at(s.draws.at(op.a).law);
  }
  return {};
}

struct LawCase {
  const char* text;
  double mean;
};

TEST(Laws, TablesKeepTheMean) {
  const LawCase kCases[] = {
      {R"({"uniform": {"min": "10ms", "max": "30ms"}})", 0.02},
      {R"({"exponential": {"mean": "5ms"}})", 0.005},
      {R"({"normal": {"mean": "20ms", "sd": "2ms"}})", 0.02},
      {R"({"lognormal": {"median": "8ms", "sigma": 0.7}})", 0.008 * std::exp(0.245)},
      {R"({"lognormal": {"median": "1s", "sigma": 2}})", std::exp(2.0)},
      {R"({"pareto": {"scale": "1s", "shape": 1.5}})", 3},
      {R"({"pareto": {"scale": "1s", "shape": 3}})", 1.5},
      {R"({"weibull": {"scale": "10ms", "shape": 0.6}})", 0.01 * std::tgamma(1 + 1 / 0.6)},
      {R"({"gamma": {"mean": "10ms", "shape": 4}})", 0.01},
      {R"({"gamma": {"mean": "10ms", "shape": 0.3}})", 0.01},
      {R"({"quantiles": ["1ms", "2ms", "9ms"]})", 0.0035},
      {R"({"mixture": [["2ms", 9], [{"exponential": {"mean": "50ms"}}, 1]]})", 0.0068},
      {R"({"mixture": [["2ms", 1], [{"pareto": {"scale": "1s", "shape": 1.5}}, 1]]})", 1.501},
      {R"({"quantiles": [[0, "1ms"], [0.9, "2ms"], [1, "10ms"]]})", 0.00195},
  };
  for (const LawCase& c : kCases) {
    const core::Law law = WaitLaw(c.text);
    EXPECT_EQ(law.kind, core::Law::Kind::kQuantiles) << c.text;
    EXPECT_TRUE(std::is_sorted(law.values.begin(), law.values.end())) << c.text;
    EXPECT_NEAR(TableMean(law) / c.mean, 1, 0.01) << c.text;
  }
}

TEST(Laws, TablesFollowTheQuantileFunction) {
  const core::Law law = WaitLaw(R"({"exponential": {"mean": "1s"}})");
  ASSERT_EQ(law.values.size(), 1025u);
  EXPECT_EQ(law.values[0], 0u);
  EXPECT_NEAR(static_cast<double>(law.values[512]) * 1e-12, std::log(2.0), 1e-9);
  EXPECT_NEAR(static_cast<double>(law.values[1023]) * 1e-12, std::log(1024.0), 1e-9);
}

TEST(Laws, CutsKeepTheShapeInside) {
  // Exponential above 1 s is 1 s plus exponential; below 1 s its mean is 1 - 1 / (e - 1).
  EXPECT_NEAR(TableMean(WaitLaw(R"({"exponential": {"mean": "1s"}, "min": "1s"})")), 2, 0.02);
  const core::Law below = WaitLaw(R"({"exponential": {"mean": "1s"}, "max": "1s"})");
  EXPECT_NEAR(TableMean(below), 1 - 1 / (std::exp(1.0) - 1), 0.001);
  EXPECT_EQ(below.values.back(), 1'000'000'000'000u);
  // Half of a normal law around 0 … cut at 0: the mean is sd · φ(0) / (1 - Φ(0)).
  const core::Law half = WaitLaw(R"({"normal": {"mean": "1ns", "sd": "1s"}})");
  EXPECT_NEAR(TableMean(half), std::sqrt(2 / M_PI), 0.01);
}

// The same by adding up the quantile function.
TEST(Laws, TellTheMeanOfWhatACutLeaves) {
  const auto named = [](const char* kind, std::initializer_list<std::pair<std::string, double>> p) {
    TimeLaw law;
    law.kind = kind;
    law.parameters.assign(p);
    return law;
  };
  std::vector<TimeLaw> laws = {
      named("uniform", {{"min", 0.5}, {"max", 3}}),
      named("exponential", {{"mean", 2}}),
      named("normal", {{"mean", 1.5}, {"sd", 1}}),
      named("lognormal", {{"median", 1.2}, {"sigma", 0.7}}),
      named("pareto", {{"scale", 0.9}, {"shape", 2.5}}),
      named("weibull", {{"scale", 2}, {"shape", 0.6}}),
      named("gamma", {{"mean", 2}, {"shape", 4}}),
      named("gamma", {{"mean", 2}, {"shape", 0.3}}),
  };
  TimeLaw knots, mixture;
  knots.kind = "quantiles";
  knots.knots = {{0, 0.2}, {0.3, 1}, {0.3, 1.5}, {0.6, 2}, {0.9, 2}, {1, 4}};
  mixture.kind = "mixture";
  for (size_t i = 0; i < 3; ++i) {
    mixture.parts.emplace_back(std::make_shared<TimeLaw>(laws[i]), static_cast<double>(i + 1));
  }
  mixture.parts.emplace_back(std::make_shared<TimeLaw>(named("constant", {{"value", 2}})), 2);
  laws.push_back(knots);
  laws.push_back(mixture);
  constexpr int kSteps = 20'000;
  for (TimeLaw& law : laws) {
    for (const auto& [min, max] : {std::pair{1.0, 2.0}, {0.0, 2.0}, {1.0, 1e3}, {1.9, 2.5}}) {
      law.min = min;
      law.max = max;
      const auto cut = Prepare(law);
      ASSERT_TRUE(cut.ok()) << law.kind << ": " << cut.status();
      double sum = 0;
      for (int i = 0; i < kSteps; ++i) sum += cut->quantile((i + 0.5) / kSteps);
      EXPECT_NEAR(sum / kSteps / cut->mean, 1, 0.003) << law.kind << " " << min << " " << max;
      const Part half = cut->below(cut->quantile(0.5));
      if (law.kind == "mixture" || law.kind == "quantiles") continue;  // steps may be there
      EXPECT_NEAR(half.probability, 0.5, 1e-6) << law.kind;
    }
  }
}

TEST(Laws, KeepWhatTheBoundsThemselvesAreLikelyToBe) {
  const core::Law law = WaitLaw(R"({"quantiles": [[0, 1], [0.5, 2], [0.9, 2], [1, 9]], "max": 2})");
  // Below 2 s lie five ninths, and the rest is 2 s.
  EXPECT_NEAR(TableMean(law), (5 * 1.5 + 4 * 2) / 9.0, 0.002);
}

TEST(Laws, ConstantsAndValuesAreNoTables) {
  const core::Law constant = WaitLaw(R"("10ms")");
  EXPECT_EQ(constant.kind, core::Law::Kind::kConstant);
  EXPECT_EQ(constant.start, 10'000'000'000u);
  const core::Law values = WaitLaw(R"({"values": ["1s", "2s"]})");
  EXPECT_EQ(values.kind, core::Law::Kind::kList);
  EXPECT_EQ(values.values, (std::vector<uint64_t>{1'000'000'000'000, 2'000'000'000'000}));
}

TEST(Laws, RefuseWhatHasNoMean) {
  const auto fault = [](const std::string& law) {
    return FaultsOf(FlowTemplate(R"("steps": [{"wait": )" + law + R"(}, {"send": "a"}])"));
  };
  EXPECT_EQ(
      fault(R"({"pareto": {"scale": "1s", "shape": 1}})"),
      "t.json:4: $.flows.f.steps[0].wait: found {\"pareto\": {\"scale\": \"1s\", \"shape\": 1}}, "
      "expected a law with a finite mean (pareto: shape above 1)");
  EXPECT_NE(
      fault(R"({"exponential": {"mean": 0}})").find("a value above 0 for \"mean\" of exponential"),
      std::string::npos);
  EXPECT_NE(fault(R"({"uniform": {"min": "2s", "max": "1s"}})").find("\"min\" at most \"max\""),
            std::string::npos);
  EXPECT_NE(fault(R"({"quantiles": ["2s", "1s"]})").find("both rise"), std::string::npos);
  EXPECT_NE(fault(R"({"exponential": {"mean": "1s"}, "min": "2s", "max": "1s"})").find("at most"),
            std::string::npos);
  EXPECT_NE(fault(R"({"exponential": {"men": "1s"}})").find("did you mean \"mean\"?"),
            std::string::npos);
}

TEST(Laws, RegistryIsSound) {
  for (const LawSpec& law : Laws()) {
    EXPECT_FALSE(law.doc.empty()) << law.name;
    EXPECT_FALSE(law.number_doc.empty()) << law.name;
    EXPECT_FALSE(law.parameters.empty()) << law.name;
    EXPECT_EQ(FindLaw(law.name), &law);
    EXPECT_EQ(WaitLaw("{\"" + std::string(law.name) + "\": " + std::string(law.example) + "}").kind,
              core::Law::Kind::kQuantiles);
  }
}

}  // namespace
}  // namespace spate::tmpl
