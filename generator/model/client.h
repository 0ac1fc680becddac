// The client of one model server.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "generator/model/chat.h"
#include "generator/model/dialect.h"
#include "generator/model/http.h"
#include "generator/model/log.h"

namespace spate::model {

// Streams answers, retries what may pass, and falls back to the structured-output dialect that the
// server understands, which it then remembers. Not for use by several threads at once.
//
// Every error begins with "model server URL: " and holds what the server said, bounded, never the
// key. kInvalidArgument: the URL; kUnauthenticated: 401, 403; kNotFound: 404; kUnavailable: no
// connection, or transient errors up to the last retry; kDeadlineExceeded; kResourceExhausted: an
// answer or the whole conversation above its limit; kCancelled; kInternal: an answer that is no
// chat completion.
class Client {
 public:
  // Tokens (streamed pieces) of the present answer so far.
  using OnTokens = std::function<void(uint64_t tokens)>;

  // `log` and `cancel` (may be null) must outlive the client.
  static absl::StatusOr<Client> Create(const Endpoint& endpoint, const Limits& limits, Log* log,
                                       const std::atomic<bool>* cancel);

  // The endpoint's model, or the first that the server lists; asked for once.
  absl::StatusOr<std::string> ModelName();

  absl::StatusOr<ChatReply> Ask(const ChatRequest& request, const OnTokens& on_tokens);

 private:
  struct Attempt;

  Client(Endpoint endpoint, const Limits& limits, Log* log, const std::atomic<bool>* cancel);
  absl::StatusOr<ChatReply> AskPatiently(const ChatRequest& request, const OnTokens& on_tokens);
  absl::Status TryOnce(const std::string& body, const OnTokens& on_tokens, Attempt& attempt);
  absl::Status TryModelList(std::string& list, HttpResponse& response);
  // Whether to send again after `status`; has then waited as long as it should.
  bool Retry(const absl::Status& status, const HttpResponse& response, uint32_t& retries);
  absl::Status CheckBudget(const std::string& body) const;
  void Count(const std::string& body, Attempt& attempt);
  absl::Status Placed(const absl::Status& status) const;

  Endpoint endpoint_;
  Limits limits_;
  Log* log_;
  const std::atomic<bool>* cancel_;
  Dialog dialog_;
  uint64_t used_tokens_ = 0;
  uint64_t random_key_;
  uint64_t random_count_ = 0;
};

}  // namespace spate::model
