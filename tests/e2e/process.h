// Runs the real binary as a user would, with what it prints and how it ends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace spate::testing {

// Path of the binary under test, from SPATE_BINARY.
std::string SpateBinary();

// Whether it was built to be fast, without sanitizers: else tests have fewer packets and layouts.
// From SPATE_OPTIMIZED.
bool BinaryIsOptimized();

// A file of the source tree, from SPATE_SOURCE_ROOT.
std::string SourceFile(const std::string& path);

struct Outcome {
  int exit_code = -1;  // -1: ended by a signal
  int signal = 0;
  std::string out, err;
};

struct ProcessOptions {
  std::string program;                   // "": spate
  bool terminal = false;                 // standard error is a terminal of 100 columns …
  bool keyboard = false;                 // … and standard input is the same one
  std::vector<std::string> environment;  // "NAME=value", added
  std::function<bool()> in_child;        // before the program starts; false: exit code 125
};

// Exit codes of a child that did not become the program.
inline constexpr int kChildNotReady = 125, kCannotExecute = 126;

class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments, const ProcessOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal) const;
  // Standard error so far.
  std::string Err() const;
  // What a person types at the terminal.
  void Type(const std::string& keys) const;
  // Until `text` stands on standard error or the process ends; false in the latter case.
  bool WaitForErr(const std::string& text) const;
  // Until `condition` holds or the process ends; false in the latter case.
  bool WaitUntil(const std::function<bool()>& condition) const;
  // The end; the process is killed and the test fails when it takes longer than a minute.
  Outcome Wait();

 private:
  bool Ended(int wait_ms) const;

  pid_t pid_ = -1;
  int pid_fd_ = -1;
  int out_ = -1, err_ = -1;  // files in memory, or the terminal's other side
  bool terminal_ = false;
  mutable std::string shown_;  // by the terminal
};

// From start to end.
Outcome Execute(const std::vector<std::string>& arguments, const ProcessOptions& options = {});

// A directory that others may read, removed with all that is in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }
  // Writes a file and returns its path.
  std::string Write(const std::string& name, const std::string& text) const;
  // Names of what is in it, sorted.
  std::vector<std::string> Names() const;

 private:
  std::filesystem::path path_;
};

std::string ReadWholeFile(const std::string& path);

}  // namespace spate::testing
