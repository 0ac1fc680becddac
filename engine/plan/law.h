// Evaluating laws: one draw = one look-up. The only place that knows what a law's tables mean.
#pragma once

#include <cstdint>
#include <span>

#include "base/permutation.h"
#include "base/random.h"
#include "engine/plan/plan.h"

namespace spate::engine {

// n mod d without division: `inverse` = (2^64 - 1) / d. The estimated quotient is at most 2 short.
inline uint64_t Reduce(uint64_t n, uint64_t d, uint64_t inverse) {
  const uint64_t quotient = static_cast<uint64_t>((static_cast<uint128>(n) * inverse) >> 64);
  uint64_t rest = n - quotient * d;
  if (rest >= d) rest -= d;
  if (rest >= d) rest -= d;
  return rest;
}
inline constexpr uint64_t InverseOf(uint64_t d) { return ~uint64_t{0} / d; }

// A position in [0, n) and 64 fresh random bits out of 64 random bits.
struct Cell {
  uint64_t index, fraction;
};
inline Cell CellOf(uint64_t bits, uint64_t n) {
  const uint128 product = static_cast<uint128>(bits) * n;
  return {static_cast<uint64_t>(product >> 64), static_cast<uint64_t>(product)};
}

// Walker's alias method over `n` cells of a threshold, a value and its alias. Arithmetic, of which
// compilers make no branch: it would be mispredicted half of the time.
inline uint64_t AliasOfCell(const uint64_t* cell, uint64_t fraction) {
  const uint64_t is_alias = uint64_t{0} - static_cast<uint64_t>(fraction >= cell[0]);
  return cell[1] ^ ((cell[1] ^ cell[2]) & is_alias);
}
inline uint64_t AliasOutcome(const uint64_t* table, uint64_t n, uint64_t bits) {
  const Cell cell = CellOf(bits, n);
  return AliasOfCell(table + 3 * cell.index, cell.fraction);
}

// The same in cells of one word, for up to 2^16 numbers below 2^16: the threshold of 32 bits on
// top, then the alias and the value. Shares are exact to 2^-32.
inline constexpr uint64_t kMostCells = uint64_t{1} << 16;
inline uint32_t OutcomeOfCell(uint64_t cell, uint32_t fraction) {
  const uint32_t shift = static_cast<uint32_t>(fraction >= static_cast<uint32_t>(cell >> 32)) * 16;
  return static_cast<uint32_t>(cell) >> shift & 0xffff;
}
inline uint64_t CellOutcome(const uint64_t* table, uint64_t n, uint64_t bits) {
  const uint64_t product = (bits >> 32) * n;
  return OutcomeOfCell(table[product >> 32], static_cast<uint32_t>(product));
}

// An alias law's outcome that is not dealt.
inline uint64_t AliasOutcome(const LawPlan& law, const uint64_t* words, uint64_t bits) {
  const uint64_t* const table = words + law.table;
  return law.cells ? CellOutcome(table, law.size, bits) : AliasOutcome(table, law.size, bits);
}

// A number of a table that laws of several scales share (LawPlan::factor).
inline uint64_t AtScale(uint64_t number, uint64_t factor) {
  return static_cast<uint64_t>((static_cast<uint128>(number) * factor) >> 63);
}

// Between `size` quantiles at even steps, drawn evenly between two neighbours.
inline uint64_t Interpolated(const uint64_t* knots, uint64_t size, uint64_t factor, uint64_t bits) {
  const Cell cell = CellOf(bits, size - 1);
  const uint64_t low = knots[cell.index], high = knots[cell.index + 1];
  return AtScale(low + Below(cell.fraction, high - low + 1), factor);
}
inline uint64_t Interpolated(const LawPlan& law, const uint64_t* words, uint64_t bits) {
  return Interpolated(words + law.table, law.size, law.factor, bits);
}

// Deals strata 0 … strata-1 (a power of two) in an order keyed by `key` and the round: within each
// `strata` consecutive counters every stratum comes once. Returns bits whose top part is the
// stratum.
uint64_t BalancedBits(uint64_t key, uint64_t counter, uint32_t strata, uint64_t bits);

// The outcome of a law for a counter (kArithmetic, kList) or random bits (the others).
uint64_t Outcome(const LawPlan& law, const uint64_t* words, uint64_t counter, uint64_t bits);

// Likewise, for laws that are dealt too: `key` and `dealt` are the deal's key and counter.
inline uint64_t DealtOutcome(const LawPlan& law, const uint64_t* words, uint64_t key,
                             uint64_t dealt, uint64_t counter, uint64_t bits) {
  if (law.balanced > 0) bits = BalancedBits(key, dealt, law.balanced, bits);
  if (law.permuted) counter = Permuted(key, dealt, law.count);
  return Outcome(law, words, counter, bits);
}

// Where a table of quantiles, taken as signed numbers, is at a time, if it is gone through once in
// each period; linear in between.
uint64_t CurveAt(const LawPlan& law, const uint64_t* words, uint64_t time, uint64_t period);

// The mean of a law's outcomes, for planned rates and sizes.
double MeanOutcome(const core::Law& law);

}  // namespace spate::engine
