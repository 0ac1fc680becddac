#include "capture/byte_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace spate::capture {

ByteSource::ByteSource(std::string path, int fd)
    : path_(std::move(path)), fd_(fd), buffer_(kMostBytes) {}

ByteSource::~ByteSource() { close(fd_); }

absl::StatusOr<std::unique_ptr<ByteSource>> ByteSource::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot open"));
  return std::unique_ptr<ByteSource>(new ByteSource(path, fd));
}

// Reads until `bytes` are there or the file ends.
absl::Status ByteSource::Fill(size_t bytes) {
  if (end_ - begin_ >= bytes) return absl::OkStatus();
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  while (end_ < bytes) {
    const ssize_t got = read(fd_, buffer_.data() + end_, buffer_.size() - end_);
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return absl::ErrnoToStatus(errno,
                                 absl::StrCat(path_, ": cannot read at byte ", offset_ + end_));
    }
    end_ += static_cast<size_t>(got);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::span<const uint8_t>> ByteSource::Take(size_t bytes) {
  SPATE_RETURN_IF_ERROR(Fill(bytes));
  const size_t take = std::min(bytes, end_ - begin_);
  const std::span<const uint8_t> taken(buffer_.data() + begin_, take);
  begin_ += take;
  offset_ += take;
  return taken;
}

absl::StatusOr<uint64_t> ByteSource::Skip(uint64_t bytes) {
  uint64_t skipped = 0;
  while (skipped < bytes) {
    const size_t step = static_cast<size_t>(std::min<uint64_t>(bytes - skipped, kMostBytes));
    SPATE_ASSIGN_OR_RETURN(const auto taken, Take(step));
    skipped += taken.size();
    if (taken.size() < step) break;
  }
  return skipped;
}

}  // namespace spate::capture
