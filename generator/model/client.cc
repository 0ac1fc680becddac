#include "generator/model/client.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "generator/model/backoff.h"
#include "generator/model/completion.h"
#include "generator/model/json_text.h"
#include "generator/model/sse.h"

namespace spate::model {
namespace {

constexpr size_t kModelListBytes = 1 << 20;
constexpr uint64_t kBytesPerToken = 4;  // a common rule of thumb, for servers that do not count

std::string FromEnvironment(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return "";
}

// An HTTP status that is no success, as an error.
absl::Status StatusOf(const HttpResponse& response) {
  const int status = response.status;
  if (status >= 200 && status <= 299) return absl::OkStatus();
  std::string text = absl::StrCat("HTTP ", status);
  if (!response.location.empty()) absl::StrAppend(&text, ", it moved to ", response.location);
  const std::string said = ErrorText(response.error_body);
  if (!said.empty()) absl::StrAppend(&text, ": ", said);
  if (status == 401 || status == 403) {
    return absl::UnauthenticatedError(absl::StrCat(text, " (the key is read from SPATE_API_KEY)"));
  }
  if (status == 404) {
    return absl::NotFoundError(
        absl::StrCat(text, " (expected the URL that /chat/completions follows, usually …/v1)"));
  }
  if (IsTransient(status)) return absl::UnavailableError(text);
  return absl::FailedPreconditionError(text);
}

}  // namespace

Endpoint WithEnvironment(Endpoint endpoint) {
  if (endpoint.model.empty()) endpoint.model = FromEnvironment({"SPATE_MODEL_NAME"});
  if (endpoint.key.empty()) endpoint.key = FromEnvironment({"SPATE_API_KEY", "OPENAI_API_KEY"});
  return endpoint;
}

// One request for a completion and what came of it.
struct Client::Attempt {
  HttpResponse response;
  ChatReply reply;
  SseParser sse;
  std::string whole;    // an answer in one piece: the server does not stream
  uint64_t pieces = 0;  // of the stream, with text
  bool has_usage = false;
  bool ended = false;  // the stream said so

