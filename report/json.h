// JSON for programs: keys in the order in which they were set. Who makes values includes
// nlohmann/json.hpp.
#pragma once

#include <string>

#include "nlohmann/json_fwd.hpp"

namespace spate::report {

using Json = nlohmann::ordered_json;

// Two spaces deep, with a newline at the end. Bytes that are not UTF-8 (a file name) become
// U+FFFD; numbers that JSON has no form for (infinity) become null.
std::string Text(const Json& value);

}  // namespace spate::report
