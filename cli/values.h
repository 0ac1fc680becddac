// Values of options, as people write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace spate::cli {

// "20", "64k", "1.5m", "2g": powers of 1000; a whole number must come out.
absl::StatusOr<uint64_t> ParseCount(std::string_view text);

// CPU numbers: "0,2-3". In the order given, none twice.
absl::StatusOr<std::vector<int>> ParseCpuList(std::string_view text);

// "name=value" of --set; the value may hold further '='.
absl::StatusOr<std::pair<std::string, std::string>> ParseAssignment(std::string_view text);

// For OptionText::check: "" or what is wrong.
// Lcores: 0 to 64.
std::string CheckLcores(const std::string& text);
std::string CheckCount(const std::string& text);
std::string CheckCpuList(const std::string& text);
std::string CheckAssignment(const std::string& text);
std::string CheckDuration(const std::string& text);
std::string CheckRate(const std::string& text);       // as in templates
std::string CheckRateOrMax(const std::string& text);  // … or "max"

}  // namespace spate::cli
