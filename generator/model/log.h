// The request log: JSON lines of what was asked and answered, so that a run can be shown and
// repeated. It never sees a key.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "generator/model/chat.h"

namespace spate::model {

class Log {
 public:
  Log() = default;  // writes nothing
  // Replaces the file at `path`; the error names it.
  static absl::StatusOr<Log> Create(const std::string& path);

  // {"time", "event": "request", "url", "body": {…}}; `body` is JSON.
  void Request(std::string_view url, std::string_view body);
  // {"time", "event": "answer", "seconds", "finish_reason", "tokens", "content"}
  void Answer(const ChatReply& reply);
  // {"time", "event": `event`, "text"}: "retry", "refused", "error", "faults", …
  void Note(std::string_view event, std::string_view text);

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void Line(std::string_view event, std::string_view rest);

  std::unique_ptr<std::FILE, Closer> file_;
};

}  // namespace spate::model
