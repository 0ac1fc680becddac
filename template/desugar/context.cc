#include "template/desugar/context.h"

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "base/text.h"

namespace spate::tmpl {
namespace {

LawRange AliasRange(const core::Law& law) {
  const double total = std::accumulate(law.weights.begin(), law.weights.end(), 0.0);
  LawRange range{UINT64_MAX, 0, 0};
  for (size_t i = 0; i < law.values.size(); ++i) {
    if (law.weights[i] <= 0) continue;
    range.min = std::min(range.min, law.values[i]);
    range.max = std::max(range.max, law.values[i]);
    range.mean += static_cast<double>(law.values[i]) * law.weights[i] / total;
  }
  return range;
}

LawRange ListRange(const core::Law& law) {
  const auto [min, max] = std::minmax_element(law.values.begin(), law.values.end());
  const double sum = std::accumulate(law.values.begin(), law.values.end(), 0.0);
  return {*min, *max, sum / static_cast<double>(law.values.size())};
}

}  // namespace

core::Scope ToCore(Scope scope) { return static_cast<core::Scope>(scope); }

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
  switch (law.kind) {
    case Kind::kConstant:
      return {law.start, law.start, static_cast<double>(law.start)};
    case Kind::kUniform: {
      const uint64_t max = law.start + law.count - 1;
      return {law.start, max, (static_cast<double>(law.start) + static_cast<double>(max)) / 2};
    }
    case Kind::kArithmetic: {
      const uint64_t last = law.start + law.step * (law.count - 1);
      return {std::min(law.start, last), std::max(law.start, last),
              (static_cast<double>(law.start) + static_cast<double>(last)) / 2};
    }
    case Kind::kAlias:
      return AliasRange(law);
    case Kind::kList:
    case Kind::kQuantiles:
      return ListRange(law);
  }
  return {};
}

}  // namespace spate::tmpl
