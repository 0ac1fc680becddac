#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "engine/plan/flatten.h"
#include "engine/plan/law.h"
#include "engine/plan/limits.h"

namespace spate::engine {
namespace {

uint64_t Scaled(uint64_t picos, double scale) {
  return scale == 1 ? picos
                    : static_cast<uint64_t>(std::llround(static_cast<double>(picos) * scale));
}

// Whether its alias table's cells fit one word each (law.h).
bool FitsCells(const core::Law& law) {
  return law.values.size() <= kMostCells &&
         std::ranges::all_of(law.values, [](uint64_t value) { return value < kMostCells; });
}

// Vose's construction of Walker's alias tables: cells of a threshold, a value and its alias.
void AppendAlias(const core::Law& law, bool cells, HugeVector<uint64_t>& words) {
  const size_t n = law.values.size();
  const double total = std::accumulate(law.weights.begin(), law.weights.end(), 0.0);
  std::vector<double> share(n);
  std::vector<size_t> small, large, alias(n);
  for (size_t i = 0; i < n; ++i) {
    share[i] = law.weights[i] / total * static_cast<double>(n);
    alias[i] = i;
    (share[i] < 1 ? small : large).push_back(i);
  }
  while (!small.empty() && !large.empty()) {
    const size_t poor = small.back(), rich = large.back();
    small.pop_back();
    alias[poor] = rich;
    share[rich] -= 1 - share[poor];
    if (share[rich] < 1) {
      large.pop_back();
      small.push_back(rich);
    }
  }
  for (size_t i = 0; i < n; ++i) {
    const bool whole = alias[i] == i || share[i] >= 1;
    if (cells) {
      const uint64_t value = law.values[i];
      const uint64_t other = whole ? value : law.values[alias[i]];
      const auto threshold = whole ? 0 : static_cast<uint64_t>(std::ldexp(share[i], 32));
      words.push_back(threshold << 32 | other << 16 | value);
      continue;
    }
    words.push_back(whole ? ~uint64_t{0} : static_cast<uint64_t>(std::ldexp(share[i], 64)));
    words.push_back(law.values[i]);
    words.push_back(law.values[alias[i]]);
  }
}

// Upper edges of the distribution function, then the values: a stratified number needs a monotone
// look-up, which an alias table is not.
void AppendDistribution(const core::Law& law, HugeVector<uint64_t>& words) {
  const double total = std::accumulate(law.weights.begin(), law.weights.end(), 0.0);
  double sum = 0;
  for (size_t i = 0; i < law.values.size(); ++i) {
    sum += law.weights[i];
    const double edge = std::ldexp(sum / total, 64);
    const bool last = i + 1 == law.values.size() || edge >= 0x1p64;
    words.push_back(last ? ~uint64_t{0} : static_cast<uint64_t>(edge));
  }
  words.insert(words.end(), law.values.begin(), law.values.end());
}

// The law's table of quantiles is that of `shared` times a factor: each number within 1 of its own,
// which is less than 10^-6 of the median.
bool IsScaled(const std::vector<uint64_t>& own, const LawPlan& shared, const uint64_t* words,
              LawPlan& plan) {
  constexpr uint64_t kLeastMedian = 1'000'000;
  const uint64_t* const table = words + shared.table;
  const size_t last = own.size() - 1;
  const bool fits = shared.size == own.size() && own[own.size() / 2] >= kLeastMedian &&
                    own[last] <= table[last] && table[last] < LawPlan::kWhole;
  if (!fits) return false;
  const uint64_t factor =
      static_cast<uint64_t>((static_cast<uint128>(own[last]) << 63) / table[last]);
  for (size_t i = 0; i <= last; ++i) {
    const uint64_t scaled = AtScale(table[i], factor);
    if (own[i] + 1 < scaled || scaled + 1 < own[i]) return false;
  }
  plan.table = shared.table;
  plan.factor = factor;
  return true;
}

// Laws of which only the scale differs read one table, which then stays in the first cache: a chain
// has a delay for each of its ways. `tables`: quantile laws that have one of their own.
void AppendQuantiles(const core::Law& law, double scale, HugeVector<uint64_t>& words,
                     std::vector<LawPlan>& tables, LawPlan& plan) {
  constexpr size_t kMostCompared = 64;
  std::vector<uint64_t> own(law.values.size());
  std::ranges::transform(law.values, own.begin(), [&](uint64_t v) { return Scaled(v, scale); });
  const size_t first = tables.size() - std::min(tables.size(), kMostCompared);
  for (size_t t = first; t < tables.size(); ++t) {
    if (IsScaled(own, tables[t], words.data(), plan)) return;
  }
  words.insert(words.end(), own.begin(), own.end());
  tables.push_back(plan);
}

LawPlan FlattenLaw(const core::Law& law, double scale, HugeVector<uint64_t>& words,
                   std::vector<LawPlan>& tables) {
  LawPlan plan{.kind = law.kind,
               .start = Scaled(law.start, scale),
               .step = Scaled(law.step, scale),
               .count = law.count};
  plan.table = static_cast<uint32_t>(words.size());
  plan.size = static_cast<uint32_t>(law.values.size());
  plan.balanced = law.balanced;
  plan.permuted = law.permuted && law.count > 1;
  if (law.kind == core::Law::Kind::kAlias) {
    plan.cells = law.balanced == 0 && FitsCells(law);
    law.balanced > 0 ? AppendDistribution(law, words) : AppendAlias(law, plan.cells, words);
  } else if (law.kind == core::Law::Kind::kQuantiles) {
    AppendQuantiles(law, scale, words, tables, plan);
  } else {
    for (uint64_t value : law.values) words.push_back(Scaled(value, scale));
  }
  return plan;
}

// A table is shared by those that are smaller.
std::vector<size_t> LargestFirst(const core::Scenario& scenario,
                                 const std::vector<double>& scales) {
  const auto size = [&](size_t i) {
    const core::Law& law = scenario.laws[i];
    return law.values.empty() ? 0 : static_cast<double>(law.values.back()) * scales[i];
  };
  std::vector<size_t> order(scenario.laws.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return size(a) > size(b); });
  return order;
}

absl::Status CheckLaw(const core::Law& law) {
  if (law.balanced > kMaxStrata || (law.balanced != 0 && !std::has_single_bit(law.balanced))) {
    return absl::InvalidArgumentError(
        absl::StrCat("balanced draws deal a power of two of strata, at most ", kMaxStrata, ", not ",
                     law.balanced));
  }
  const bool tabled = law.kind == core::Law::Kind::kList || law.kind == core::Law::Kind::kAlias;
  if ((tabled && law.values.empty()) ||
      (law.kind == core::Law::Kind::kQuantiles && law.values.size() < 2)) {
    return absl::InternalError("a law without values reached the engine");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FlattenDraws(const core::Scenario& scenario, const std::vector<double>& scales,
                          Plan& plan) {
  std::vector<LawPlan> laws(scenario.laws.size()), tables;
  for (const core::Law& law : scenario.laws) SPATE_RETURN_IF_ERROR(CheckLaw(law));
  for (const size_t i : LargestFirst(scenario, scales)) {
    laws[i] = FlattenLaw(scenario.laws[i], scales[i], plan.words, tables);
  }
  for (const core::Draw& draw : scenario.draws) {
    plan.draws.push_back({.law = laws[draw.law], .scope = draw.scope, .key = draw.salt});
  }
  return absl::OkStatus();
}

}  // namespace spate::engine
