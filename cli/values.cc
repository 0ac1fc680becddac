#include "cli/values.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "base/text.h"
#include "template/quantity.h"

namespace spate::cli {
namespace {

constexpr int kMostCpus = 4096;
constexpr uint32_t kMostLcores = 64;

uint64_t PowerOf(char suffix) {
  switch (absl::ascii_tolower(static_cast<unsigned char>(suffix))) {
    case 'k':
      return 1'000;
    case 'm':
      return 1'000'000;
    case 'g':
      return 1'000'000'000;
    default:
      return 0;
  }
}

absl::StatusOr<int> ParseCpu(absl::string_view text) {
  int cpu = 0;
  const bool digits = !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return absl::ascii_isdigit(c);
  });
  if (digits && absl::SimpleAtoi(text, &cpu) && cpu < kMostCpus) return cpu;
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not a CPU number; a list is like 0,2-3"));
}

std::string Said(const absl::Status& status) {
  return status.ok() ? "" : std::string(status.message());
}

// For parsers whose message says only what they expect.
std::string Expected(const std::string& text, const absl::Status& status) {
  return status.ok() ? "" : absl::StrCat("\"", text, "\" is not ", status.message());
}

}  // namespace

absl::StatusOr<uint64_t> ParseCount(std::string_view text) {
  const uint64_t power = text.empty() ? 0 : PowerOf(text.back());
  const std::string_view number = power > 0 ? text.substr(0, text.size() - 1) : text;
  uint64_t whole = 0;
  if (!number.empty() && absl::ascii_isdigit(static_cast<unsigned char>(number[0]))) {
    if (absl::SimpleAtoi(AsAbsl(number), &whole) && (power == 0 || whole <= UINT64_MAX / power)) {
      return whole * (power > 0 ? power : 1);
    }
    double real = 0;
    if (power > 0 && absl::SimpleAtod(AsAbsl(number), &real)) {
      real *= static_cast<double>(power);
      if (real < 0x1p53 && real == std::floor(real)) return static_cast<uint64_t>(real);
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", AsAbsl(text), "\" is not a count such as 20, 64k or 1.5m"));
}

absl::StatusOr<std::vector<int>> ParseCpuList(std::string_view text) {
  std::vector<int> cpus;
  for (absl::string_view part : absl::StrSplit(AsAbsl(text), ',')) {
    const std::pair<absl::string_view, absl::string_view> ends =
        absl::StrSplit(part, absl::MaxSplits('-', 1));
    SPATE_ASSIGN_OR_RETURN(const int first, ParseCpu(ends.first));
    int last = first;
    if (part.find('-') != absl::string_view::npos) {
      SPATE_ASSIGN_OR_RETURN(last, ParseCpu(ends.second));
    }
    if (last < first) {
      return absl::InvalidArgumentError(absl::StrCat("\"", part, "\" runs backwards"));
    }
    for (int cpu = first; cpu <= last; ++cpu) {
      if (std::ranges::find(cpus, cpu) != cpus.end()) {
        return absl::InvalidArgumentError(absl::StrCat("CPU ", cpu, " is named twice"));
      }
      cpus.push_back(cpu);
    }
  }
  return cpus;
}

absl::StatusOr<std::pair<std::string, std::string>> ParseAssignment(std::string_view text) {
  const size_t at = text.find('=');
  if (at == 0 || at == std::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", AsAbsl(text), "\" is not of the form name=value"));
  }
  return std::pair(std::string(text.substr(0, at)), std::string(text.substr(at + 1)));
}

std::string CheckLcores(const std::string& text) {
  uint32_t lcores = 0;
  const bool ok = absl::SimpleAtoi(text, &lcores) && lcores <= kMostLcores;
  return ok ? "" : absl::StrCat("\"", text, "\" is not a number of lcores from 0 to ", kMostLcores);
}
std::string CheckCount(const std::string& text) { return Said(ParseCount(text).status()); }
std::string CheckCpuList(const std::string& text) { return Said(ParseCpuList(text).status()); }
std::string CheckAssignment(const std::string& text) {
  return Said(ParseAssignment(text).status());
}
std::string CheckDuration(const std::string& text) {
  return Expected(text, tmpl::ParseDuration(text).status());
}
std::string CheckRate(const std::string& text) {
  return Expected(text, tmpl::ParseRate(text).status());
}
std::string CheckRateOrMax(const std::string& text) { return text == "max" ? "" : CheckRate(text); }

}  // namespace spate::cli
