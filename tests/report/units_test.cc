#include "report/units.h"

#include <gtest/gtest.h>

namespace spate::report {
namespace {

TEST(Units, CountGroupsDigits) {
  EXPECT_EQ(Count(0), "0");
  EXPECT_EQ(Count(999), "999");
  EXPECT_EQ(Count(1'000), "1,000");
  EXPECT_EQ(Count(1'234'567), "1,234,567");
  EXPECT_EQ(Count(UINT64_MAX), "18,446,744,073,709,551,615");
}

TEST(Units, RatesKeepThreeDigits) {
  EXPECT_EQ(Pps(0), "0 pps");
  EXPECT_EQ(Pps(0.5), "0.50 pps");
  EXPECT_EQ(Pps(7), "7 pps");
  EXPECT_EQ(Pps(1'250'000), "1.25 Mpps");
  EXPECT_EQ(Pps(14'880'952), "14.9 Mpps");
  EXPECT_EQ(Bps(12'345'678'901), "12.3 Gb/s");
  EXPECT_EQ(Bps(123'456), "123 kb/s");
}

TEST(Units, RoundingNeverPrintsAThousand) {
  EXPECT_EQ(Pps(999'499), "999 kpps");
  EXPECT_EQ(Pps(999'999), "1.00 Mpps");
  EXPECT_EQ(Pps(999.9), "1.00 kpps");
  EXPECT_EQ(Pps(99.97), "100 pps");
}

TEST(Units, BytesAreBinary) {
  EXPECT_EQ(Bytes(64), "64 B");
  EXPECT_EQ(Bytes(1'023), "1023 B");
  EXPECT_EQ(Bytes(1'024), "1.00 KiB");
  EXPECT_EQ(Bytes(3'574'988), "3.41 MiB");
}

TEST(Units, PercentShowsSmallSharesWithADigit) {
  EXPECT_EQ(Percent(0), "0 %");
  EXPECT_EQ(Percent(0.005), "0.5 %");
  EXPECT_EQ(Percent(0.125), "12 %");
  EXPECT_EQ(Percent(1), "100 %");
}

struct SecondsCase {
  double seconds;
  const char* text;
};

class SecondsTest : public ::testing::TestWithParam<SecondsCase> {};

TEST_P(SecondsTest, TakesTheUnitThatFits) {
  EXPECT_EQ(Seconds(GetParam().seconds), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Units, SecondsTest,
    ::testing::Values(SecondsCase{0, "0 s"}, SecondsCase{850e-9, "850 ns"},
                      SecondsCase{999.9e-9, "1.00 µs"}, SecondsCase{12.34e-6, "12.3 µs"},
                      SecondsCase{4.5e-3, "4.50 ms"}, SecondsCase{0.99999, "1.00 s"},
                      SecondsCase{1.234, "1.23 s"}, SecondsCase{59.97, "1m00s"},
                      SecondsCase{125, "2m05s"}, SecondsCase{3725, "1h02m05s"},
                      SecondsCase{-2.5, "-2.50 s"}));

TEST(Units, NanosAreSeconds) { EXPECT_EQ(Nanos(1'500), "1.50 µs"); }

}  // namespace
}  // namespace spate::report
