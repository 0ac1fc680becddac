// What comes back from /chat/completions and /models, parsed. Total: any bytes in, a value or an
// error out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace spate::model {

// One answer, or one streamed piece of it.
struct Completion {
  std::string text;
  std::string finish_reason;
  bool has_usage = false;
  uint64_t prompt_tokens = 0;
  uint64_t answer_tokens = 0;
};

// Parses an object of type chat.completion (choices[0].message) or chat.completion.chunk
// (choices[0].delta). kInvalidArgument: not such an object; kInternal: the server's own error,
// sent in place of an answer.
absl::StatusOr<Completion> ParseCompletion(std::string_view json);

// The first id of {"data": [{"id": …}]}.
absl::StatusOr<std::string> ParseModelList(std::string_view json);

// What an error's body says for people: the OpenAI form {"error": {"message"}}, {"error": "…"},
// {"detail": …}, or the beginning of the text itself. At most 300 bytes, on one line.
std::string ErrorText(std::string_view body);

}  // namespace spate::model
