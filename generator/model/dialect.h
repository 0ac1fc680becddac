// How servers of the same interface differ, as data: the ways to ask for structured output, and
// request parameters that some refuse.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "generator/model/chat.h"

namespace spate::model {

// One way to pass a schema on, best first in the table. `before` and `after` enclose the schema in
// the request; both empty: the prompt alone has to do.
struct Dialect {
  std::string_view name;
  std::string_view before;
  std::string_view after;
  bool carries_schema = false;
};
std::span<const Dialect> Dialects();

// A parameter that a server may not know, and the name that replaces it there ("" = left out).
struct Parameter {
  std::string_view name;
  std::string_view replacement;
};
std::span<const Parameter> Parameters();

// What one server has been found to understand so far.
struct Dialog {
  size_t dialect = 0;    // into Dialects()
  uint32_t refused = 0;  // bit n: Parameters()[n]
};

// The body of POST /chat/completions.
std::string RequestBody(const ChatRequest& request, const std::string& model, const Limits& limits,
                        const Dialog& dialog);

// Learns from a refusal (status 400, 422, 500 with `text`): true when `dialog` changed and the
// request is worth sending again. It goes by the parameter that the text names; `unexplained`
// refusals, whose text names none, move on to the next dialect too.
bool LearnFromRefusal(std::string_view text, bool unexplained, Dialog& dialog);

}  // namespace spate::model
