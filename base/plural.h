// Counted things as people write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"

namespace spate {

// The noun for `count` things: "flow" or "flows".
inline std::string Plural(uint64_t count, std::string_view one) {
  return Concat(one, count == 1 ? "" : "s");
}

// "1 flow", "2 flows".
inline std::string Things(uint64_t count, std::string_view one) {
  return Concat(count, " ", Plural(count, one));
}

}  // namespace spate
