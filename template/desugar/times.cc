// Time laws → constants, lists and quantile tables in picoseconds.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/units.h"
#include "template/desugar/context.h"
#include "template/surface/laws.h"

namespace spate::tmpl {
namespace {

using TimesKind = core::Law::Kind;

constexpr size_t kCells = 1024;

uint64_t ToPicos(double seconds) {
  return static_cast<uint64_t>(Picos::FromSeconds(std::clamp(seconds, 0.0, kMaxSeconds)).count);
}

// The last knot of an open tail stands where the table's mean becomes the law's.
double EndKnot(const std::vector<double>& knots, double mean) {
  double sum = 0;
  for (size_t i = 0; i + 2 < knots.size(); ++i) sum += (knots[i] + knots[i + 1]) / 2;
  const double before = knots[knots.size() - 2];
  return std::max(before, 2 * (mean * static_cast<double>(kCells) - sum) - before);
}

bool TimesEquallySpaced(const TimeLaw& law) {
  const double last = static_cast<double>(law.knots.size() - 1);
  for (size_t i = 0; i < law.knots.size(); ++i) {
    if (std::fabs(law.knots[i].first - static_cast<double>(i) / last) > 1e-12) return false;
  }
  return true;
}

}  // namespace

std::vector<double> Knots(const PreparedLaw& law) {
  std::vector<double> knots(kCells + 1);
  for (size_t i = 0; i <= kCells; ++i) {
    knots[i] = law.quantile(static_cast<double>(i) / kCells);
  }
  // An open head (normal) begins in the middle of its first cell's lower half.
  if (!std::isfinite(knots.front())) knots.front() = law.quantile(0.125 / kCells);
  if (!std::isfinite(knots.back())) knots.back() = EndKnot(knots, law.mean);
  for (double& knot : knots) knot = std::clamp(knot, law.least, law.most);
  return knots;
}

core::Law Stretched(core::Law law, double factor, double max_seconds) {
  const auto stretch = [&, most = static_cast<double>(ToPicos(max_seconds))](uint64_t picos) {
    return static_cast<uint64_t>(std::min(static_cast<double>(picos) * factor, most));
  };
  law.start = stretch(law.start);
  for (uint64_t& value : law.values) value = stretch(value);
  return law;
}

core::Law LowerTime(Context& context, const TimeLaw& law) {
  core::Law out;
  if (law.kind == "values") {
    out.kind = TimesKind::kList;
    for (double seconds : law.values) out.values.push_back(ToPicos(seconds));
    if (out.values.empty()) {
      context.faults.Add(law.place, "a list without times", "at least one time");
      return {};
    }
    return out;
  }
  const auto prepared = Prepare(law);
  if (!prepared.ok()) {
    context.faults.Add(law.place, Concat("the law ", Quote(law.kind)),
                       std::string(prepared.status().message()));
    return out;
  }
  if (prepared->mean > kMaxSeconds) {
    context.faults.Add(law.place, Concat("a mean of ", prepared->mean, " s"),
                       Concat("times below ", kMaxSeconds, " s"));
    return out;
  }
  if (law.kind == "constant") {
    out.start = ToPicos(prepared->mean);
    return out;
  }
  out.kind = TimesKind::kQuantiles;
  out.balanced = law.balanced.value_or(0);
  if (law.kind == "quantiles" && !law.min && !law.max && TimesEquallySpaced(law)) {
    for (const auto& [p, seconds] : law.knots) out.values.push_back(ToPicos(seconds));
  } else {
    for (const double seconds : Knots(*prepared)) out.values.push_back(ToPicos(seconds));
  }
  return out;
}

}  // namespace spate::tmpl
