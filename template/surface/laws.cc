#include "template/surface/laws.h"

#include <algorithm>
#include <boost/math/distributions/exponential.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/pareto.hpp>
#include <boost/math/distributions/weibull.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/status.h"
#include "base/text.h"

namespace spate::tmpl {
namespace {

namespace bm = boost::math;
// No exceptions: what is out of range comes back as NaN or infinity and is checked by Prepare. Nor
// long doubles: a table of a thousand quantiles would take milliseconds, for picoseconds that a
// double holds up to two hours.
using Quiet = bm::policies::policy<bm::policies::domain_error<bm::policies::ignore_error>,
                                   bm::policies::pole_error<bm::policies::ignore_error>,
                                   bm::policies::overflow_error<bm::policies::ignore_error>,
                                   bm::policies::evaluation_error<bm::policies::ignore_error>,
                                   bm::policies::promote_double<false>>;
using Arguments = std::span<const double>;

constexpr LawParameter kUniform[] = {{"min", true, false, "shortest"},
                                     {"max", true, true, "longest"}};
constexpr LawParameter kExponential[] = {{"mean", true, true, "mean time"}};
constexpr LawParameter kNormal[] = {{"mean", true, true, "mean before the cut at 0", true},
                                    {"sd", true, true, "standard deviation"}};
constexpr LawParameter kLognormal[] = {{"median", true, true, "median time"},
                                       {"sigma", false, true, "deviation of the logarithm"}};
constexpr LawParameter kPareto[] = {{"scale", true, true, "shortest time"},
                                    {"shape", false, true, "tail exponent, above 1"}};
constexpr LawParameter kWeibull[] = {{"scale", true, true, "63 % are below it"},
                                     {"shape", false, true, "1: exponential"}};
constexpr LawParameter kGamma[] = {{"mean", true, true, "mean time"},
                                   {"shape", false, true, "1: exponential; higher: steadier"}};

double UniformQuantile(Arguments a, double p) { return a[0] + p * (a[1] - a[0]); }
double UniformMean(Arguments a) { return (a[0] + a[1]) / 2; }
Part UniformBelow(Arguments a, double x) {
  if (x <= a[0]) return {};
  if (x >= a[1]) return {1, UniformMean(a)};
  const double p = (x - a[0]) / (a[1] - a[0]);
  return {p, p * (a[0] + x) / 2};
}

double ExponentialQuantile(Arguments a, double p) {
  return bm::quantile(bm::exponential_distribution<double, Quiet>(1 / a[0]), p);
}
double FirstArgument(Arguments a) { return a[0]; }
Part ExponentialBelow(Arguments a, double x) {
  const double p = -std::expm1(-x / a[0]);
  return {p, a[0] * p - x * (1 - p)};
}

double NormalQuantile(Arguments a, double p) {
  return bm::quantile(bm::normal_distribution<double, Quiet>(a[0], a[1]), p);
}
Part NormalBelow(Arguments a, double x) {
  const bm::normal_distribution<double, Quiet> normal(a[0], a[1]);
  const double p = bm::cdf(normal, x);
  return {p, a[0] * p - a[1] * a[1] * bm::pdf(normal, x)};
}

double LognormalQuantile(Arguments a, double p) {
  return bm::quantile(bm::lognormal_distribution<double, Quiet>(std::log(a[0]), a[1]), p);
}
double LognormalMean(Arguments a) { return a[0] * std::exp(a[1] * a[1] / 2); }
Part LognormalBelow(Arguments a, double x) {
  const bm::normal_distribution<double, Quiet> standard(0, 1);
  const double z = std::log(x / a[0]) / a[1];
  return {bm::cdf(standard, z), LognormalMean(a) * bm::cdf(standard, z - a[1])};
}

double ParetoQuantile(Arguments a, double p) {
  return bm::quantile(bm::pareto_distribution<double, Quiet>(a[0], a[1]), p);
}
double ParetoMean(Arguments a) { return a[1] > 1 ? a[0] * a[1] / (a[1] - 1) : INFINITY; }
Part ParetoBelow(Arguments a, double x) {
  if (x <= a[0]) return {};
  const double above = std::pow(a[0] / x, a[1]);
  return {1 - above, ParetoMean(a) * (1 - above * x / a[0])};
}

double WeibullQuantile(Arguments a, double p) {
  return bm::quantile(bm::weibull_distribution<double, Quiet>(a[1], a[0]), p);
}
double WeibullMean(Arguments a) { return a[0] * std::tgamma(1 + 1 / a[1]); }
Part WeibullBelow(Arguments a, double x) {
  const double z = std::pow(x / a[0], a[1]);
  return {-std::expm1(-z), WeibullMean(a) * bm::gamma_p(1 + 1 / a[1], z, Quiet())};
}

double GammaQuantile(Arguments a, double p) {
  return bm::quantile(bm::gamma_distribution<double, Quiet>(a[1], a[0] / a[1]), p);
}
Part GammaBelow(Arguments a, double x) {
  const double z = x * a[1] / a[0];
  return {bm::gamma_p(a[1], z, Quiet()), a[0] * bm::gamma_p(a[1] + 1, z, Quiet())};
}

constexpr LawSpec kLaws[] = {
    {"uniform", "equally likely between two times", "equally likely between two values",
     R"({"min": "10ms", "max": "30ms"})", kUniform, UniformQuantile, UniformMean, UniformBelow},
    {"exponential", "memoryless: gaps of a Poisson process", "memoryless, from 0 on",
     R"({"mean": "5ms"})", kExponential, ExponentialQuantile, FirstArgument, ExponentialBelow},
    {"normal", "bell curve, cut at 0", "bell curve; in fields and sizes cut at 0",
     R"({"mean": "20ms", "sd": "2ms"})", kNormal, NormalQuantile, FirstArgument, NormalBelow},
    {"lognormal", "skewed to the right: think times, service times",
     "skewed to the right: lengths of messages and files", R"({"median": "8ms", "sigma": 0.7})",
     kLognormal, LognormalQuantile, LognormalMean, LognormalBelow},
    {"pareto", "heavy tail: idle times of people", "heavy tail: sizes of downloads",
     R"({"scale": "1s", "shape": 1.5})", kPareto, ParetoQuantile, ParetoMean, ParetoBelow},
    {"weibull", "burstier (shape below 1) or steadier (above) than exponential",
     "longer (shape below 1) or shorter (above) tail than exponential",
     R"({"scale": "10ms", "shape": 0.6})", kWeibull, WeibullQuantile, WeibullMean, WeibullBelow},
    {"gamma", "sum of `shape` exponential stages", "sum of `shape` exponential values",
     R"({"mean": "10ms", "shape": 4})", kGamma, GammaQuantile, FirstArgument, GammaBelow},
};

constexpr int kGrid = 1 << 12;        // points of each part of a mixture
constexpr double kCell = 1.0 / 1024;  // of probability, in the tables that laws become

absl::StatusOr<PreparedLaw> Cut(PreparedLaw whole, double min, double max) {
  if (min > max) return absl::InvalidArgumentError("\"min\" at most \"max\"");
  // Values of `max` themselves stay.
  const double beyond = std::nextafter(max, INFINITY);
  const Part head = whole.quantile(0) >= min ? Part{} : whole.below(min);
  const Part body = whole.quantile(1) <= max ? Part{1, whole.mean} : whole.below(beyond);
  const double from = head.probability, to = body.probability;
  if (from == 0 && to == 1) {
    whole.least = min;
    whole.most = max;
    return whole;
  }
  if (!(to - from > 1e-9)) {
    return absl::InvalidArgumentError("\"min\" and \"max\" that leave a part of the law");
  }
  PreparedLaw cut;
  // A long tail of which the cut takes less than a cell of a table stays open: the table's end then
  // keeps the mean, which a line up to the bound would not.
  const bool open = to > 1 - kCell && !std::isfinite(whole.quantile(1));
  if (open) cut.most = max;
  cut.mean = std::clamp((body.mean - head.mean) / (to - from), min, max);
  cut.below = [below = whole.below, head, min, beyond, mean = cut.mean,
               share = to - from](double x) {
    if (x <= min) return Part{};
    if (x >= beyond) return Part{1, mean};
    const Part part = below(x);
    return Part{(part.probability - head.probability) / share, (part.mean - head.mean) / share};
  };
  cut.quantile = [quantile = std::move(whole.quantile), from, to, min, max, open](double p) {
    if (open && p >= 1) return HUGE_VAL;
    return std::clamp(quantile(from + p * (to - from)), min, max);
  };
  return cut;
}

absl::StatusOr<PreparedLaw> PrepareKnots(const TimeLaw& law, Domain domain) {
  const auto& knots = law.knots;
  if (knots.size() < 2 || knots.front().first != 0 || knots.back().first != 1) {
    return absl::InvalidArgumentError("at least two quantiles, the first at 0, the last at 1");
  }
  PreparedLaw prepared;
  for (size_t i = 0; i < knots.size(); ++i) {
    const bool negative = domain == Domain::kTimes && knots[i].second < 0;
    if (negative || !std::isfinite(knots[i].second)) {
      return absl::InvalidArgumentError("times ≥ 0");
    }
    if (i == 0) continue;
    if (knots[i].first < knots[i - 1].first || knots[i].second < knots[i - 1].second) {
      return absl::InvalidArgumentError("quantiles whose probabilities and values both rise");
    }
    prepared.mean +=
        (knots[i].first - knots[i - 1].first) * (knots[i].second + knots[i - 1].second) / 2;
  }
  prepared.quantile = [knots](double p) {
    const auto right = std::upper_bound(knots.begin(), knots.end(), p,
                                        [](double x, const auto& knot) { return x < knot.first; });
    if (right == knots.end()) return knots.back().second;
    const auto left = right - 1;
    const double share = (p - left->first) / (right->first - left->first);
    return left->second + share * (right->second - left->second);
  };
  prepared.below = [knots](double x) {
    Part part;
    for (size_t i = 1; i < knots.size() && knots[i - 1].second < x; ++i) {
      const auto& [p, low] = knots[i - 1];
      const auto& [next, high] = knots[i];
      const double share = high < x ? 1 : (x - low) / (high - low);
      part.probability += share * (next - p);
      part.mean += share * (next - p) * (low + std::min(high, x)) / 2;
    }
    return part;
  };
  return prepared;
}

absl::StatusOr<std::vector<double>> ArgumentsOf(const TimeLaw& law, const LawSpec& spec,
                                                Domain domain) {
  std::vector<double> arguments;
  for (const LawParameter& parameter : spec.parameters) {
    const auto given = std::find_if(law.parameters.begin(), law.parameters.end(),
                                    [&](const auto& p) { return p.first == parameter.name; });
    const double value = given == law.parameters.end() ? NAN : given->second;
    const bool free = domain == Domain::kNumbers && (parameter.location || law.kind == "uniform");
    const bool refused = !free && (value < 0 || (parameter.positive && value == 0));
    if (!std::isfinite(value) || refused) {
      return absl::InvalidArgumentError(Concat("a value ",
                                               parameter.positive ? "above" : "of at least",
                                               " 0 for \"", parameter.name, "\" of ", spec.name));
    }
    arguments.push_back(value);
  }
  return arguments;
}

absl::StatusOr<PreparedLaw> PrepareConstant(const TimeLaw& law, Domain domain) {
  const double seconds = law.parameters.empty() ? 0 : law.parameters.front().second;
  const bool negative = domain == Domain::kTimes && seconds < 0;
  if (negative || !std::isfinite(seconds)) return absl::InvalidArgumentError("a time ≥ 0");
  return PreparedLaw{[seconds](double) { return seconds; }, seconds,
                     [seconds](double x) { return seconds < x ? Part{1, seconds} : Part{}; }};
}

absl::StatusOr<PreparedLaw> PrepareSpec(const TimeLaw& law, Domain domain) {
  const LawSpec* spec = FindLaw(law.kind);
  if (!spec) return absl::InvalidArgumentError("a law of the registry");
  SPATE_ASSIGN_OR_RETURN(std::vector<double> arguments, ArgumentsOf(law, *spec, domain));
  if (law.kind == "uniform" && arguments[1] < arguments[0]) {
    return absl::InvalidArgumentError("\"min\" at most \"max\"");
  }
  PreparedLaw prepared;
  prepared.mean = spec->mean(arguments);
  if (!std::isfinite(prepared.mean)) {
    return absl::InvalidArgumentError("a law with a finite mean (pareto: shape above 1)");
  }
  // The ends of unbounded laws are infinite; asking for them would be a domain error.
  prepared.quantile = [spec, arguments](double p) {
    if (p >= 1) return spec->quantile == UniformQuantile ? arguments[1] : INFINITY;
    if (p <= 0) return spec->quantile == NormalQuantile ? -INFINITY : spec->quantile(arguments, 0);
    return spec->quantile(arguments, p);
  };
  prepared.below = [spec, arguments, mean = prepared.mean](double x) {
    if (x == INFINITY) return Part{1, mean};
    const bool anything = spec->below == NormalBelow || spec->below == UniformBelow;
    return anything || x > 0 ? spec->below(arguments, x) : Part{};
  };
  return prepared;
}

// Laws of which one is chosen by weight.
class Mixture {
 public:
  void Add(PreparedLaw law, double weight) {
    least_ = std::min(least_, std::max(law.quantile(0), law.least));
    most_ = std::max(most_, std::min(law.quantile(1), law.most));
    parts_.emplace_back(std::move(law), weight);
  }

