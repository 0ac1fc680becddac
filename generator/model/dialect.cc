#include "generator/model/dialect.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "generator/model/json_text.h"

namespace spate::model {
namespace {

constexpr std::array<Dialect, 4> kDialects = {{
    // OpenAI, vLLM, Ollama, llama.cpp's own server.
    {"json_schema",
     R"("response_format":{"type":"json_schema","json_schema":{"name":"draft","schema":)", "}}",
     true},
    // llama-cpp-python.
    {"json_object with schema", R"("response_format":{"type":"json_object","schema":)", "}", true},
    {"json_object", R"("response_format":{"type":"json_object")", "}", false},
    {"none", "", "", false},
}};

constexpr std::array<Parameter, 4> kParameters = {{
    {"stream_options", ""},
    {"seed", ""},
    {"temperature", ""},  // OpenAI's reasoning models
    {"max_tokens", "max_completion_tokens"},
}};

constexpr std::array<std::string_view, 5> kFormatWords = {"response_format", "json_schema",
                                                          "json_object", "schema", "grammar"};

bool NextDialect(Dialog& dialog) {
  if (dialog.dialect + 1 >= kDialects.size()) return false;
  ++dialog.dialect;
  return true;
}

void AppendParameter(std::string_view name, const std::string& value, const Dialog& dialog,
                     std::string& body) {
  for (size_t i = 0; i < kParameters.size(); ++i) {
    if (kParameters[i].name == name && (dialog.refused >> i & 1) != 0) {
      name = kParameters[i].replacement;
    }
  }
  if (!name.empty()) absl::StrAppend(&body, ",\"", AsAbsl(name), "\":", value);
}

}  // namespace

std::span<const Dialect> Dialects() { return kDialects; }
std::span<const Parameter> Parameters() { return kParameters; }

std::string RequestBody(const ChatRequest& request, const std::string& model, const Limits& limits,
                        const Dialog& dialog) {
  std::string body = absl::StrCat("{\"model\":", Quote(model), ",\"messages\":[");
  for (size_t i = 0; i < request.messages.size(); ++i) {
    const ChatMessage& message = request.messages[i];
    absl::StrAppend(&body, i == 0 ? "" : ",", "{\"role\":", Quote(message.role),
                    ",\"content\":", Quote(message.content), "}");
  }
  absl::StrAppend(&body, "],\"stream\":true");
  AppendParameter("stream_options", R"({"include_usage":true})", dialog, body);
  AppendParameter("temperature", absl::StrCat(request.temperature), dialog, body);
  AppendParameter("seed", absl::StrCat(request.seed), dialog, body);
  AppendParameter("max_tokens", absl::StrCat(limits.answer_tokens), dialog, body);
  const Dialect& dialect = kDialects[dialog.dialect];
  if (!request.schema.empty() && !dialect.before.empty()) {
    absl::StrAppend(&body, ",", AsAbsl(dialect.before),
                    dialect.carries_schema ? request.schema : "", AsAbsl(dialect.after));
  }
  return body += '}';
}

bool LearnFromRefusal(std::string_view text, bool unexplained, Dialog& dialog) {
  for (std::string_view word : kFormatWords) {
    if (text.find(word) != text.npos) return NextDialect(dialog);
  }
  for (size_t i = 0; i < kParameters.size(); ++i) {
    if (text.find(kParameters[i].name) != text.npos && (dialog.refused >> i & 1) == 0) {
      dialog.refused |= 1u << i;
      return true;
    }
  }
  return unexplained && NextDialect(dialog);
}

}  // namespace spate::model
