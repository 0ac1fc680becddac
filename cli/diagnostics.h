// What commands say on standard error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "template/fault.h"

namespace spate::cli {

// "spate: error: …", one line for each line of `message`.
void Error(std::string_view message);
// "spate: …"
void Note(std::string_view message);

// Says why and returns the exit code for it.
int Fail(const absl::Status& status);

// Every fault of `file` in a line of its own, then their number.
int FailWithFaults(const std::string& file, const std::vector<tmpl::Fault>& faults);

}  // namespace spate::cli
