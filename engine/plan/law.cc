#include "engine/plan/law.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "base/permutation.h"

namespace spate::engine {
namespace {

// The value whose share of [0, 2^64) holds `bits`; the last edge is 2^64 - 1.
uint64_t InverseDistribution(const uint64_t* edges, uint64_t size, uint64_t bits) {
  const uint64_t* edge = std::lower_bound(edges, edges + size - 1, bits);
  return edge[size];
}

}  // namespace

uint64_t BalancedBits(uint64_t key, uint64_t counter, uint32_t strata, uint64_t bits) {
  const unsigned width = static_cast<unsigned>(std::countr_zero(strata));
  if (width == 0) return bits;
  const uint64_t p = Shuffle(Draw(key, counter >> width), counter & (strata - 1), width);
  return (p << (64 - width)) | (bits >> width);
}

uint64_t Outcome(const LawPlan& law, const uint64_t* words, uint64_t counter, uint64_t bits) {
  const uint64_t* table = words + law.table;
  switch (law.kind) {
    case core::Law::Kind::kConstant:
      return law.start;
    case core::Law::Kind::kArithmetic:
      return law.start + law.step * (law.count == 0 ? counter : counter % law.count);
    case core::Law::Kind::kList:
      return table[counter % law.size];
    case core::Law::Kind::kUniform:
      return law.start + (law.count == 0 ? bits : Below(bits, law.count));
    case core::Law::Kind::kQuantiles:
      return Interpolated(law, words, bits);
    case core::Law::Kind::kAlias:
      return law.balanced > 0 ? InverseDistribution(table, law.size, bits)
                              : AliasOutcome(law, words, bits);
  }
  return 0;
}

uint64_t CurveAt(const LawPlan& law, const uint64_t* words, uint64_t time, uint64_t period) {
  const uint64_t* knots = words + law.table;
  const uint128 position = static_cast<uint128>(time % period) * (law.size - 1);
  const auto index = static_cast<size_t>(position / period);
  const auto rest = static_cast<uint64_t>(position % period);
  const auto knot = [&](size_t i) { return static_cast<int64_t>(AtScale(knots[i], law.factor)); };
  const int64_t low = knot(index);
  const auto rise = static_cast<int128>(knot(index + 1) - low);
  // Half a period more: rounded to the nearest. Both ends of the product are below 2^127.
  const int128 parts = rise * rest + period / 2;
  const int128 quotient = parts / static_cast<int128>(period);
  const bool below = parts < 0 && quotient * static_cast<int128>(period) != parts;
  return static_cast<uint64_t>(low + static_cast<int64_t>(quotient) - (below ? 1 : 0));
}

double MeanOutcome(const core::Law& law) {
  const auto number = [](uint64_t v) { return static_cast<double>(v); };
  const auto mean = [&](auto begin, auto end) {
    return std::accumulate(begin, end, 0.0,
                           [&](double sum, uint64_t v) { return sum + number(v); }) /
           static_cast<double>(end - begin);
  };
  switch (law.kind) {
    case core::Law::Kind::kConstant:
      return number(law.start);
    case core::Law::Kind::kArithmetic:
      return number(law.start) +
             static_cast<double>(static_cast<int64_t>(law.step)) * (number(law.count) - 1) / 2;
    case core::Law::Kind::kUniform:
      return number(law.start) + (number(law.count) - 1) / 2;
    case core::Law::Kind::kList:
      return mean(law.values.begin(), law.values.end());
    case core::Law::Kind::kQuantiles: {
      const double ends = (number(law.values.front()) + number(law.values.back())) / 2;
      const double inner = std::accumulate(law.values.begin() + 1, law.values.end() - 1, 0.0,
                                           [&](double sum, uint64_t v) { return sum + number(v); });
      return (ends + inner) / (number(law.values.size()) - 1);
    }
    case core::Law::Kind::kAlias: {
      const double total = std::accumulate(law.weights.begin(), law.weights.end(), 0.0);
      double sum = 0;
      for (size_t i = 0; i < law.values.size(); ++i) sum += number(law.values[i]) * law.weights[i];
      return sum / total;
    }
  }
  return 0;
}

}  // namespace spate::engine
