// Quantities with a unit as people write them: "20ms", "1.5mpps", "10gbpsl1".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace spate::tmpl {

// Seconds. Units: h, m, s, ms, us, ns, ps; a bare number is seconds. Signs are refused.
absl::StatusOr<double> ParseDuration(std::string_view text);
// The shortest form that ParseDuration reads back as the same number of picoseconds: "20ms".
std::string FormatDuration(double seconds);

// Bytes: "300B", "14kB", "1.5MB", "64KiB"; powers of 1000 or (Ki, Mi, Gi) 1024. Whole numbers of
// bytes only; the unit must be there.
absl::StatusOr<uint64_t> ParseBytes(std::string_view text);

// A rate: packets per second, or bits per second on layer 2 (frames with FCS) or layer 1 (frames
// with FCS, preamble and inter-packet gap), or a share of the line.
struct Rate {
  enum class Unit : unsigned char { kPps, kBps, kBpsL1, kPercent };
  Unit unit = Unit::kPps;
  double value = 0;
};

// Number, optional k, m, g or t (powers of 1000), then pps, bps or bpsl1; or a number and "%".
// The value is positive and finite.
absl::StatusOr<Rate> ParseRate(std::string_view text);
// The same, and 0 of a unit.
absl::StatusOr<Rate> ParseRateOrZero(std::string_view text);

}  // namespace spate::tmpl