  Part Below(double x) const {
    Part sum;
    for (const auto& [law, weight] : parts_) {
      const Part part = law.below(x);
      sum.probability += weight * part.probability;
      sum.mean += weight * part.mean;
    }
    return sum;
  }

  double Quantile(double p) {
    if (p <= 0) return least_;
    if (p >= 1) return most_;
    if (points_.empty()) MakePoints();
    const auto at = std::ranges::lower_bound(points_, p, {}, &std::pair<double, double>::second);
    return at == points_.end() ? points_.back().first : at->first;
  }

 private:
  // Of each part as many of equal probability, so that the quantiles of all are those of the points
  // in order.
  void MakePoints() {
    for (const auto& [law, weight] : parts_) {
      for (int i = 0; i < kGrid; ++i) {
        points_.emplace_back(law.quantile((i + 0.5) / kGrid), weight / kGrid);
      }
    }
    std::ranges::sort(points_);
    double sum = 0;
    for (auto& [value, probability] : points_) probability = sum += probability;
  }

  std::vector<std::pair<PreparedLaw, double>> parts_;  // law, weight
  std::vector<std::pair<double, double>> points_;      // value, probability up to it
  double least_ = INFINITY, most_ = -INFINITY;
};

absl::StatusOr<PreparedLaw> PrepareMixture(const TimeLaw& law, Domain domain) {
  double total = 0;
  for (const auto& [part, weight] : law.parts) total += weight;
  if (!(total > 0)) return absl::InvalidArgumentError("at least one part with a weight above 0");
  PreparedLaw mixture;
  Mixture parts;
  for (const auto& [part, weight] : law.parts) {
    if (part->kind == "values") {
      return absl::InvalidArgumentError(
          "parts of a mixture that are drawn, not \"values\" in turn");
    }
    if (weight <= 0) continue;
    SPATE_ASSIGN_OR_RETURN(PreparedLaw prepared, Prepare(*part, domain));
    mixture.mean += prepared.mean * weight / total;
    parts.Add(std::move(prepared), weight / total);
  }
  mixture.below = [parts](double x) { return parts.Below(x); };
  mixture.quantile = [parts](double p) mutable { return parts.Quantile(p); };
  return mixture;
}

}  // namespace

std::span<const LawSpec> Laws() { return kLaws; }

const LawSpec* FindLaw(std::string_view name) {
  for (const LawSpec& law : kLaws) {
    if (law.name == name) return &law;
  }
  return nullptr;
}

absl::StatusOr<PreparedLaw> Prepare(const TimeLaw& law, Domain domain) {
  absl::StatusOr<PreparedLaw> whole = law.kind == "constant"    ? PrepareConstant(law, domain)
                                      : law.kind == "quantiles" ? PrepareKnots(law, domain)
                                      : law.kind == "mixture"   ? PrepareMixture(law, domain)
                                                                : PrepareSpec(law, domain);
  if (!whole.ok() || law.kind == "constant") return whole;
  const double lowest = domain == Domain::kTimes ? 0 : -INFINITY;
  return Cut(*std::move(whole), std::max(lowest, law.min.value_or(lowest)),
             law.max.value_or(INFINITY));
}

absl::StatusOr<double> MeanSeconds(const TimeLaw& law) {
  if (law.kind == "values") {
    if (law.values.empty()) return absl::InvalidArgumentError("at least one time");
    return std::accumulate(law.values.begin(), law.values.end(), 0.0) /
           static_cast<double>(law.values.size());
  }
  SPATE_ASSIGN_OR_RETURN(PreparedLaw prepared, Prepare(law));
  return prepared.mean;
}

}  // namespace spate::tmpl
