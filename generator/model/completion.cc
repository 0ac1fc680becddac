#include "generator/model/completion.h"

#include <simdjson.h>

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "generator/model/json_text.h"

namespace spate::model {
namespace {

using simdjson::dom::element;

// "" when `json_pointer` leads to no string.
std::string StringAt(element root, std::string_view json_pointer) {
  std::string_view text;
  return root.at_pointer(json_pointer).get_string().get(text) == simdjson::SUCCESS
             ? std::string(text)
             : std::string();
}

bool NumberAt(element root, std::string_view json_pointer, uint64_t& number) {
  return root.at_pointer(json_pointer).get_uint64().get(number) == simdjson::SUCCESS;
}

absl::Status NotJson(std::string_view what, std::string_view json) {
  return absl::InvalidArgumentError(
      absl::StrCat("expected ", AsAbsl(what), " as JSON, found: ", Excerpt(json)));
}

}  // namespace

absl::StatusOr<Completion> ParseCompletion(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) {
    return NotJson("a chat completion", json);
  }
  element error;
  if (root["error"].get(error) == simdjson::SUCCESS && !error.is_null()) {
    return absl::InternalError(ErrorText(json));
  }
  simdjson::dom::array choices;
  if (root["choices"].get_array().get(choices) != simdjson::SUCCESS) {
    return NotJson("a chat completion with \"choices\"", json);
  }
  Completion out;
  out.text = StringAt(root, "/choices/0/delta/content");
  if (out.text.empty()) out.text = StringAt(root, "/choices/0/message/content");
  out.finish_reason = StringAt(root, "/choices/0/finish_reason");
  out.has_usage = NumberAt(root, "/usage/prompt_tokens", out.prompt_tokens) &&
                  NumberAt(root, "/usage/completion_tokens", out.answer_tokens);
  return out;
}

absl::StatusOr<std::string> ParseModelList(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) {
    return NotJson("a list of models", json);
  }
  std::string id = StringAt(root, "/data/0/id");
  if (id.empty()) return NotJson("a list of models, \"data\": [{\"id\": …}],", json);
  return id;
}

std::string ErrorText(std::string_view body) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(body.data(), body.size()).get(root) == simdjson::SUCCESS) {
    for (const char* pointer : {"/error/message", "/error", "/message", "/detail"}) {
      if (std::string text = StringAt(root, pointer); !text.empty()) return Excerpt(text);
    }
  }
  return Excerpt(body);
}

}  // namespace spate::model
