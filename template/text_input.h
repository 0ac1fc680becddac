// What the readers of JSON and YAML share: where a template's text comes from and what it is made
// of.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "template/fault.h"

namespace spate::tmpl {

// The whole file, but no more than just beyond the limit, which the parsers report.
absl::StatusOr<std::string> ReadText(const std::string& path);

// Drops a byte order mark; false (and a fault) where the bytes are not UTF-8.
bool CheckEncoding(std::string_view& text, Faults& faults);

}  // namespace spate::tmpl
