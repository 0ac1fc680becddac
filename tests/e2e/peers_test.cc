// Two spate processes joined by shared memory, without hugepages: each counts what the other sends.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/e2e/json.h"
#include "tests/e2e/process.h"
#include "tests/e2e/templates.h"

namespace spate::testing {
namespace {

// As many would take a slow binary a minute.
uint64_t PeerPackets() { return BinaryIsOptimized() ? 1'000'000 : 50'000; }

class Peers : public ::testing::Test {
 protected:
  std::vector<std::string> Words(const std::string& port) const {
    return {"run",    template_, "--port",    port,
            "--rx",   port,      "--packets", std::to_string(PeerPackets()),
            "--rate", "max",     "--json",    "--quiet"};
  }

  // Runs `first`, which waits for the other at a socket, and `second`.
  void ExpectExact(const std::string& first, const std::string& second) const {
    Process waiting(Words(first));
    ASSERT_TRUE(waiting.WaitUntil([&] { return access(socket_.c_str(), F_OK) == 0; }))
        << waiting.Wait().err;
    const Outcome joined = Execute(Words(second));
    const Outcome waited = waiting.Wait();
    ExpectAccount(waited, first.substr(0, first.find(':')));
    ExpectAccount(joined, second.substr(0, second.find(':')));
  }

  static void ExpectAccount(const Outcome& outcome, const std::string& kind) {
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err << outcome.out;
    const JsonText account(outcome.out);
    EXPECT_EQ(account.String("/ports/0/kind"), kind);
    EXPECT_EQ(account.Integer("/sent"), PeerPackets());
    EXPECT_EQ(account.Integer("/ports/0/tx_bytes"), PeerPackets() * 64);
    EXPECT_EQ(account.Integer("/ports/0/rx_packets"), PeerPackets());
    EXPECT_EQ(account.Integer("/ports/0/rx_bytes"), PeerPackets() * 64);
    EXPECT_EQ(account.Integer("/ports/0/rx_missed"), 0u);
  }

  const TempDir dir_;
  const std::string template_ = dir_.Write("t.json", FloodJson());
  const std::string socket_ = dir_ / "peer.sock";
};

TEST_F(Peers, MemifCarriesAllPacketsBothWays) {
  ExpectExact("memif:" + socket_, "memif:" + socket_);
}

TEST_F(Peers, VhostAndVirtioUserCarryAllPacketsBothWays) {
  ExpectExact("vhost:" + socket_, "virtio:" + socket_);
}

TEST_F(Peers, AVirtioUserWithoutAHostSaysSo) {
  const Outcome alone = Execute(Words("virtio:" + socket_));
  EXPECT_EQ(alone.exit_code, 1);
  EXPECT_NE(alone.err.find("nobody listens at " + socket_), std::string::npos) << alone.err;
}

}  // namespace
}  // namespace spate::testing
