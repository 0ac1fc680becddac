#include "tests/e2e/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace spate::testing {
namespace {

using std::chrono::steady_clock;

constexpr auto kLimit = std::chrono::seconds(60);

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set");
  return value;
}

std::string ReadMemory(int fd) {
  std::string text;
  std::array<char, 4096> piece;
  for (ssize_t n;
       (n = pread(fd, piece.data(), piece.size(), static_cast<off_t>(text.size()))) > 0;) {
    text.append(piece.data(), static_cast<size_t>(n));
  }
  return text;
}

// What the terminal still holds; its buffer takes what our tests print.
std::string ReadTerminal(int fd) {
  std::string text;
  std::array<char, 4096> piece;
  for (ssize_t n; (n = read(fd, piece.data(), piece.size())) > 0;) {
    text.append(piece.data(), static_cast<size_t>(n));
  }
  return text;
}

int MemoryFile(const char* name) {
  const int fd = memfd_create(name, MFD_CLOEXEC);
  // O_APPEND: a writer's position is its own business.
  fcntl(fd, F_SETFL, O_APPEND);
  return fd;
}

}  // namespace

std::string SpateBinary() { return Environment("SPATE_BINARY"); }

bool BinaryIsOptimized() {
  const char* const value = std::getenv("SPATE_OPTIMIZED");
  return value != nullptr && std::string_view(value) == "true";
}

std::string SourceFile(const std::string& path) {
  return Environment("SPATE_SOURCE_ROOT") + "/" + path;
}

Process::Process(const std::vector<std::string>& arguments, const ProcessOptions& options)
    : terminal_(options.terminal) {
  std::string program = options.program.empty() ? SpateBinary() : options.program;
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), program);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<std::string> added = options.environment;
  out_ = MemoryFile("out");
  int err = -1;
  if (terminal_) {
    winsize size{.ws_row = 24, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
    if (openpty(&err_, &err, nullptr, nullptr, &size) != 0) throw std::runtime_error("openpty");
    fcntl(err_, F_SETFD, FD_CLOEXEC);
    fcntl(err_, F_SETFL, O_NONBLOCK);
  } else {
    err = err_ = MemoryFile("err");
  }
  pid_ = fork();
  if (pid_ == 0) {
    for (std::string& variable : added) putenv(variable.data());
    dup2(out_, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    if (options.keyboard) {
      // A terminal of its own, in the foreground.
      setsid();
      ioctl(err, TIOCSCTTY, 0);
      dup2(err, STDIN_FILENO);
    }
    if (options.in_child && !options.in_child()) _exit(kChildNotReady);
    execvp(program.c_str(), argv.data());
    _exit(kCannotExecute);
  }
  // The terminal's own side stays open here, so that what was printed is kept until it is read.
  pid_fd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

Process::~Process() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  for (int fd : {pid_fd_, out_, err_}) close(fd);
}

void Process::Signal(int signal) const { kill(pid_, signal); }

std::string Process::Err() const {
  if (!terminal_) return ReadMemory(err_);
  shown_ += ReadTerminal(err_);
  return shown_;
}

void Process::Type(const std::string& keys) const {
  EXPECT_EQ(write(err_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
}

bool Process::Ended(int wait_ms) const {
  pollfd end{.fd = pid_fd_, .events = POLLIN, .revents = 0};
  return poll(&end, 1, wait_ms) > 0;
}

bool Process::WaitUntil(const std::function<bool()>& condition) const {
  for (const auto began = steady_clock::now(); steady_clock::now() - began < kLimit;) {
    if (condition()) return true;
    if (Ended(5)) return condition();
  }
  return false;
}

bool Process::WaitForErr(const std::string& text) const {
  return WaitUntil([&] { return Err().find(text) != std::string::npos; });
}

Outcome Process::Wait() {
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(kLimit);
  if (!Ended(static_cast<int>(limit.count()))) {
    ADD_FAILURE() << "the process did not end";
    kill(pid_, SIGKILL);
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  Outcome outcome;
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  outcome.out = ReadMemory(out_);
  outcome.err = Err();
  return outcome;
}

Outcome Execute(const std::vector<std::string>& arguments, const ProcessOptions& options) {
  return Process(arguments, options).Wait();
}

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "spate-e2e-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = name;
  std::filesystem::permissions(path_, std::filesystem::perms(0755));
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::Write(const std::string& name, const std::string& text) const {
  const std::string path = *this / name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::vector<std::string> TempDir::Names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

std::string ReadWholeFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace spate::testing
