#include "capture/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace spate::capture {
namespace {

constexpr size_t kBufferBytes = 256 * 1024;

// Where `path` leads; itself if it does not exist yet.
std::string Resolve(const std::string& path) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::canonical(path, error);
  return error ? path : target.string();
}

bool IsSpecial(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

}  // namespace

OutputFile::OutputFile(std::string path, std::string target, bool direct)
    : path_(std::move(path)), target_(std::move(target)), direct_(direct) {
  buffer_.reserve(kBufferBytes);
}

OutputFile::~OutputFile() {
  if (fd_ < 0) return;
  close(fd_);
  if (!direct_ && !committed_) unlink(part().c_str());
}

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::Create(const std::string& path) {
  // A pipe behind /dev/stdout has no path of its own, so it must be opened by the one given.
  const bool direct = IsSpecial(path);
  const std::string target = direct ? path : Resolve(path);
  if (std::filesystem::is_directory(target)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is a directory"));
  }
  auto file = std::unique_ptr<OutputFile>(new OutputFile(path, target, direct));
  SPATE_RETURN_IF_ERROR(file->OpenFile());
  return file;
}

absl::Status OutputFile::OpenFile() {
  fd_ = open(part().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  return fd_ < 0 ? Fail(errno, "cannot create") : absl::OkStatus();
}

absl::Status OutputFile::Fail(int error, const char* what) {
  status_ = absl::ErrnoToStatus(error, absl::StrCat(path_, ": ", what));
  return status_;
}

absl::Status OutputFile::WriteAll(std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Fail(errno, "cannot write");
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status OutputFile::Flush() {
  SPATE_RETURN_IF_ERROR(WriteAll(buffer_));
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status OutputFile::Append(std::span<const uint8_t> bytes) {
  SPATE_RETURN_IF_ERROR(status_);
  if (buffer_.size() + bytes.size() > kBufferBytes) SPATE_RETURN_IF_ERROR(Flush());
  if (bytes.size() > kBufferBytes) return WriteAll(bytes);
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  return absl::OkStatus();
}

absl::Status OutputFile::Commit() {
  SPATE_RETURN_IF_ERROR(status_);
  if (committed_) return absl::OkStatus();
  SPATE_RETURN_IF_ERROR(Flush());
  // Some file systems report a full disk or quota only here.
  const int closed = close(std::exchange(fd_, -1));
  if (closed != 0 || (!direct_ && rename(part().c_str(), target_.c_str()) != 0)) {
    const absl::Status failed = Fail(errno, "cannot finish writing");
    if (!direct_) unlink(part().c_str());
    return failed;
  }
  committed_ = true;
  return absl::OkStatus();
}

}  // namespace spate::capture
