// The registry of time laws: each is its parameters, its quantile function, its mean and what lies
// below a value. A new law is these three functions and one line of the table in laws.cc.
#pragma once

#include <cmath>
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
  bool location = false;  // of numbers, which lie on both sides of 0, it may be any
};

// Of the values below some x: how likely they are, and their share of the mean.
struct Part {
  double probability = 0, mean = 0;
};

struct LawSpec {
  std::string_view name;
  std::string_view doc;
  std::string_view number_doc;               // as a law of numbers
  std::string_view example;                  // JSON of its parameters, as a law of times
  std::span<const LawParameter> parameters;  // all required
  // p in (0, 1) → seconds, rising; arguments in the order of `parameters`.
  double (*quantile)(std::span<const double> arguments, double p);
  double (*mean)(std::span<const double> arguments);  // infinite where there is none
  // Of values below x, which is above 0 or, for the normal law, anything.
  Part (*below)(std::span<const double> arguments, double x);
};

// Laws by parameters; "constant", "quantiles", "mixture" and "values" have forms of their own.
std::span<const LawSpec> Laws();
const LawSpec* FindLaw(std::string_view name);

// What a law is about: times end at 0, numbers do not.
enum class Domain : uint8_t { kTimes, kNumbers };

// A law ready to be sampled: quantile function with its support cut to [min, max] and the domain.
struct PreparedLaw {
  std::function<double(double)> quantile;  // of p in [0, 1], finite but for the ends
  double mean = 0;                         // seconds
  std::function<Part(double)> below;       // of values below an x
  // A cut that takes so little off that the quantiles stay: only what a table's ends reach beyond.
  double least = -INFINITY, most = INFINITY;
};

// Errors: a parameter that is missing or out of range, an infinite mean, min above max, a cut that
// leaves nothing of the law. Not for "values".
absl::StatusOr<PreparedLaw> Prepare(const TimeLaw& law, Domain domain = Domain::kTimes);

// Mean in seconds of any law, "values" included.
absl::StatusOr<double> MeanSeconds(const TimeLaw& law);

}  // namespace spate::tmpl
