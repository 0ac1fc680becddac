// The registry of time laws: each is its parameters, its quantile function and its mean. A new law
// is one function pair and one line of the table in laws.cc.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "template/surface.h"

namespace spate::tmpl {

struct LawParameter {
  std::string_view name;
  bool is_time = true;   // seconds, written as a duration; else a plain number
  bool positive = true;  // 0 is refused
  std::string_view doc = {};
};

struct LawSpec {
  std::string_view name;
  std::string_view doc;
  std::string_view example;                  // JSON of its parameters
  std::span<const LawParameter> parameters;  // all required
  // p in (0, 1) → seconds, rising; arguments in the order of `parameters`.
  double (*quantile)(std::span<const double> arguments, double p);
  double (*mean)(std::span<const double> arguments);  // infinite where there is none
};

// Laws by parameters; "constant", "quantiles" and "values" have forms of their own.
std::span<const LawSpec> Laws();
const LawSpec* FindLaw(std::string_view name);

// A law ready to be sampled: quantile function with its support cut to [min, max] and below 0.
struct PreparedLaw {
  std::function<double(double)> quantile;  // of p in [0, 1], finite but for the ends
  double mean = 0;                         // seconds
};

// Errors: a parameter that is missing or out of range, an infinite mean, min above max, a cut that
// leaves nothing of the law. Not for "values".
absl::StatusOr<PreparedLaw> Prepare(const TimeLaw& law);

// Mean in seconds of any law, "values" included.
absl::StatusOr<double> MeanSeconds(const TimeLaw& law);

}  // namespace spate::tmpl