  absl::Status Take(std::string_view json, const Limits& limits);
};

absl::Status Client::Attempt::Take(std::string_view json, const Limits& limits) {
  if (json == "[DONE]") return ended = true, absl::OkStatus();
  SPATE_ASSIGN_OR_RETURN(Completion piece, ParseCompletion(json));
  if (!piece.text.empty()) ++pieces;
  reply.content += piece.text;
  if (reply.content.size() > limits.answer_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the answer is too long: above ", limits.answer_bytes, " bytes"));
  }
  if (!piece.finish_reason.empty()) {
    reply.finish_reason = piece.finish_reason;
    ended = true;
  }
  if (piece.has_usage) {
    has_usage = true;
    reply.prompt_tokens = piece.prompt_tokens;
    reply.answer_tokens = piece.answer_tokens;
  }
  return absl::OkStatus();
}

Client::Client(Endpoint endpoint, const Limits& limits, Log* log, const std::atomic<bool>* cancel)
    : endpoint_(std::move(endpoint)),
      limits_(limits),
      log_(log),
      cancel_(cancel),
      random_key_(SubKey(std::random_device{}(), 0)) {}

absl::StatusOr<Client> Client::Create(const Endpoint& endpoint, const Limits& limits, Log* log,
                                      const std::atomic<bool>* cancel) {
  Endpoint clean = endpoint;
  absl::string_view url = clean.base_url;
  if (!absl::StartsWith(url, "http://") && !absl::StartsWith(url, "https://")) {
    return absl::InvalidArgumentError(
        absl::StrCat("model server: found ", Quote(DisplayUrl(clean.base_url)),
                     ", expected a URL such as http://127.0.0.1:8089/v1"));
  }
  while (absl::ConsumeSuffix(&url, "/")) {
  }
  absl::ConsumeSuffix(&url, "/chat/completions");
  clean.base_url = std::string(url);
  return Client(std::move(clean), limits, log, cancel);
}

absl::Status Client::Placed(const absl::Status& status) const {
  // What broke in the middle has been retried by now: for callers it is simply not available.
  const auto code = absl::IsAborted(status) ? absl::StatusCode::kUnavailable : status.code();
  absl::Status placed(
      code, absl::StrCat("model server ", DisplayUrl(endpoint_.base_url), ": ", status.message()));
  log_->Note("error", AsStd(placed.message()));
  return placed;
}

bool Client::Retry(const absl::Status& status, const HttpResponse& response, uint32_t& retries) {
  if (!absl::IsAborted(status) && !IsTransient(response.status)) return false;
  const uint64_t random = Draw(random_key_, random_count_++);
  const std::optional<Limits::Duration> pause =
      NextPause(limits_, retries, random, response.retry_after);
  if (!pause.has_value()) return false;
  ++retries;
  log_->Note("retry", absl::StrCat(status.message(), "; again in ", pause->count(), " ms"));
  return Pause(*pause, cancel_);
}

absl::Status Client::TryModelList(std::string& list, HttpResponse& response) {
  const HttpSink sink = [&](const HttpResponse&, std::string_view bytes) -> absl::Status {
    list.append(bytes);
    if (list.size() <= kModelListBytes) return absl::OkStatus();
    return absl::ResourceExhaustedError("the list of models is above 1 MiB");
  };
  const HttpRequest request{endpoint_.base_url + "/models", "", endpoint_.key};
  SPATE_ASSIGN_OR_RETURN(response, Perform(request, limits_, sink, cancel_));
  return StatusOf(response);
}

absl::StatusOr<std::string> Client::ModelName() {
  uint32_t retries = 0;
  while (endpoint_.model.empty()) {
    std::string list;
    HttpResponse response;
    const absl::Status status = TryModelList(list, response);
    if (!status.ok()) {
      if (Retry(status, response, retries)) continue;
      return Placed(status);
    }
    absl::StatusOr<std::string> first = ParseModelList(list);
    if (!first.ok()) return Placed(first.status());
    endpoint_.model = *std::move(first);
  }
  return endpoint_.model;
}

absl::Status Client::TryOnce(const std::string& body, const OnTokens& on_tokens, Attempt& attempt) {
  const auto on_data = [&](std::string_view data) {
    absl::Status status = attempt.Take(data, limits_);
    if (status.ok() && on_tokens) on_tokens(attempt.pieces);
    return status;
  };
  const HttpSink sink = [&](const HttpResponse& head, std::string_view bytes) -> absl::Status {
    if (head.content_type == "text/event-stream") return attempt.sse.Feed(bytes, on_data);
    attempt.whole.append(bytes);
    // JSON may quote every byte of the text as six.
    if (attempt.whole.size() <= limits_.answer_bytes * 6) return absl::OkStatus();
    return absl::ResourceExhaustedError("the answer is too long");
  };
  const std::string url = endpoint_.base_url + "/chat/completions";
  log_->Request(DisplayUrl(url), body);
  const HttpRequest request{url, body, endpoint_.key};
  SPATE_ASSIGN_OR_RETURN(attempt.response, Perform(request, limits_, sink, cancel_));
  SPATE_RETURN_IF_ERROR(StatusOf(attempt.response));
  const std::string& type = attempt.response.content_type;
  if (type == "text/event-stream") {
    return attempt.ended ? absl::OkStatus() : absl::AbortedError("the stream broke off");
  }
  if (type != "application/json") {
    return absl::InternalError(
        absl::StrCat("found an answer of type ", Quote(Excerpt(type, 60)),
                     ", expected text/event-stream or application/json: ", Excerpt(attempt.whole)));
  }
  return attempt.Take(attempt.whole, limits_);
}

absl::Status Client::CheckBudget(const std::string& body) const {
  if (used_tokens_ + body.size() / kBytesPerToken <= limits_.budget_tokens) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("this conversation has used ", used_tokens_,
                                                   " tokens and may use ", limits_.budget_tokens,
                                                   " in all"));
}

void Client::Count(const std::string& body, Attempt& attempt) {
  ChatReply& reply = attempt.reply;
  if (!attempt.has_usage) {
    reply.tokens_estimated = true;
    reply.prompt_tokens = body.size() / kBytesPerToken;
    reply.answer_tokens = std::max(attempt.pieces, reply.content.size() / kBytesPerToken);
  }
  used_tokens_ += reply.prompt_tokens + reply.answer_tokens;
}

absl::StatusOr<ChatReply> Client::AskPatiently(const ChatRequest& request,
                                               const OnTokens& on_tokens) {
  using Clock = std::chrono::steady_clock;
  for (uint32_t retries = 0;;) {
    const std::string body = RequestBody(request, endpoint_.model, limits_, dialog_);
    SPATE_RETURN_IF_ERROR(CheckBudget(body));
    Attempt attempt;
    const Clock::time_point begin = Clock::now();
    const absl::Status status = TryOnce(body, on_tokens, attempt);
    if (status.ok()) {
      Count(body, attempt);
      attempt.reply.dialect = Dialects()[dialog_.dialect].name;
      attempt.reply.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
      log_->Answer(attempt.reply);
      return std::move(attempt.reply);
    }
    const int code = attempt.response.status;
    const bool refused = code == 400 || code == 422 || code == 500;
    // A server that fails twice alike without a reason may choke on the schema.
    const bool unexplained = code == 500 && retries > 0;
    if (refused && LearnFromRefusal(AsStd(status.message()), unexplained, dialog_)) {
      log_->Note("refused", AsStd(status.message()));
      retries = 0;
    } else if (!Retry(status, attempt.response, retries)) {
      return status;
    }
  }
}

absl::StatusOr<ChatReply> Client::Ask(const ChatRequest& request, const OnTokens& on_tokens) {
  SPATE_RETURN_IF_ERROR(ModelName().status());
  absl::StatusOr<ChatReply> reply = AskPatiently(request, on_tokens);
  if (!reply.ok()) return Placed(reply.status());
  return reply;
}

}  // namespace spate::model
