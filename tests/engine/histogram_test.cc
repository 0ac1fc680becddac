#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "measure/records.h"

namespace spate::measure {
namespace {

TEST(HistogramTest, EmptyHasNoQuantiles) {
  const Histogram empty;
  EXPECT_EQ(empty.count(), 0u);
  EXPECT_EQ(empty.Quantile(0.5), 0);
  EXPECT_EQ(empty.max(), 0);
}

TEST(HistogramTest, SmallValuesAreExact) {
  for (int64_t value = 0; value < 32; ++value) {
    Histogram histogram;
    histogram.Add(value);
    histogram.Add(1000);
    EXPECT_EQ(histogram.Quantile(0), value);
  }
}

// Every power of two, its neighbours and the ends of the range: off by at most 1/16.
TEST(HistogramTest, LargeValuesAreWithinABin) {
  for (int shift = 5; shift < 63; ++shift) {
    for (const int64_t offset : {-1, 0, 1}) {
      const int64_t value = (int64_t{1} << shift) + offset;
      Histogram histogram;
      histogram.Add(value);
      histogram.Add(std::numeric_limits<int64_t>::max());
      EXPECT_GE(histogram.Quantile(0), value);
      EXPECT_LE(histogram.Quantile(0) - value, value / 16);
    }
  }
}

TEST(HistogramTest, QuantilesOfARange) {
  Histogram histogram;
  for (int64_t value = 1; value <= 10'000; ++value) histogram.Add(value);
  EXPECT_EQ(histogram.count(), 10'000u);
  EXPECT_NEAR(static_cast<double>(histogram.Quantile(0.5)), 5000, 5000.0 / 16);
  EXPECT_NEAR(static_cast<double>(histogram.Quantile(0.99)), 9900, 9900.0 / 16);
  EXPECT_EQ(histogram.Quantile(1), 10'000) << "never above the largest value";
  EXPECT_EQ(histogram.max(), 10'000);
}

TEST(HistogramTest, NegativeValuesCountAsZero) {
  Histogram histogram;
  histogram.Add(-5);
  EXPECT_EQ(histogram.count(), 1u);
  EXPECT_EQ(histogram.Quantile(1), 0);
}

TEST(HistogramTest, MergeIsTheSameAsAddingAll) {
  Histogram a, b, both;
  for (int64_t n = 0; n < 1000; ++n) {
    (n % 3 == 0 ? a : b).Add(n * n);
    both.Add(n * n);
  }
  a.Merge(b);
  EXPECT_EQ(a.count(), both.count());
  EXPECT_EQ(a.max(), both.max());
  for (const double q : {0.0, 0.1, 0.5, 0.9, 0.999, 1.0}) {
    EXPECT_EQ(a.Quantile(q), both.Quantile(q)) << q;
  }
}

TEST(HistogramTest, RepeatedValuesByWeight) {
  Histogram histogram;
  histogram.Add(10, 99);
  histogram.Add(20);
  EXPECT_EQ(histogram.count(), 100u);
  EXPECT_EQ(histogram.Quantile(0.5), 10);
  EXPECT_EQ(histogram.Quantile(1), 20);
}

}  // namespace
}  // namespace spate::measure
