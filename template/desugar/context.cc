#include "template/desugar/context.h"

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "base/text.h"

namespace spate::tmpl {
namespace {

int64_t Signed(uint64_t value) { return static_cast<int64_t>(value); }

// Of numbers from `first` to `last`; all that 64 bits hold if that goes round.
LawRange Between(int64_t first, int64_t last, bool rising) {
  if (rising ? last < first : last > first) return {INT64_MIN, INT64_MAX, 0x1p63};
  const auto [min, max] = std::minmax(first, last);
  return {min, max, (static_cast<double>(min) + static_cast<double>(max)) / 2};
}

// The mean of a quantile table counts its ends half; other laws have weights, or each value alike.
LawRange ValuesRange(const core::Law& law) {
  std::vector<double> weights = law.weights;
  weights.resize(law.values.size(), 1);
  if (law.kind == core::Law::Kind::kQuantiles) weights.front() = weights.back() = 0.5;
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  LawRange range{INT64_MAX, INT64_MIN, 0};
  for (size_t i = 0; i < law.values.size(); ++i) {
    if (weights[i] <= 0) continue;
    const int64_t value = Signed(law.values[i]);
    range.min = std::min(range.min, value);
    range.max = std::max(range.max, value);
    range.mean += static_cast<double>(value) * weights[i] / total;
  }
  return range;
}

}  // namespace

core::Scope ToCore(Scope scope) { return static_cast<core::Scope>(scope); }

std::optional<Rate> OnLine(Context& context, Rate rate, const std::string& text,
                           const Place& place) {
  if (rate.unit != Rate::Unit::kPercent) return rate;
  if (context.out.line_bps == 0) {
    context.faults.Add(place, Quote(text), "the line's speed: \"line\" in the template, or --line");
    return std::nullopt;
  }
  return Rate{Rate::Unit::kBpsL1, rate.value / 100 * context.out.line_bps};
}

uint32_t AddDraw(Context& context, core::Law law, core::Scope scope, std::string_view path) {
  const auto law_index = static_cast<uint32_t>(context.out.laws.size());
  context.out.laws.push_back(std::move(law));
  context.out.draws.push_back({law_index, scope, NameKey(path)});
  return static_cast<uint32_t>(context.out.draws.size() - 1);
}

uint32_t SharedDraw(Context& context, const std::string& name, core::Scope scope,
                    const std::function<core::Law()>& law) {
  const std::string key = Concat(name, "@", static_cast<int>(scope));
  const auto known = context.shared_draws.find(key);
  if (known != context.shared_draws.end()) return known->second;
  const uint32_t draw = AddDraw(context, law(), scope, name);
  context.shared_draws.emplace(key, draw);
  return draw;
}

LawRange RangeOf(const core::Law& law) {
  using Kind = core::Law::Kind;
  const int64_t first = Signed(law.start);
  switch (law.kind) {
    case Kind::kConstant:
      return {first, first, static_cast<double>(first)};
    case Kind::kUniform:
      return Between(first, Signed(law.start + law.count - 1), true);
    case Kind::kArithmetic:
      return Between(first, Signed(law.start + law.step * (law.count - 1)), Signed(law.step) >= 0);
    case Kind::kAlias:
    case Kind::kList:
    case Kind::kQuantiles:
      return ValuesRange(law);
  }
  return {};
}

}  // namespace spate::tmpl
