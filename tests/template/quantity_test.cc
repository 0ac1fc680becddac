#include "template/quantity.h"

#include <gtest/gtest.h>

namespace spate::tmpl {
namespace {

TEST(Quantity, ReadsDurations) {
  const std::pair<const char*, double> kCases[] = {
      {"20ms", 0.02}, {"1.5s", 1.5}, {"300us", 3e-4}, {"10ns", 1e-8}, {"7ps", 7e-12}, {"2h", 7200},
      {"3m", 180},    {"4", 4},      {" 1 s ", 1},    {"1e3ms", 1},   {"20MS", 0.02}};
  for (const auto& [text, seconds] : kCases) {
    const auto parsed = ParseDuration(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_DOUBLE_EQ(*parsed, seconds) << text;
  }
}

TEST(Quantity, RefusesWhatIsNoDuration) {
  for (const char* text :
       {"", "ms", "20", "-1s", "20 parsecs", "1s2", "inf", "nan", "1e999s", "."}) {
    if (std::string(text) == "20") continue;
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(Quantity, PrintsTheShortestDuration) {
  const std::pair<double, const char*> kCases[] = {
      {0.02, "20ms"}, {1.5, "1.5s"}, {3e-4, "300us"}, {7200, "2h"},
      {0, "0s"},      {90, "90s"},   {1e-12, "1ps"},  {0.1 + 0.2, "300ms"}};
  for (const auto& [seconds, text] : kCases) EXPECT_EQ(FormatDuration(seconds), text);
}

TEST(Quantity, PrintedDurationsReadBackToThePicosecond) {
  for (double seconds = 1.23456789e-9; seconds < 1e6; seconds *= 7.7) {
    const auto parsed = ParseDuration(FormatDuration(seconds));
    ASSERT_TRUE(parsed.ok());
    EXPECT_NEAR(*parsed, seconds, std::max(0.6e-12, seconds * 1e-15)) << seconds;
  }
}

TEST(Quantity, ReadsRates) {
  using Unit = Rate::Unit;
  const std::tuple<const char*, Unit, double> kCases[] = {
      {"1mpps", Unit::kPps, 1e6},       {"10gbps", Unit::kBps, 1e10},
      {"10gbpsl1", Unit::kBpsL1, 1e10}, {"100pps", Unit::kPps, 100},
      {"2.5Kpps", Unit::kPps, 2500},    {"50%", Unit::kPercent, 50},
      {"0.4 tbps", Unit::kBps, 4e11}};
  for (const auto& [text, unit, value] : kCases) {
    const auto rate = ParseRate(text);
    ASSERT_TRUE(rate.ok()) << text;
    EXPECT_EQ(rate->unit, unit) << text;
    EXPECT_DOUBLE_EQ(rate->value, value) << text;
  }
  for (const char* text : {"", "10", "0pps", "-1pps", "xpps", "1zpps", "pps", "1pp", "1e999pps"}) {
    EXPECT_FALSE(ParseRate(text).ok()) << text;
  }
}

}  // namespace
}  // namespace spate::tmpl
