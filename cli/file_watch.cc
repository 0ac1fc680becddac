#include "cli/file_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace spate::cli {
namespace {

namespace fs = std::filesystem;

// Not each write: a file that is being written is not whole.
constexpr uint32_t kSaved = IN_CLOSE_WRITE | IN_MOVED_TO;

std::string WholePath(const std::string& file) {
  std::error_code error;
  return fs::weakly_canonical(file, error).string();
}

}  // namespace

absl::StatusOr<FileWatch> FileWatch::Of(const std::vector<std::string>& files) {
  FileWatch watch;
  watch.events_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  watch.stop_ = eventfd(0, EFD_CLOEXEC);
  if (watch.events_ < 0 || watch.stop_ < 0) return absl::ErrnoToStatus(errno, "inotify");
  for (const std::string& file : files) SPATE_RETURN_IF_ERROR(watch.Add(file));
  return watch;
}

FileWatch::FileWatch(FileWatch&& other) noexcept
    : events_(std::exchange(other.events_, -1)),
      stop_(std::exchange(other.stop_, -1)),
      files_(std::move(other.files_)) {}

FileWatch::~FileWatch() {
  if (events_ >= 0) close(events_);
  if (stop_ >= 0) close(stop_);
}

// Directories are watched, not files: one that is renamed into its place is another file.
absl::Status FileWatch::Add(const std::string& file) {
  const std::string whole = WholePath(file);
  for (const std::string& path : {file, whole}) {
    if (files_.contains(path)) continue;
    const fs::path parent = fs::path(path).parent_path();
    const std::string directory = parent.empty() ? std::string(1, '.') : parent.string();
    const int number = inotify_add_watch(events_, directory.c_str(), kSaved);
    if (number < 0) {
      return absl::ErrnoToStatus(
          errno, absl::StrCat(file, ": its directory ", directory, " cannot be watched"));
    }
    files_[path] = {.whole = whole, .directory = number, .name = fs::path(path).filename()};
  }
  return absl::OkStatus();
}

void FileWatch::Set(const std::vector<std::string>& files) {
  files_.clear();  // watches of directories that are no longer needed tell nothing that counts
  for (const std::string& file : files) Add(file).IgnoreError();
}

bool FileWatch::Wait() {
  for (;;) {
    pollfd ready[] = {{.fd = events_, .events = POLLIN, .revents = 0},
                      {.fd = stop_, .events = POLLIN, .revents = 0}};
    if (poll(ready, 2, -1) < 0 && errno != EINTR) return false;
    if ((ready[1].revents & POLLIN) != 0) return false;
    if (TakeEvents()) return true;
  }
}

void FileWatch::Stop() {
  const uint64_t one = 1;
  // Cannot fail: the counter is far from full.
  if (write(stop_, &one, sizeof one) < 0) return;
}

bool FileWatch::TakeEvents() {
  alignas(inotify_event) char buffer[16 * 1024];
  bool saved = false;
  for (;;) {
    const ssize_t count = read(events_, buffer, sizeof buffer);
    if (count <= 0) return saved;
    for (ssize_t at = 0; at < count;) {
      inotify_event event;
      std::memcpy(&event, buffer + at, sizeof event);
      const char* const name = buffer + at + sizeof event;
      const bool lost = (event.mask & IN_Q_OVERFLOW) != 0;  // there was more than the kernel keeps
      if (lost || (event.len > 0 && Concerns(event.wd, name))) saved = true;
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
  }
}

bool FileWatch::Concerns(int directory, const std::string& name) {
  bool concerns = false;
  for (auto& [path, watched] : files_) {
    const bool itself = watched.directory == directory && watched.name == name;
    std::string whole = WholePath(path);
    const bool elsewhere = whole != watched.whole;  // a link on the way has changed
    watched.whole = std::move(whole);
    concerns = concerns || itself || elsewhere;
  }
  return concerns;
}

}  // namespace spate::cli
