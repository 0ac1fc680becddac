// Tells when one of several files has been saved, whichever way: written in place, renamed into its
// place, or by the change of a link on the way to it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace spate::cli {

class FileWatch {
 public:
  // Errors: the kernel gives no watches, a file's directory cannot be watched.
  static absl::StatusOr<FileWatch> Of(const std::vector<std::string>& files);
  FileWatch(FileWatch&& other) noexcept;
  FileWatch& operator=(FileWatch&&) = delete;
  ~FileWatch();

  // These instead of those before; what cannot be watched is not.
  void Set(const std::vector<std::string>& files);

  // Blocks until a file has been saved, as often as that was since the last call; false: Stop was
  // called. One thread.
  bool Wait();
  // From any thread: Wait returns false from now on.
  void Stop();

 private:
  FileWatch() = default;
  absl::Status Add(const std::string& file);
  // Takes what the kernel has told so far.
  bool TakeEvents();
  bool Concerns(int directory, const std::string& name);

  struct Watched {
    std::string whole;  // its path with all links followed
    int directory;      // number of the watch …
    std::string name;   // … and its name there
  };
  int events_ = -1, stop_ = -1;
  std::map<std::string, Watched> files_;  // also under the paths that links lead to
};

}  // namespace spate::cli
