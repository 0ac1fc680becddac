// What the rewriting of single constructs shares: the template, the scenario that grows, faults.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "template/core.h"
#include "template/fault.h"
#include "template/quantity.h"
#include "template/surface.h"

namespace spate::tmpl {

struct PreparedLaw;

struct Context {
  const Template& t;
  core::Scenario& out;
  Faults& faults;
  const Observer* observer = nullptr;            // nullptr: everything is seen
  std::map<std::string, uint32_t> shared_draws;  // by what they stand for
  std::map<std::string, uint32_t> columns;
};

core::Scope ToCore(Scope scope);

// A share of the line as bits of layer 1; other rates as they are. nullopt: a fault was reported.
std::optional<Rate> OnLine(Context& context, Rate rate, const std::string& text,
                           const Place& place);

// A draw of its own; `path` names its place in the template and is its salt, so that changes
// elsewhere never move it.
uint32_t AddDraw(Context& context, core::Law law, core::Scope scope, std::string_view path);
// One draw for all who ask with the same `name` and scope; `law` is made for the first.
uint32_t SharedDraw(Context& context, const std::string& name, core::Scope scope,
                    const std::function<core::Law()>& law);

// A time law in picoseconds: constant, list or quantile table. Faults are reported.
core::Law LowerTime(Context& context, const TimeLaw& law);
// Quantiles of a law at equal steps of probability, as the core's tables have them: finite, and
// with the law's mean where an end is open.
std::vector<double> Knots(const PreparedLaw& law);
inline constexpr double kMaxSeconds = 9e6;  // 104 days: what 63 bits of picoseconds hold
// A law of times, each `factor` times as long, but at most `max_seconds`.
core::Law Stretched(core::Law law, double factor, double max_seconds);

// Smallest, largest and mean outcome of a law of numbers, taken as signed.
struct LawRange {
  int64_t min = 0, max = 0;
  double mean = 0;
};
LawRange RangeOf(const core::Law& law);

}  // namespace spate::tmpl
