// Laws estimated from observations.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "template/surface.h"

namespace spate::generator {

tmpl::TimeLaw ConstantTime(double seconds);
// The times in turn, each once before any comes again.
tmpl::TimeLaw ListedTimes(const std::vector<double>& seconds);
// A constant where the times hardly differ or are too few to tell, else quantiles at equal
// probabilities whose mean is that of the times. `uses`: how often one instance draws from it; the
// draws are balanced where their sum decides about totals. `times` must not be empty.
tmpl::TimeLaw TimeLawOf(std::vector<double> times, uint64_t uses);

tmpl::ValueLaw ConstantValue(tmpl::Literal value);
tmpl::ValueLaw ListedValues(std::vector<tmpl::Literal> values, std::optional<tmpl::Scope> per);
// At most `most` values with weights and (integers aside) the same mean, balanced over `uses`.
tmpl::ValueLaw WeightedValues(std::vector<uint64_t> values, size_t most, uint64_t uses);

// The power of two, at most 64, with which `uses` balanced draws sum up most evenly; nullopt below
// 4 uses, where balance says nothing.
std::optional<uint32_t> StrataFor(uint64_t uses);

double Mean(const std::vector<double>& values);
// `digits` significant decimal digits.
double Rounded(double value, int digits);

}  // namespace spate::generator
