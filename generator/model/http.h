// One HTTP request over libcurl: streamed, bounded in time and bytes, cancellable.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "generator/model/chat.h"

namespace spate::model {

struct HttpRequest {
  std::string url;
  std::string body;    // "" = GET, else POST of application/json
  std::string bearer;  // "" = no Authorization header
};

struct HttpResponse {
  int status = 0;            // 200, 404, …
  std::string content_type;  // lower case, without parameters: "text/event-stream"
  std::string location;      // of a redirect; none is followed, as it would carry the key along
  std::optional<std::chrono::milliseconds> retry_after;
  std::string error_body;  // of answers outside 2xx, cut at 16 KiB
};

// Takes the bytes of a 2xx answer as they come; an error ends the transfer and is returned.
using HttpSink = std::function<absl::Status(const HttpResponse& head, std::string_view bytes)>;

// Performs `request`. An answer of any status is a value. Errors, none of which names the key:
// kUnavailable: no connection; kAborted: the connection broke, a retry may help;
// kDeadlineExceeded: a limit of `limits` passed; kCancelled; or what `sink` returned.
absl::StatusOr<HttpResponse> Perform(const HttpRequest& request, const Limits& limits,
                                     const HttpSink& sink, const std::atomic<bool>* cancel);

// `url` as it may be shown: without user name, password and query.
std::string DisplayUrl(std::string_view url);

// "Retry-After: 3" in seconds (fractions too), or an HTTP date, seen at `now` (RFC 9110, 10.2.3).
std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view value, int64_t now_s);

}  // namespace spate::model
