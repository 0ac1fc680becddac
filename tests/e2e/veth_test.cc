// A real interface, by AF_PACKET and by AF_XDP: what arrives is what a capture of the same seed
// holds.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/e2e/captures.h"
#include "tests/e2e/json.h"
#include "tests/e2e/namespaces.h"
#include "tests/e2e/process.h"
#include "tests/e2e/templates.h"

namespace spate::testing {
namespace {

// The kind of port.
class Veth : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!pair_.missing().empty()) GTEST_SKIP() << pair_.missing();
    if (GetParam() != "af_xdp") return;
    const int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0) GTEST_SKIP() << "this kernel has no AF_XDP";
    close(fd);
  }

  Outcome RunInSender(const std::vector<std::string>& words) const {
    return Execute(
        words,
        {.program = "", .terminal = false, .environment = {}, .in_child = pair_.EnterSender()});
  }

  const std::string port_ = GetParam() == "af_xdp" ? "xdp:wire" : "wire";
  const VethPair pair_;
  const TempDir dir_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, Veth, ::testing::Values("af_packet", "af_xdp"));

TEST_P(Veth, TheReceiverGetsWhatTheFileHolds) {
  const std::string file = dir_.Write("t.json", kDevices);
  const std::string capture = dir_ / "t.pcap";
  const int receiver = pair_.OpenReceiver();
  ASSERT_GE(receiver, 0);
  const std::vector<std::string> common = {"run", file, "--seed", "7", "--json", "--quiet"};
  std::vector<std::string> live = common, filed = common;
  live.insert(live.end(), {"--port", port_, "--emit", "1", "--rate", "20kpps"});
  filed.insert(filed.end(), {"--port", capture});
  const Outcome sent = RunInSender(live);
  const Outcome written = Execute(filed);
  ASSERT_EQ(sent.exit_code, 0) << sent.err;
  ASSERT_EQ(written.exit_code, 0) << written.err;

  const std::vector<Bytes> received = Drain(receiver), expected = ReadFrames(capture);
  close(receiver);
  ASSERT_GT(expected.size(), 1'000u);
  ASSERT_EQ(received.size(), expected.size());
  size_t bytes = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(received[i], expected[i]) << "packet " << i;
    bytes += expected[i].size() + 4;
  }
  const JsonText account(sent.out);
  EXPECT_EQ(account.Integer("/sent"), received.size());
  EXPECT_EQ(account.Integer("/ports/0/tx_bytes"), bytes);
  EXPECT_EQ(account.String("/ports/0/kind"), GetParam());
}

TEST_P(Veth, AFrameAboveTheMtuIsRefused) {
  const std::string file = dir_.Write("t.json", FloodJson(1'600));
  const Outcome outcome = RunInSender({"run", file, "--port", port_, "--packets", "1", "--quiet"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("message \"m\" makes frames of 1600 bytes"), std::string::npos)
      << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST_P(Veth, AVanishedPortEndsTheRunWithAnAccount) {
  const std::string file = dir_.Write("t.json", FloodJson());
  Process run(
      {"run", file, "--port", port_, "--duration", "60s", "--json"},
      {.program = "", .terminal = false, .environment = {}, .in_child = pair_.EnterSender()});
  const int receiver = pair_.OpenReceiver();
  ASSERT_GE(receiver, 0);
  size_t received = 0;
  ASSERT_TRUE(run.WaitUntil([&] { return (received += Drain(receiver).size()) > 100; }))
      << run.Err();
  const Outcome gone = Execute(
      {"-c", "ip link del wire"},
      {.program = "sh", .terminal = false, .environment = {}, .in_child = pair_.EnterSender()});
  ASSERT_EQ(gone.exit_code, 0) << gone.err;
  const Outcome outcome = run.Wait();
  close(receiver);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("wire"), std::string::npos) << outcome.err;
  const JsonText account(outcome.out);
  EXPECT_GT(account.Integer("/sent"), 100u);
  EXPECT_EQ(account.Integer("/planned"), account.Integer("/sent") + account.Sum("/dropped"));
  EXPECT_NE(account.String("/verdict"), "done");
}

}  // namespace
}  // namespace spate::testing
