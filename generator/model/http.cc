#include "generator/model/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/text.h"

namespace spate::model {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kErrorBodyBytes = 16 << 10;
constexpr int kPollMs = 50;  // how soon a cancel or a time-out is noticed

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using Multi = std::unique_ptr<CURLM, MultiDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;

// What the callbacks of one transfer share.
struct Transfer {
  HttpResponse response;
  const HttpSink* sink = nullptr;
  absl::Status sink_status;
  Clock::time_point last_byte;
};

void TakeHeader(Transfer& transfer, std::string_view line) {
  HttpResponse& response = transfer.response;
  if (line.starts_with("HTTP/")) {  // also after an interim answer (100 Continue)
    response = {};
    return;
  }
  size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string name = absl::AsciiStrToLower(AsAbsl(line.substr(0, colon)));
  std::string_view value = AsStd(absl::StripAsciiWhitespace(AsAbsl(line.substr(colon + 1))));
  if (name == "content-type") {
    std::string_view type = value.substr(0, value.find(';'));
    response.content_type = absl::AsciiStrToLower(absl::StripAsciiWhitespace(AsAbsl(type)));
  } else if (name == "retry-after") {
    response.retry_after = ParseRetryAfter(value, std::time(nullptr));
  } else if (name == "location") {
    response.location = DisplayUrl(value);
  }
}

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.last_byte = Clock::now();
  TakeHeader(transfer, {data, size * count});
  return size * count;
}

struct BodyContext {
  Transfer* transfer;
  CURL* handle;
};

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  auto& context = *static_cast<BodyContext*>(user);
  Transfer& transfer = *context.transfer;
  transfer.last_byte = Clock::now();
  long status = 0;
  curl_easy_getinfo(context.handle, CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  std::string_view bytes(data, size * count);
  if (status < 200 || status > 299) {
    std::string& body = transfer.response.error_body;
    body.append(bytes.substr(0, kErrorBodyBytes - std::min(kErrorBodyBytes, body.size())));
    return bytes.size();
  }
  transfer.sink_status = (*transfer.sink)(transfer.response, bytes);
  return transfer.sink_status.ok() ? bytes.size() : 0;  // 0 ends the transfer
}

// The environment's list (curl would drop it in favour of ours) plus this machine, which no
// proxy can reach.
std::string NoProxy() {
  const char* list = std::getenv("no_proxy");
  if (list == nullptr) list = std::getenv("NO_PROXY");
  return absl::StrCat(list == nullptr ? "" : list, ",localhost,127.0.0.1,::1");
}

List Headers(const HttpRequest& request) {
  curl_slist* list = nullptr;
  list = curl_slist_append(list, "Accept: text/event-stream, application/json");
  list = curl_slist_append(list, "Expect:");  // no round trip before the body
  if (!request.body.empty()) list = curl_slist_append(list, "Content-Type: application/json");
  if (!request.bearer.empty()) {
    list = curl_slist_append(list, absl::StrCat("Authorization: Bearer ", request.bearer).c_str());
  }
  return List(list);
}

void SetUp(CURL* curl, const HttpRequest& request, const Limits& limits, curl_slist* headers,
           Transfer& transfer, BodyContext& context) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOPROXY, NoProxy().c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "spate");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total.count()));
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &context);
  if (!request.body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  }
}

double HttpSeconds(Limits::Duration d) { return static_cast<double>(d.count()) / 1e3; }

// Runs the transfer to its end; `result` is curl's answer to it.
absl::Status Drive(CURLM* multi, const Limits& limits, const Transfer& transfer,
                   const std::atomic<bool>* cancel, CURLcode& result) {
  for (;;) {
    int running = 0;
    if (curl_multi_perform(multi, &running) != CURLM_OK) {
      return absl::InternalError("libcurl cannot drive the transfer");
    }
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg == CURLMSG_DONE) return result = message->data.result, absl::OkStatus();
    }
    if (cancel != nullptr && cancel->load()) return absl::CancelledError("cancelled");
    if (Clock::now() - transfer.last_byte > limits.idle) {
      return absl::DeadlineExceededError(
          absl::StrCat("nothing came for ", HttpSeconds(limits.idle), " s"));
    }
    curl_multi_poll(multi, nullptr, 0, kPollMs, nullptr);
  }
}

absl::Status Explain(CURL* curl, CURLcode code, const Limits& limits) {
  double connected = 0;
  curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME, &connected);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError(
          connected > 0
              ? absl::StrCat("no end of the answer after ", HttpSeconds(limits.total), " s")
              : absl::StrCat("no connection within ", HttpSeconds(limits.connect), " s"));
    case CURLE_COULDNT_CONNECT: {
      long error = 0;
      curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &error);
      return absl::UnavailableError(error != 0 ? std::strerror(static_cast<int>(error))
                                               : curl_easy_strerror(code));
    }
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return absl::AbortedError(
          absl::StrCat("the connection broke (", curl_easy_strerror(code), ")"));
    default:
      return absl::UnavailableError(curl_easy_strerror(code));
  }
}

}  // namespace

absl::StatusOr<HttpResponse> Perform(const HttpRequest& request, const Limits& limits,
                                     const HttpSink& sink, const std::atomic<bool>* cancel) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  Easy easy(curl_easy_init());
  Multi multi(curl_multi_init());
  List headers = Headers(request);
  if (initialised != CURLE_OK || !easy || !multi || !headers) {
    return absl::InternalError("libcurl cannot be set up");
  }
  Transfer transfer{.response = {}, .sink = &sink, .sink_status = {}, .last_byte = Clock::now()};
  BodyContext context{&transfer, easy.get()};
  SetUp(easy.get(), request, limits, headers.get(), transfer, context);
  curl_multi_add_handle(multi.get(), easy.get());
  CURLcode code = CURLE_OK;
  absl::Status driven = Drive(multi.get(), limits, transfer, cancel, code);
  curl_multi_remove_handle(multi.get(), easy.get());
  SPATE_RETURN_IF_ERROR(driven);
  SPATE_RETURN_IF_ERROR(transfer.sink_status);
  if (code != CURLE_OK) return Explain(easy.get(), code, limits);
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

std::string DisplayUrl(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  size_t scheme = url.find("://");
  size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  size_t path = std::min(url.find('/', host), url.size());
  size_t at = url.substr(0, path).rfind('@');
  if (at == std::string_view::npos || at < host) return std::string(url);
  return std::string(url.substr(0, host)).append(url.substr(at + 1));
}

std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view value, int64_t now_s) {
  double seconds = 0;
  if (!absl::SimpleAtod(AsAbsl(value), &seconds)) {
    time_t date = curl_getdate(std::string(value).c_str(), nullptr);
    if (date == -1) return std::nullopt;
    seconds = static_cast<double>(date) - static_cast<double>(now_s);
  }
  if (!(seconds >= 0)) seconds = 0;  // a date that has passed; NaN
  seconds = std::min(seconds, 1e6);
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1e3));
}

}  // namespace spate::model
