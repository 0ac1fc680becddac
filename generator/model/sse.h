// Server-sent events (WHATWG HTML, 9.2): the frame in which answers are streamed.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace spate::model {

// Takes a stream in pieces of any size and hands on the data of every whole event. Comments and
// fields other than `data` are skipped. A stream that ends without the closing empty line loses
// its last event, as the standard wants.
class SseParser {
 public:
  using OnData = std::function<absl::Status(std::string_view data)>;

  // Stops at the first error that `on_data` returns. kResourceExhausted: an event above 1 MiB.
  absl::Status Feed(std::string_view bytes, const OnData& on_data);

 private:
  absl::Status EndLine(const OnData& on_data);

  std::string line_;
  std::string data_;
  bool has_data_ = false;
  bool after_cr_ = false;  // a line feed now belongs to the line end before
};

}  // namespace spate::model
