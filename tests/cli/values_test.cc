#include "cli/values.h"

#include <gtest/gtest.h>

#include <vector>

namespace spate::cli {
namespace {

TEST(ParseCount, TakesPowersOfAThousand) {
  EXPECT_EQ(*ParseCount("20"), 20u);
  EXPECT_EQ(*ParseCount("64k"), 64'000u);
  EXPECT_EQ(*ParseCount("1.5m"), 1'500'000u);
  EXPECT_EQ(*ParseCount("2G"), 2'000'000'000u);
  EXPECT_EQ(*ParseCount("18446744073709551615"), UINT64_MAX);
}

TEST(ParseCount, RefusesWhatIsNoWholeNumber) {
  for (const char* text : {"", "k", "-1", "+1", "1.5", "0.0001k", "1e3", "12x", " 12", "nan",
                           "18446744073709551616", "18446744073709551615k", "99999999999g"}) {
    EXPECT_FALSE(ParseCount(text).ok()) << '"' << text << '"';
  }
}

TEST(ParseCpuList, KeepsTheOrder) {
  EXPECT_EQ(*ParseCpuList("4"), std::vector<int>({4}));
  EXPECT_EQ(*ParseCpuList("6,2-4,0"), std::vector<int>({6, 2, 3, 4, 0}));
}

TEST(ParseCpuList, RefusesWhatIsNoList) {
  for (const char* text : {"", ",", "1,", "a", "-1", "3-1", "1-", "1,1", "0-2,1", "9999"}) {
    EXPECT_FALSE(ParseCpuList(text).ok()) << '"' << text << '"';
  }
}

TEST(ParseAssignment, SplitsAtTheFirstEqualsSign) {
  EXPECT_EQ(*ParseAssignment("users=5"), (std::pair<std::string, std::string>("users", "5")));
  EXPECT_EQ(*ParseAssignment("q=a=b"), (std::pair<std::string, std::string>("q", "a=b")));
  EXPECT_EQ(*ParseAssignment("empty="), (std::pair<std::string, std::string>("empty", "")));
  EXPECT_FALSE(ParseAssignment("users").ok());
  EXPECT_FALSE(ParseAssignment("=5").ok());
}

TEST(CheckValues, SayWhatIsWrong) {
  EXPECT_EQ(CheckRateOrMax("max"), "");
  EXPECT_EQ(CheckRateOrMax("10mpps"), "");
  EXPECT_EQ(CheckRateOrMax("fast").substr(0, 14), "\"fast\" is not ");
  EXPECT_EQ(CheckDuration("5s"), "");
  EXPECT_EQ(CheckDuration("soon").substr(0, 14), "\"soon\" is not ");
  EXPECT_EQ(CheckLcores("0"), "");
  EXPECT_EQ(CheckLcores("65"), "\"65\" is not a number of lcores from 0 to 64");
  EXPECT_EQ(CheckCount("x"), "\"x\" is not a count such as 20, 64k or 1.5m");
}

}  // namespace
}  // namespace spate::cli
