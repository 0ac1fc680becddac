// How runs end: by themselves, by Ctrl-C, after stalls; always with a true account.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/e2e/captures.h"
#include "tests/e2e/json.h"
#include "tests/e2e/process.h"
#include "tests/e2e/templates.h"

namespace spate::testing {
namespace {

constexpr char kAnnounced[] = "seed 1\n";  // the end of the line that announces a run

class Ending : public ::testing::Test {
 protected:
  const TempDir dir_;
  const std::string flood_ = dir_.Write("flood.json", FloodJson());
};

void ExpectBalanced(const JsonText& account) {
  EXPECT_EQ(account.Integer("/planned"), account.Integer("/sent") + account.Sum("/dropped"));
  EXPECT_EQ(account.Integer("/ports/0/tx_packets"), account.Integer("/sent"));
}

TEST_F(Ending, ByItself) {
  const Outcome outcome = Execute({"run", flood_, "--duration", "200ms", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const JsonText account(outcome.out);
  EXPECT_EQ(account.Integer("/sent"), 2'000u);
  EXPECT_EQ(account.Integer("/ports/0/tx_bytes"), 2'000u * 64);
  EXPECT_EQ(account.String("/verdict"), "done");
  EXPECT_GE(account.Real("/elapsed_s"), 0.199);
  EXPECT_GE(account.Size("/lcores"), 1u);
  EXPECT_GE(account.Integer("/lateness_ns/max"), account.Integer("/lateness_ns/p50"));
  ExpectBalanced(account);
}

TEST_F(Ending, CtrlCOnALivePort) {
  Process run({"run", flood_, "--duration", "60s", "--json"});
  ASSERT_TRUE(run.WaitForErr(kAnnounced)) << run.Err();
  run.Signal(SIGINT);
  const Outcome outcome = run.Wait();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("spate: error: interrupted\n"), std::string::npos) << outcome.err;
  const JsonText account(outcome.out);
  EXPECT_EQ(account.String("/verdict"), "interrupted");
  EXPECT_LT(account.Integer("/sent"), 600'000u);
  ExpectBalanced(account);
}

TEST_F(Ending, CtrlCLeavesAReadableCapture) {
  const std::string capture = dir_ / "out.pcapng";
  Process run({"run", flood_, "--port", capture, "--packets", "2g", "--json"});
  const std::string part = capture + ".part";
  ASSERT_TRUE(run.WaitUntil([&] {
    std::error_code error;
    const auto size = std::filesystem::file_size(part, error);
    return !error && size > (1u << 20);
  })) << run.Err();
  run.Signal(SIGTERM);
  const Outcome outcome = run.Wait();
  EXPECT_EQ(outcome.exit_code, 1);
  const JsonText account(outcome.out);
  EXPECT_GT(account.Integer("/sent"), 0u);
  EXPECT_EQ(ReadFrames(capture).size(), account.Integer("/sent"));
  EXPECT_FALSE(std::filesystem::exists(part));
  ExpectBalanced(account);
}

// Stops a run of a second for a while and returns its account.
std::string Stopped(const std::string& file, const std::string& late) {
  Process run({"run", file, "--duration", "1s", "--late", late, "--json"});
  EXPECT_TRUE(run.WaitForErr(kAnnounced)) << run.Err();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  run.Signal(SIGSTOP);
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  run.Signal(SIGCONT);
  const Outcome outcome = run.Wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return outcome.out;
}

TEST_F(Ending, AStallShiftsTheScheduleAndIsNotRepaid) {
  const JsonText account(Stopped(flood_, "shift"));
  EXPECT_GE(account.Integer("/stalls"), 1u);
  EXPECT_GE(account.Real("/stalled_s"), 0.35);
  // All packets are sent, later by the stall: a burst would have made up for it.
  EXPECT_EQ(account.Integer("/sent"), 10'000u);
  EXPECT_GE(account.Real("/elapsed_s"), account.Real("/trace_s") + 0.35);
}

TEST_F(Ending, LateDropDropsWhatAStallMissed) {
  const JsonText account(Stopped(flood_, "drop"));
  EXPECT_GE(account.Integer("/dropped/late"), 3'000u);
  EXPECT_EQ(account.Integer("/planned"), 10'000u);
  EXPECT_EQ(account.Integer("/stalls"), 0u);
  ExpectBalanced(account);
}

TEST_F(Ending, LateBurstRepaysAStall) {
  const JsonText account(Stopped(flood_, "burst"));
  EXPECT_EQ(account.Integer("/sent"), 10'000u);
  EXPECT_EQ(account.Integer("/stalls"), 0u);
  EXPECT_GE(account.Integer("/lateness_ns/max"), 300'000'000u);
}

TEST_F(Ending, RateMaxDoesNotWait) {
  const Outcome outcome =
      Execute({"run", flood_, "--packets", "200k", "--rate", "max", "--json", "--quiet"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  const JsonText account(outcome.out);
  EXPECT_EQ(account.Integer("/sent"), 200'000u);
  EXPECT_NEAR(account.Real("/trace_s"), 20, 0.001);
  EXPECT_LT(account.Real("/elapsed_s"), 20);
}

TEST_F(Ending, RateMaxRunsForItsDurationByTheClock) {
  const Outcome outcome =
      Execute({"run", flood_, "--duration", "200ms", "--rate", "max", "--json", "--quiet"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const JsonText account(outcome.out);
  EXPECT_GE(account.Real("/elapsed_s"), 0.19);
  EXPECT_GT(account.Real("/trace_s"), 0.2);
  EXPECT_EQ(account.String("/verdict"), "done");
  ExpectBalanced(account);
}

TEST_F(Ending, RateScalesTheTraceNotItsPackets) {
  const Outcome outcome =
      Execute({"run", flood_, "--packets", "1000", "--rate", "20kpps", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const JsonText account(outcome.out);
  EXPECT_EQ(account.Integer("/sent"), 1'000u);
  EXPECT_NEAR(account.Real("/trace_s"), 0.05, 0.001);
}

}  // namespace
}  // namespace spate::testing
