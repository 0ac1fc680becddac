#include "generator/model/sse.h"

#include "absl/strings/strip.h"
#include "base/status.h"
#include "base/text.h"

namespace spate::model {
namespace {

constexpr size_t kEventBytes = 1 << 20;

}  // namespace

absl::Status SseParser::Feed(std::string_view bytes, const OnData& on_data) {
  while (!bytes.empty()) {
    if (after_cr_) {
      after_cr_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    size_t end = bytes.find_first_of("\r\n");
    line_.append(bytes.substr(0, end));
    if (line_.size() + data_.size() > kEventBytes) {
      return absl::ResourceExhaustedError("an event of the stream is above 1 MiB");
    }
    if (end == std::string_view::npos) return absl::OkStatus();
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    SPATE_RETURN_IF_ERROR(EndLine(on_data));
  }
  return absl::OkStatus();
}

absl::Status SseParser::EndLine(const OnData& on_data) {
  std::string line;
  line.swap(line_);
  if (!line.empty()) {
    absl::string_view value = line;
    if (!absl::ConsumePrefix(&value, "data")) return absl::OkStatus();
    if (!value.empty() && !absl::ConsumePrefix(&value, ":")) return absl::OkStatus();
    absl::ConsumePrefix(&value, " ");
    if (has_data_) data_.push_back('\n');
    data_.append(AsStd(value));
    has_data_ = true;
    return absl::OkStatus();
  }
  if (!has_data_) return absl::OkStatus();
  std::string data;
  data.swap(data_);
  has_data_ = false;
  return on_data(data);
}

}  // namespace spate::model
