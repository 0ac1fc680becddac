// A file that appears under its name only when it is whole.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace spate::capture {

// Writes through a buffer to `path`.part; Commit renames it to `path`, the destructor without
// Commit removes it. What is no regular file (/dev/stdout, a pipe) is written directly; a link to a
// file keeps being one. Errors name the path and the system's reason; after one all calls fail
// alike.
class OutputFile {
 public:
  static absl::StatusOr<std::unique_ptr<OutputFile>> Create(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  absl::Status Append(std::span<const uint8_t> bytes);
  absl::Status Commit();

 private:
  OutputFile(std::string path, std::string target, bool direct);
  absl::Status OpenFile();
  absl::Status WriteAll(std::span<const uint8_t> bytes);
  absl::Status Flush();
  absl::Status Fail(int error, const char* what);
  std::string part() const { return direct_ ? target_ : target_ + ".part"; }

  std::string path_;    // as given, for messages
  std::string target_;  // links resolved
  bool direct_;
  int fd_ = -1;
  bool committed_ = false;
  std::vector<uint8_t> buffer_;
  absl::Status status_;
};

}  // namespace spate::capture
