#include "report/units.h"

#include <array>
#include <cmath>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace spate::report {
namespace {

// 1.25, 12.5, 125, 1250: three significant digits below a thousand.
std::string ThreeDigits(double value) {
  if (value >= 99.95) return absl::StrFormat("%.0f", value);
  if (value >= 9.995) return absl::StrFormat("%.1f", value);
  return absl::StrFormat("%.2f", value);
}

std::string Scaled(double value, double base, const std::array<std::string_view, 5>& units) {
  size_t unit = 0;
  // 999.5 would be printed as 1000 of its unit.
  for (; value >= base - 0.5 && unit + 1 < units.size(); ++unit) value /= base;
  const bool whole = unit == 0 && (value == std::floor(value) || value >= 99.95);
  return absl::StrCat(whole ? absl::StrFormat("%.0f", value) : ThreeDigits(value), " ",
                      absl::string_view(units[unit].data(), units[unit].size()));
}

}  // namespace

std::string Count(uint64_t n) {
  std::string digits = absl::StrCat(n);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string Pps(double pps) { return Scaled(pps, 1000, {"pps", "kpps", "Mpps", "Gpps", "Tpps"}); }

std::string Bps(double bps) { return Scaled(bps, 1000, {"b/s", "kb/s", "Mb/s", "Gb/s", "Tb/s"}); }

std::string Bytes(uint64_t bytes) {
  return Scaled(static_cast<double>(bytes), 1024, {"B", "KiB", "MiB", "GiB", "TiB"});
}

std::string Percent(double share) {
  const double percent = share * 100;
  return percent > 0 && percent < 9.95 ? absl::StrFormat("%.1f %%", percent)
                                       : absl::StrFormat("%.0f %%", percent);
}

std::string Seconds(double seconds) {
  if (seconds < 0) return absl::StrCat("-", Seconds(-seconds));
  if (seconds == 0) return "0 s";
  if (seconds < 999.5e-9) return absl::StrFormat("%.0f ns", seconds * 1e9);
  if (seconds < 999.5e-6) return absl::StrCat(ThreeDigits(seconds * 1e6), " µs");
  if (seconds < 0.9995) return absl::StrCat(ThreeDigits(seconds * 1e3), " ms");
  if (seconds < 59.95) return absl::StrCat(ThreeDigits(seconds), " s");
  const uint64_t whole = static_cast<uint64_t>(std::llround(seconds));
  const uint64_t hours = whole / 3600, minutes = whole / 60 % 60;
  if (hours > 0) return absl::StrFormat("%dh%02dm%02ds", hours, minutes, whole % 60);
  return absl::StrFormat("%dm%02ds", minutes, whole % 60);
}

std::string Nanos(int64_t ns) { return Seconds(static_cast<double>(ns) * 1e-9); }

}  // namespace spate::report
