// A file read from front to back through one buffer of fixed size.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace spate::capture {

class ByteSource {
 public:
  static absl::StatusOr<std::unique_ptr<ByteSource>> Open(const std::string& path);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // The next `bytes` (at most kMostBytes), valid until the next call; fewer at the end of the file.
  absl::StatusOr<std::span<const uint8_t>> Take(size_t bytes);
  // Passes over `bytes`; returns how many there were.
  absl::StatusOr<uint64_t> Skip(uint64_t bytes);

  // Of the next byte to be taken, from the file's start.
  uint64_t offset() const { return offset_; }
  const std::string& path() const { return path_; }

  static constexpr size_t kMostBytes = 512 * 1024;

 private:
  ByteSource(std::string path, int fd);
  absl::Status Fill(size_t bytes);

  std::string path_;
  int fd_;
  uint64_t offset_ = 0;
  std::vector<uint8_t> buffer_;
  size_t begin_ = 0, end_ = 0;  // what is read and not yet taken
};

}  // namespace spate::capture
