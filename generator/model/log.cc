#include "generator/model/log.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/text.h"
#include "generator/model/json_text.h"

namespace spate::model {

absl::StatusOr<Log> Log::Create(const std::string& path) {
  Log log;
  log.file_.reset(std::fopen(path.c_str(), "we"));
  if (!log.file_) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", std::strerror(errno)));
  }
  return log;
}

void Log::Request(std::string_view url, std::string_view body) {
  Line("request", absl::StrCat("\"url\":", Quote(url), ",\"body\":", AsAbsl(body)));
}

void Log::Answer(const ChatReply& reply) {
  Line("answer",
       absl::StrFormat(R"("seconds":%.3f,"dialect":%s,"finish_reason":%s,"prompt_tokens":%d,)"
                       R"("answer_tokens":%d,"tokens_estimated":%s,"content":%s)",
                       reply.seconds, Quote(reply.dialect), Quote(reply.finish_reason),
                       reply.prompt_tokens, reply.answer_tokens,
                       reply.tokens_estimated ? "true" : "false", Quote(reply.content)));
}

void Log::Note(std::string_view event, std::string_view text) {
  Line(event, absl::StrCat("\"text\":", Quote(text)));
}

void Log::Line(std::string_view event, std::string_view rest) {
  if (!file_) return;
  const std::string time =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  absl::FPrintF(file_.get(), "{\"time\":%s,\"event\":%s,%s}\n", Quote(time), Quote(event),
                AsAbsl(rest));
  std::fflush(file_.get());  // a run that is killed leaves its log
}

}  // namespace spate::model
