// JSON as text: quoting for what we send, and finding the JSON in what a model wrote.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace spate::model {

// `text` with U+FFFD for every byte that is not part of UTF-8 (RFC 3629).
std::string ValidUtf8(std::string_view text);

// `text` as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD.
std::string Quote(std::string_view text);

// The JSON object in `text`: whole, in a ``` fence, or with prose around it. Of several, the
// longest. Errors: there is none, or it breaks off (the answer was cut).
absl::StatusOr<std::string_view> FindObject(std::string_view text);

// The beginning of `text` on one line, for messages: at most `bytes`, control characters replaced.
std::string Excerpt(std::string_view text, size_t bytes = 300);

}  // namespace spate::model
