#include "generator/fit/law.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace spate::generator {
namespace {

constexpr int kListedDigits = 5;        // of times written out one by one
constexpr double kSameWithin = 0.05;    // spread of times, relative to their mean, that is noise
constexpr double kDecidesAbout = 0.01;  // seconds: shorter times hardly move a total …
constexpr size_t kToldBeyond = 30;      // … and few of them are not worth a law
constexpr uint32_t kMostStrata = 64;

size_t KnotsFor(size_t observations) {
  if (observations < 12) return 3;
  if (observations < 60) return 5;
  return 7;
}

// Linear quantiles of sorted values at i / (n - 1).
std::vector<double> Quantiles(const std::vector<double>& sorted, size_t n) {
  std::vector<double> knots;
  for (size_t i = 0; i < n; ++i) {
    const double at = static_cast<double>(i) * static_cast<double>(sorted.size() - 1) /
                      static_cast<double>(n - 1);
    const size_t low = static_cast<size_t>(at);
    const size_t high = std::min(low + 1, sorted.size() - 1);
    knots.push_back(sorted[low] + (at - std::floor(at)) * (sorted[high] - sorted[low]));
  }
  return knots;
}

int DigitsFor(double seconds) { return seconds < kDecidesAbout ? 2 : 3; }

double MeanOfKnots(const std::vector<double>& knots) {
  double sum = -(knots.front() + knots.back()) / 2;
  for (double knot : knots) sum += knot;
  return sum / static_cast<double>(knots.size() - 1);
}

// Straight lines between a few quantiles have another mean than the values, most so with a long
// tail: the tail's end gives way first, then the spread around the least value.
void KeepMean(double mean, std::vector<double>& knots) {
  const double intervals = static_cast<double>(knots.size() - 1);
  double& end = knots.back();
  const double excess = (MeanOfKnots(knots) - mean) * intervals * 2;
  end = std::max(end - excess, knots[knots.size() - 2]);
  const double now = MeanOfKnots(knots), least = knots.front();
  if (now <= least) return;
  const double scale = (mean - least) / (now - least);
  for (double& knot : knots) knot = least + (knot - least) * scale;
}

}  // namespace

double Mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double Rounded(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const int exponent = static_cast<int>(std::floor(std::log10(std::fabs(value))));
  // Powers of ten above 1 are exact, so divide by them rather than multiply by their inverses.
  const double factor = std::pow(10.0, std::abs(digits - 1 - exponent));
  if (digits - 1 - exponent >= 0) return std::round(value * factor) / factor;
  return std::round(value / factor) * factor;
}

std::optional<uint32_t> StrataFor(uint64_t uses) {
  if (uses < 4) return std::nullopt;
  // Variance of the sum, in that of one draw: what is left free within the strata, and the strata
  // that the last, unfinished deal leaves out.
  const auto variance = [&](uint64_t strata) {
    const double s = static_cast<double>(strata), rest = static_cast<double>(uses % strata);
    return static_cast<double>(uses) / (s * s) + rest * (1 - rest / s);
  };
  uint64_t best = 2;
  for (uint64_t strata = 4; strata <= std::min<uint64_t>(uses, kMostStrata); strata *= 2) {
    if (variance(strata) < variance(best)) best = strata;
  }
  return static_cast<uint32_t>(best);
}

tmpl::TimeLaw ConstantTime(double seconds) {
  tmpl::TimeLaw law;
  law.kind = "constant";
  law.parameters = {{"value", std::max(0.0, Rounded(seconds, DigitsFor(seconds) + 1))}};
  return law;
}

tmpl::TimeLaw ListedTimes(const std::vector<double>& seconds) {
  tmpl::TimeLaw law;
  law.kind = "values";
  for (double s : seconds) law.values.push_back(std::max(0.0, Rounded(s, kListedDigits)));
  return law;
}

tmpl::TimeLaw TimeLawOf(std::vector<double> times, uint64_t uses) {
  std::sort(times.begin(), times.end());
  const double mean = Mean(times);
  const bool few = times.size() < 4 || (mean < kDecidesAbout && times.size() < kToldBeyond);
  if (few || times.back() - times.front() <= kSameWithin * mean) return ConstantTime(mean);
  std::vector<double> knots = Quantiles(times, mean < kDecidesAbout ? 3 : KnotsFor(times.size()));
  KeepMean(mean, knots);
  tmpl::TimeLaw law;
  law.kind = "quantiles";
  const double last = static_cast<double>(knots.size() - 1);
  for (size_t i = 0; i < knots.size(); ++i) {
    law.knots.emplace_back(static_cast<double>(i) / last, Rounded(knots[i], DigitsFor(mean)));
  }
  if (mean >= kDecidesAbout) law.balanced = StrataFor(uses);
  return law;
}

tmpl::ValueLaw ConstantValue(tmpl::Literal value) {
  tmpl::ValueLaw law;
  law.values = {std::move(value)};
  return law;
}

tmpl::ValueLaw ListedValues(std::vector<tmpl::Literal> values, std::optional<tmpl::Scope> per) {
  const bool same = std::all_of(values.begin(), values.end(),
                                [&](const tmpl::Literal& v) { return v == values.front(); });
  if (same) return ConstantValue(values.front());
  tmpl::ValueLaw law;
  law.kind = tmpl::ValueLaw::Kind::kValues;
  law.values = std::move(values);
  law.per = per;
  return law;
}

tmpl::ValueLaw WeightedValues(std::vector<uint64_t> values, size_t most, uint64_t uses) {
  std::map<uint64_t, uint64_t> counts;
  for (uint64_t v : values) ++counts[v];
  if (counts.size() > most) {  // the means of equally large parts stand for them
    std::sort(values.begin(), values.end());
    counts.clear();
    for (size_t i = 0; i < most; ++i) {
      const size_t begin = i * values.size() / most, end = (i + 1) * values.size() / most;
      uint64_t sum = 0;
      for (size_t k = begin; k < end; ++k) sum += values[k];
      const uint64_t n = end - begin;
      counts[(sum + n / 2) / n] += n;
    }
  }
  if (counts.size() == 1) return ConstantValue(static_cast<int64_t>(counts.begin()->first));
  tmpl::ValueLaw law;
  law.kind = tmpl::ValueLaw::Kind::kWeighted;
  for (const auto& [value, n] : counts) {
    law.values.emplace_back(static_cast<int64_t>(value));
    law.weights.push_back(static_cast<double>(n));
  }
  law.balanced = StrataFor(uses);
  return law;
}

}  // namespace spate::generator
