#include "generator/fit/arrivals.h"

#include <algorithm>
#include <cmath>

#include "generator/fit/law.h"

namespace spate::generator {
namespace {

constexpr size_t kArrivalsMostListed = 12;  // times written out one by one
constexpr size_t kMostInstances = 64;       // above, instances take several conversations each

struct Spans {
  std::vector<double> begins, ends;  // seconds, in order of the begins
};

Spans SpansOf(const Sample& sample, const std::vector<uint32_t>& conversations) {
  Spans spans;
  for (uint32_t c : conversations) {
    const std::vector<uint32_t>& packets = sample.conversations[c].packets;
    spans.begins.push_back(static_cast<double>(sample.packets[packets.front()].time_ns) * 1e-9);
    spans.ends.push_back(static_cast<double>(sample.packets[packets.back()].time_ns) * 1e-9);
  }
  return spans;
}

// The least number of instances with which hardly any conversation waits for its predecessor.
size_t Concurrency(const Spans& s) {
  const size_t n = s.begins.size();
  for (size_t k = 1; k < n; k = k < 4 ? k + 1 : k + k / 4) {
    size_t late = 0;
    for (size_t i = 0; i + k < n; ++i) late += s.begins[i + k] < s.ends[i] ? 1 : 0;
    if (50 * late <= n) return k;
  }
  return n;
}

std::optional<tmpl::TimeLaw> StartLaw(std::vector<double> times) {
  if (times.size() == 1 && times[0] == 0) return std::nullopt;
  if (times.size() == 1) return ConstantTime(times[0]);
  if (times.size() <= kArrivalsMostListed) return ListedTimes(times);
  const size_t n = times.size();
  return TimeLawOf(std::move(times), n);
}

double Variance(const std::vector<double>& values, double mean) {
  double sum = 0;
  for (double v : values) sum += (v - mean) * (v - mean);
  return sum / static_cast<double>(values.size());
}

// Gaps of a grid with jitter are anticorrelated (-0.5); those of a renewal timer are not.
bool IsGrid(const std::vector<double>& gaps) {
  if (gaps.size() < 5) return false;
  const double mean = Mean(gaps), variance = Variance(gaps, mean);
  if (mean <= 0 || std::sqrt(variance) > 0.15 * mean) return false;
  if (std::sqrt(variance) < 1e-3 * mean) return true;
  double lagged = 0;
  for (size_t i = 0; i + 1 < gaps.size(); ++i) lagged += (gaps[i] - mean) * (gaps[i + 1] - mean);
  return lagged / static_cast<double>(gaps.size() - 1) < -0.3 * variance;
}

// Period and first tick by least squares over the begins; the jitter counts from the earliest.
void MakeGrid(const std::vector<double>& begins, Arrivals& a) {
  const double n = static_cast<double>(begins.size());
  double sum_i = 0, sum_t = 0, sum_ii = 0, sum_it = 0;
  for (size_t i = 0; i < begins.size(); ++i) {
    const double k = static_cast<double>(i);
    sum_i += k, sum_t += begins[i], sum_ii += k * k, sum_it += k * begins[i];
  }
  const double period = (n * sum_it - sum_i * sum_t) / (n * sum_ii - sum_i * sum_i);
  std::vector<double> offsets;
  for (size_t i = 0; i < begins.size(); ++i) {
    offsets.push_back(begins[i] - static_cast<double>(i) * period);
  }
  const double first = std::max(0.0, *std::min_element(offsets.begin(), offsets.end()));
  double widest = 0;
  for (double& offset : offsets) widest = std::max(widest, offset = std::max(0.0, offset - first));
  a.start = StartLaw({first});
  a.clock.kind = tmpl::Clock::Kind::kGrid;
  a.clock.period_s = Rounded(period, 7);
  if (widest > 1e-4 * period) a.clock.jitter = TimeLawOf(std::move(offsets), begins.size());
}

void MakeRenewal(const std::vector<double>& gaps, uint64_t uses, Arrivals& a) {
  a.clock.kind = tmpl::Clock::Kind::kEvery;
  a.clock.every = gaps.size() <= kArrivalsMostListed && gaps.size() == uses ? ListedTimes(gaps)
                                                                            : TimeLawOf(gaps, uses);
}

// As few instances as concurrency allows, of those numbers that share the conversations out best.
size_t ChooseInstances(size_t conversations, size_t least) {
  size_t best = least, best_waste = conversations;
  for (size_t k = least; k <= 2 * least && k <= conversations; ++k) {
    const size_t waste = (conversations + k - 1) / k * k - conversations;
    if (waste < best_waste) best = k, best_waste = waste;
  }
  return 50 * best_waste <= conversations ? best : conversations;
}

}  // namespace

Arrivals FindArrivals(const Sample& sample, const std::vector<uint32_t>& conversations) {
  Arrivals a;
  const Spans spans = SpansOf(sample, conversations);
  const size_t n = spans.begins.size();
  size_t k = Concurrency(spans);
  if (k > 1) k = n <= kMostInstances || 2 * k > n ? n : ChooseInstances(n, k);
  a.instances = k;
  a.passes = (n + k - 1) / k;
  const std::vector<double> firsts(spans.begins.begin(),
                                   spans.begins.begin() + static_cast<ptrdiff_t>(k));
  a.start = StartLaw(firsts);
  if (a.passes == 1) return a;
  std::vector<double> gaps;
  for (size_t i = 0; i + k < n; ++i) gaps.push_back(spans.begins[i + k] - spans.begins[i]);
  if (k == 1 && IsGrid(gaps)) {
    MakeGrid(spans.begins, a);
  } else {
    MakeRenewal(gaps, a.passes - 1, a);
  }
  return a;
}

Arrivals FindPoissonArrivals(const Sample& sample, const std::vector<uint32_t>& conversations) {
  Arrivals a = FindArrivals(sample, conversations);
  if (a.clock.kind != tmpl::Clock::Kind::kEvery) return a;
  const std::vector<double> begins = SpansOf(sample, conversations).begins;
  std::vector<double> gaps;
  for (size_t i = 0; i + a.instances < begins.size(); ++i) {
    gaps.push_back(begins[i + a.instances] - begins[i]);
  }
  tmpl::TimeLaw law;
  law.kind = "exponential";
  law.parameters = {{"mean", Rounded(Mean(gaps), 4)}};
  law.balanced = StrataFor(a.passes - 1);
  a.clock.every = std::move(law);
  return a;
}

}  // namespace spate::generator
