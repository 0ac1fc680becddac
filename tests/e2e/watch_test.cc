// A run whose template is saved while it goes on.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/e2e/captures.h"
#include "tests/e2e/json.h"
#include "tests/e2e/process.h"
#include "tests/e2e/templates.h"

namespace spate::testing {
namespace {

constexpr char kGoesOn[] = "; the plan before it goes on\n";

std::string Replaced(std::string text, const std::string& what, const std::string& by) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

// A flood to a UDP port; `packets`: of its own.
std::string FloodTo(int port, const std::string& packets = "") {
  std::string text =
      Replaced(FloodJson(), R"("dst_port": 9)", R"("dst_port": )" + std::to_string(port));
  return packets.empty()
             ? text
             : Replaced(text, R"("spate": 1,)", R"("spate": 1, "packets": )" + packets + ",");
}

int TargetOf(const Bytes& frame) {
  return frame[kDestinationPort] << 8 | frame[kDestinationPort + 1];
}

class Watch : public ::testing::Test {
 protected:
  std::string Start(const std::string& text) const { return dir_.Write("t.json", text); }
  // As editors do: another file takes its place.
  void SaveByRename(const std::string& text) const {
    std::filesystem::rename(dir_.Write("t.json.new", text), dir_ / "t.json");
  }
  const TempDir dir_;
};

void ExpectExact(const JsonText& account) {
  EXPECT_EQ(account.Integer("/planned"), account.Integer("/sent") + account.Sum("/dropped"));
  EXPECT_EQ(account.Integer("/ports/0/tx_packets"), account.Integer("/sent"));
  EXPECT_EQ(account.Integer("/ports/0/tx_bytes"), account.Integer("/sent") * 64);
}

TEST_F(Watch, BothTracesAreInTheCaptureOneAfterTheOther) {
  const std::string file = Start(FloodTo(9, "1000000000")), capture = dir_ / "out.pcapng";
  Process run({"run", file, "--port", capture, "--watch", "--json"});
  ASSERT_TRUE(run.WaitUntil([&] {
    std::error_code error;
    const auto size = std::filesystem::file_size(capture + ".part", error);
    return !error && size > 10'000;
  })) << run.Err();
  SaveByRename(FloodTo(10, "1000"));
  const Outcome outcome = run.Wait();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("t.json was saved: its new plan took over at "), std::string::npos)
      << outcome.err;
  const JsonText account(outcome.out);
  ExpectExact(account);
  ASSERT_EQ(account.Size("/swaps"), 1u);
  const size_t before = account.Integer("/swaps/0/sent");
  const auto packets = ReadPackets(capture);
  EXPECT_EQ(packets.size(), account.Integer("/sent"));
  ASSERT_EQ(packets.size(), before + 1'000);
  const auto begin = packets.begin() + static_cast<ptrdiff_t>(before);
  const auto goes_to = [](int port) {
    return [port](const Stamped& packet) { return TargetOf(packet.data) == port; };
  };
  EXPECT_TRUE(std::all_of(packets.begin(), begin, goes_to(9)));
  EXPECT_TRUE(std::all_of(begin, packets.end(), goes_to(10)));
  // 10,000 a second each, the second trace where the first one was cut.
  EXPECT_EQ(packets[before - 1].ns, static_cast<int64_t>(before - 1) * 100'000);
  EXPECT_EQ(packets.back().ns, packets[before - 1].ns + 999 * 100'000);
  // The trace of the new template, from its beginning.
  const std::string alone = dir_ / "alone.pcapng";
  ASSERT_EQ(Execute({"run", file, "--port", alone, "--quiet"}).exit_code, 0);
  const auto frames = ReadFrames(alone);
  ASSERT_EQ(frames.size(), 1'000u);
  for (size_t i = 0; i < 1'000; ++i) ASSERT_EQ(packets[before + i].data, frames[i]) << i;
}

TEST_F(Watch, ATemplateThatIsNotGoodIsToldAndTheRunGoesOn) {
  const std::string file = Start(FloodTo(9));
  Process run({"run", file, "--watch", "--json"});
  ASSERT_TRUE(run.WaitForErr("seed 1\n")) << run.Err();
  dir_.Write("t.json", Replaced(FloodTo(9), R"("rate")", R"("ratte")"));
  ASSERT_TRUE(run.WaitForErr(kGoesOn)) << run.Err();
  EXPECT_NE(run.Err().find("t.json:14: $.flows.flood.ratte: found the unknown key"),
            std::string::npos)
      << run.Err();
  EXPECT_NE(run.Err().find("did you mean \"rate\"?"), std::string::npos) << run.Err();
  EXPECT_NE(run.Err().find("spate: error: 1 fault in "), std::string::npos) << run.Err();
  SaveByRename(FloodTo(10, "200"));
  const Outcome outcome = run.Wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const JsonText account(outcome.out);
  ExpectExact(account);
  ASSERT_EQ(account.Size("/swaps"), 1u);
  EXPECT_EQ(account.Integer("/sent"), account.Integer("/swaps/0/sent") + 200);
  EXPECT_EQ(account.String("/verdict"), "done");
}

TEST_F(Watch, CtrlCAfterANewPlan) {
  const std::string file = Start(FloodTo(9)), capture = dir_ / "out.pcap";
  Process run({"run", file, "--port", capture, "--packets", "2g", "--watch", "--json"});
  ASSERT_TRUE(run.WaitForErr("seed 1\n")) << run.Err();
  SaveByRename(FloodTo(10));
  ASSERT_TRUE(run.WaitForErr("new plan took over")) << run.Err();
  run.Signal(SIGINT);
  const Outcome outcome = run.Wait();
  EXPECT_EQ(outcome.exit_code, 1);
  const JsonText account(outcome.out);
  EXPECT_EQ(account.String("/verdict"), "interrupted");
  ExpectExact(account);
  const auto frames = ReadFrames(capture);
  EXPECT_EQ(frames.size(), account.Integer("/sent"));
  const auto first = std::ranges::count(frames, 9, TargetOf);
  EXPECT_EQ(static_cast<uint64_t>(first), account.Integer("/swaps/0/sent"));
  EXPECT_TRUE(std::ranges::is_sorted(frames, {}, TargetOf));
}

TEST_F(Watch, WhatTheOpenPortsCannotSendIsRefused) {
  const std::string file = Start(FloodTo(9));
  Process run({"run", file, "--watch", "--port", "null", "--json"});
  ASSERT_TRUE(run.WaitForErr("seed 1\n")) << run.Err();
  const std::string jumbo = Replaced(FloodTo(9), R"("size": 64)", R"("size": 9000)");
  dir_.Write("t.json", jumbo);
  ASSERT_TRUE(run.WaitForErr("opened for frames of 1518 bytes at most")) << run.Err();
  ASSERT_TRUE(run.WaitForErr(kGoesOn)) << run.Err();
  dir_.Write("t.json", Replaced(FloodTo(9, "100"), R"("rate": "10kpps")",
                                R"("rate": "10kpps", "port": "left")"));
  const Outcome outcome = run.Wait();
  EXPECT_EQ(outcome.exit_code, 0) << "one port that was named stands for all: " << outcome.err;
}

TEST_F(Watch, SidesThatNobodyBoundAreRefused) {
  const std::string left =
      Replaced(FloodTo(9), R"("rate": "10kpps")", R"("rate": "10kpps", "port": "left")");
  const std::string file = Start(left);
  Process run({"run", file, "--watch", "--port", "left=null", "--json"});
  ASSERT_TRUE(run.WaitForErr("seed 1\n")) << run.Err();
  dir_.Write("t.json", Replaced(left, R"("left")", R"("right")"));
  ASSERT_TRUE(run.WaitForErr(kGoesOn)) << run.Err();
  EXPECT_NE(run.Err().find("--port left=null: the template's ports are right"), std::string::npos)
      << run.Err();
  run.Signal(SIGINT);
  EXPECT_EQ(run.Wait().exit_code, 1);
}

TEST_F(Watch, IncludedFilesAndAnotherFileCount) {
  dir_.Write("m.json", FloodTo(10));
  const std::string file =
      Start(R"({"spate": 1, "include": [{"file": "m.json"}], "packets": 1000000000})");
  {
    Process run({"run", file, "--watch", "--json"});
    ASSERT_TRUE(run.WaitForErr("seed 1\n")) << run.Err();
    dir_.Write("m.json", Replaced(FloodTo(11), "10kpps", "20kpps"));
    EXPECT_TRUE(run.WaitForErr("new plan took over")) << run.Err();
    run.Signal(SIGINT);
    EXPECT_EQ(run.Wait().exit_code, 1);
  }
  Process run({"run", file, "--watch", dir_ / "next.json", "--json"});
  ASSERT_TRUE(run.WaitForErr("seed 1\n")) << run.Err();
  dir_.Write("next.json", FloodTo(11, "100"));
  const Outcome outcome = run.Wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const JsonText account(outcome.out);
  EXPECT_EQ(account.Integer("/sent"), account.Integer("/swaps/0/sent") + 100);
}

TEST_F(Watch, TheLiveTableShowsIt) {
  const std::string file = Start(FloodTo(9));
  Process run({"run", file, "--watch", "--duration", "60s"},
              {.program = "",
               .terminal = true,
               .keyboard = true,
               .environment = {"TERM=xterm", "NO_COLOR=1"},
               .in_child = {}});
  ASSERT_TRUE(run.WaitForErr("q end")) << run.Err();
  SaveByRename(Replaced(FloodTo(10), R"("flood": {)", R"("other": {)"));
  EXPECT_TRUE(run.WaitForErr("  new plans 1")) << run.Err();
  run.Type("sother\n");
  EXPECT_TRUE(run.WaitForErr("stopped: other")) << run.Err();
  run.Type("q");
  const Outcome outcome = run.Wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("plan changed 1 time: at "), std::string::npos) << outcome.out;
}

TEST_F(Watch, NothingToWatch) {
  const std::string file = Start(FloodTo(9));
  const Outcome outcome = Execute({"run", file, "--watch", dir_ / "none/t.json"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("cannot be watched: No such file"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace spate::testing
