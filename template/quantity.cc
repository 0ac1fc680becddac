#include "template/quantity.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/text.h"

namespace spate::tmpl {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr Unit kTimeUnits[] = {{"h", 3600},  {"m", 60},    {"s", 1},     {"ms", 1e-3},
                               {"us", 1e-6}, {"ns", 1e-9}, {"ps", 1e-12}};
constexpr Unit kByteUnits[] = {{"b", 1},        {"kb", 1e3},     {"mb", 1e6},    {"gb", 1e9},
                               {"kib", 0x1p10}, {"mib", 0x1p20}, {"gib", 0x1p30}};
constexpr Unit kPrefixes[] = {{"", 1}, {"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"t", 1e12}};

// Splits "20ms" into its number and the rest in small letters; nullopt: no finite number ≥ 0.
std::optional<std::pair<double, std::string>> SplitNumber(std::string_view text) {
  text = AsStd(absl::StripAsciiWhitespace(AsAbsl(text)));
  size_t end = 0;
  while (end < text.size()) {
    const char c = text[end];
    const bool exponent =
        (c == 'e' || c == 'E') && end + 1 < text.size() &&
        (absl::ascii_isdigit(text[end + 1]) || text[end + 1] == '-' || text[end + 1] == '+');
    if (exponent) ++end;
    if (!exponent && !absl::ascii_isdigit(c) && c != '.') break;
    ++end;
  }
  double number = 0;
  if (end == 0 || !absl::SimpleAtod(AsAbsl(text.substr(0, end)), &number)) return std::nullopt;
  if (!std::isfinite(number)) return std::nullopt;
  const absl::string_view unit = absl::StripLeadingAsciiWhitespace(AsAbsl(text.substr(end)));
  return std::pair(number, absl::AsciiStrToLower(unit));
}

// The picoseconds that `text` stands for, or -1.
double PicosOf(const std::string& text) {
  const absl::StatusOr<double> seconds = ParseDuration(text);
  return seconds.ok() ? std::round(*seconds * 1e12) : -1;
}

}  // namespace

absl::StatusOr<double> ParseDuration(std::string_view text) {
  if (const auto split = SplitNumber(text)) {
    if (split->second.empty()) return split->first;
    for (const Unit& unit : kTimeUnits) {
      if (split->second == unit.name) return split->first * unit.factor;
    }
  }
  return absl::InvalidArgumentError("a duration such as \"20ms\", \"1.5s\", \"300us\" or \"2h\"");
}

std::string FormatDuration(double seconds) {
  if (seconds == 0) return "0s";
  // The largest unit that leaves a number ≥ 1; minutes and hours only for whole ones of them.
  const Unit* unit = std::end(kTimeUnits) - 1;
  for (const Unit& candidate : kTimeUnits) {
    const bool whole = candidate.factor <= 1 || std::fmod(seconds, candidate.factor) == 0;
    if (!whole || seconds < candidate.factor * (1 - 1e-12)) continue;
    unit = &candidate;
    break;
  }
  const double number = seconds / unit->factor;
  // Fewer digits than stand before the point would be printed with an exponent.
  const int least = std::max(1, static_cast<int>(std::log10(number) + 1e-12) + 1);
  std::string text;
  for (int digits = least; digits <= std::max(17, least); ++digits) {
    text = absl::StrFormat("%.*g%s", digits, number, AsAbsl(unit->name));
    if (PicosOf(text) == std::round(seconds * 1e12)) break;
  }
  return text;
}

absl::StatusOr<uint64_t> ParseBytes(std::string_view text) {
  if (const auto split = SplitNumber(text)) {
    for (const Unit& unit : kByteUnits) {
      const double bytes = split->first * unit.factor;
      const bool whole = std::trunc(bytes) == bytes && bytes < 0x1p53;
      if (split->second == unit.name && whole) return static_cast<uint64_t>(bytes);
    }
  }
  return absl::InvalidArgumentError("bytes such as \"300B\", \"14kB\" or \"64KiB\"");
}

absl::StatusOr<Rate> ParseRateOrZero(std::string_view text) {
  if (const auto split = SplitNumber(text)) {
    const std::string_view unit = split->second;
    if (unit == "%") return Rate{Rate::Unit::kPercent, split->first};
    constexpr std::pair<std::string_view, Rate::Unit> kUnits[] = {
        {"bpsl1", Rate::Unit::kBpsL1}, {"bps", Rate::Unit::kBps}, {"pps", Rate::Unit::kPps}};
    for (const auto& [name, kind] : kUnits) {
      if (!unit.ends_with(name)) continue;
      const std::string_view prefix = unit.substr(0, unit.size() - name.size());
      for (const Unit& p : kPrefixes) {
        if (prefix == p.name) return Rate{kind, split->first * p.factor};
      }
    }
  }
  return absl::InvalidArgumentError(
      "a rate such as \"1mpps\", \"10gbps\", \"10gbpsl1\" or \"50%\"");
}

absl::StatusOr<Rate> ParseRate(std::string_view text) {
  auto rate = ParseRateOrZero(text);
  if (rate.ok() && rate->value > 0) return rate;
  return absl::InvalidArgumentError("a rate above 0 such as \"1mpps\", \"10gbps\" or \"10gbpsl1\"");
}

}  // namespace spate::tmpl
