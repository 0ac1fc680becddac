// What a run costs the system does not grow with the packets it sends (architecture, invariant 2).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/captures.h"
#include "tests/e2e/process.h"

namespace spate::testing {
namespace {

using Words = std::vector<std::string>;

Words Command(const std::string& config, const std::string& packets) {
  return {"run",       SourceFile("configs/" + config),
          "--packets", packets,
          "--rate",    "max",
          "--gen",     "0",
          "--emit",    "1",
          "--quiet"};
}

// Largest resident set in KiB of a run from start to end.
long PeakKib(const Words& arguments) {
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), SpateBinary());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    execv(argv[0], argv.data());
    _exit(kCannotExecute);
  }
  int status = 0;
  rusage usage{};
  EXPECT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  return usage.ru_maxrss;
}

TEST(HotPath, MemoryDoesNotGrowWithThePackets) {
  // A byte for every other packet would be seen.
  constexpr long kNoiseKib = 900;
  for (const char* config : {"udp-flood-1m.json", "syn-flood.json"}) {
    const long few = PeakKib(Command(config, "200k")), many = PeakKib(Command(config, "2m"));
    EXPECT_LT(many, few + kNoiseKib) << config;
  }
}

// "123 call(…) = 0" lines of strace by thread.
std::map<int, std::vector<std::string>> Calls(const std::string& path) {
  std::map<int, std::vector<std::string>> calls;
  std::istringstream lines(ReadWholeFile(path));
  int thread = 0;
  for (std::string line; lines >> thread && std::getline(lines, line);) {
    const size_t begin = line.find_first_not_of(' ');
    if (begin != std::string::npos) calls[thread].push_back(line.substr(begin));
  }
  return calls;
}

TEST(HotPath, MakesNoSystemCalls) {
  if (access("/usr/bin/strace", X_OK) != 0) GTEST_SKIP() << "no strace";
  const TempDir dir;
  Words words = {"-f", "-qq", "-o", dir / "calls", SpateBinary()};
  for (const std::string& word : Command("udp-flood-1m.json", "500k")) words.push_back(word);
  const Outcome outcome = Execute(words, {.program = "/usr/bin/strace"});
  if (outcome.exit_code == 1) GTEST_SKIP() << "strace may not trace here: " << outcome.err;
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  size_t lanes = 0;
  for (const auto& [thread, calls] : Calls(dir / "calls")) {
    size_t at = 0;
    while (at < calls.size() && calls[at].find("PR_SET_NAME, \"fused\"") == std::string::npos) ++at;
    if (at == calls.size()) continue;
    ++lanes;
    // A call a burst would be 7 800 calls more. Until the start the thread yields; what else there
    // is belongs to the beginning of a thread, its registration with DPDK and its end.
    size_t others = 0;
    std::set<std::string> names;
    for (; at < calls.size(); ++at) {
      const std::string name = calls[at].substr(0, calls[at].find('('));
      if (name == "sched_yield") continue;
      ++others;
      names.insert(name);
    }
    EXPECT_LT(others, 60u) << ::testing::PrintToString(names);
    for (const char* never :
         {"clock_gettime", "write", "read", "sendto", "sendmmsg", "nanosleep"}) {
      EXPECT_FALSE(names.contains(never)) << never;
    }
  }
  EXPECT_EQ(lanes, 1u);
}

}  // namespace
}  // namespace spate::testing
