// AF_PACKET ports on a veth pair, in a network namespace that the test makes for itself.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <thread>

#include "engine/port/interface.h"
#include "engine/port/port.h"
#include "tests/engine/port_testing.h"

namespace spate::engine {
namespace {

using ::testing::HasSubstr;
using testing::SendTestFrames;
using testing::TestFrame;

constexpr char kSender[] = "spate-tx";
constexpr char kReceiver[] = "spate-rx";

bool Ip(const std::string& arguments) {
  return std::system(("ip " + arguments + " 2>/dev/null").c_str()) == 0;
}

// Runs `body` on a thread in a fresh namespace with a veth pair that is up; false when this user
// may not make one.
bool InNamespace(const std::function<void()>& body) {
  bool ready = false;
  std::thread([&] {
    ready = unshare(CLONE_NEWNET) == 0 &&
            Ip(absl::StrCat("link add ", kSender, " type veth peer name ", kReceiver)) &&
            Ip(absl::StrCat("link set ", kSender, " up")) &&
            Ip(absl::StrCat("link set ", kReceiver, " up"));
    if (ready) body();
  }).join();
  return ready;
}

#define SKIP_WITHOUT_NAMESPACE(ran) \
  if (!(ran)) GTEST_SKIP() << "needs root (network namespaces, veth) and ip"

// What arrives at the other end of the pair.
class Receiver {
 public:
  Receiver() : fd_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(testing::kEtherType))) {
    const int bytes = 64 << 20;
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(testing::kEtherType);
    address.sll_ifindex = static_cast<int>(if_nametoindex(kReceiver));
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ~Receiver() { close(fd_); }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  // The next frame; empty when none comes within a second.
  std::vector<uint8_t> Next() {
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, 1000) != 1) return {};
    std::vector<uint8_t> frame(2048);
    frame.resize(static_cast<size_t>(std::max<ssize_t>(recv(fd_, frame.data(), 2048, 0), 0)));
    return frame;
  }
  // That no frame is waiting.
  bool Empty() {
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    return poll(&waiting, 1, 0) == 0;
  }

 private:
  const int fd_;
};

TEST(AfPacketPortTest, EveryFrameArrivesInOrder) {
  SKIP_WITHOUT_NAMESPACE(InNamespace([] {
    Receiver receiver;
    auto port = OpenPort(kSender);
    ASSERT_TRUE(port.ok()) << port.status();
    EXPECT_EQ((*port)->kind(), "af_packet");
    EXPECT_EQ((*port)->max_frame(), 1518u);
    EXPECT_EQ((*port)->speed_bps(), 10'000'000'000u);
    ASSERT_TRUE((*port)->Start(1).ok());
    auto queue = (*port)->OpenQueue(0, 120);
    ASSERT_TRUE(queue.ok()) << queue.status();
    EXPECT_EQ(SendTestFrames(**queue, 0, 5000), 5000u);
    EXPECT_TRUE((*queue)->Finish().ok());
    for (uint64_t n = 0; n < 5000; ++n) ASSERT_EQ(receiver.Next(), TestFrame(n)) << n;
    EXPECT_TRUE(receiver.Empty());
    EXPECT_TRUE((*port)->Close(true).ok());
  }));
}

TEST(AfPacketPortTest, FramesAboveTheMtuFailClearly) {
  SKIP_WITHOUT_NAMESPACE(InNamespace([] {
    auto port = OpenPort(kSender);
    ASSERT_TRUE(port.ok()) << port.status();
    auto queue = (*port)->OpenQueue(0, 1600);
    ASSERT_TRUE(queue.ok()) << queue.status();
    Burst burst;
    ASSERT_TRUE((*queue)->Acquire(burst, 0, 1));
    std::ranges::fill_n(burst.data[0], 1600, uint8_t{0xff});
    burst.length[0] = 1600;
    EXPECT_EQ((*queue)->Send(burst, 0, 1), 0);
    EXPECT_THAT((*queue)->status().message(), HasSubstr("a frame of 1600 bytes"));
    EXPECT_THAT((*queue)->status().message(), HasSubstr("MTU of 1500"));
  }));
}

TEST(AfPacketPortTest, ATagAboveTheMtuFitsAndOtherBytesDoNot) {
  SKIP_WITHOUT_NAMESPACE(InNamespace([] {
    auto port = OpenPort(kSender);
    ASSERT_TRUE(port.ok()) << port.status();
    auto queue = (*port)->OpenQueue(0, 1518);
    ASSERT_TRUE(queue.ok()) << queue.status();
    Burst burst;
    ASSERT_TRUE((*queue)->Acquire(burst, 0, 4));
    for (uint16_t i = 0; i < 4; ++i) {
      std::ranges::fill_n(burst.data[i], 1518, uint8_t{0xff});
      burst.length[i] = 1518;
      burst.data[i][12] = 0x81;
      burst.data[i][13] = 0x00;
    }
    burst.data[2][12] = 0x08;
    EXPECT_EQ((*queue)->Send(burst, 0, 4), 2);
    EXPECT_TRUE((*queue)->status().ok());
    EXPECT_EQ((*queue)->Send(burst, 2, 4), 0);
    EXPECT_THAT((*queue)->status().message(), HasSubstr("a frame of 1518 bytes"));
  }));
}

TEST(AfPacketPortTest, FramesThatWereRefusedForAWhileArriveOnce) {
  SKIP_WITHOUT_NAMESPACE(InNamespace([] {
    auto port = OpenPort(kSender);
    ASSERT_TRUE(port.ok()) << port.status();
    auto queue = (*port)->OpenQueue(0, 120);
    ASSERT_TRUE(queue.ok()) << queue.status();
    Burst burst;
    ASSERT_TRUE((*queue)->Acquire(burst, 0, 3));
    for (uint16_t i = 0; i < 3; ++i) {
      const std::vector<uint8_t> frame = TestFrame(i);
      std::ranges::copy(frame, burst.data[i]);
      burst.length[i] = static_cast<uint16_t>(frame.size());
    }
    ASSERT_TRUE(Ip(absl::StrCat("link set ", kReceiver, " down")));
    EXPECT_EQ((*queue)->Send(burst, 0, 3), 0);
    EXPECT_EQ((*queue)->Send(burst, 0, 3), 0);
    EXPECT_TRUE((*queue)->status().ok());
    ASSERT_TRUE(Ip(absl::StrCat("link set ", kReceiver, " up")));
    Receiver receiver;
    EXPECT_EQ((*queue)->Send(burst, 0, 3), 3);
    for (uint64_t n = 0; n < 3; ++n) EXPECT_EQ(receiver.Next(), TestFrame(n)) << n;
    EXPECT_TRUE(receiver.Empty());
  }));
}

TEST(AfPacketPortTest, AnInterfaceThatGoesDownEndsSend) {
  SKIP_WITHOUT_NAMESPACE(InNamespace([] {
    auto port = OpenPort(kSender);
    ASSERT_TRUE(port.ok()) << port.status();
    auto queue = (*port)->OpenQueue(0, 120);
    ASSERT_TRUE(queue.ok()) << queue.status();
    EXPECT_EQ(SendTestFrames(**queue, 0, 10), 10u);
    ASSERT_TRUE(Ip(absl::StrCat("link set ", kSender, " down")));
    EXPECT_EQ(SendTestFrames(**queue, 0, 10), 0u);
    EXPECT_EQ((*queue)->status().code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT((*queue)->status().message(), HasSubstr("the interface is down"));
  }));
}

TEST(AfPacketPortTest, LosingTheCarrierEndsSend) {
  SKIP_WITHOUT_NAMESPACE(InNamespace([] {
    auto port = OpenPort(kSender);
    ASSERT_TRUE(port.ok()) << port.status();
    auto queue = (*port)->OpenQueue(0, 120);
    ASSERT_TRUE(queue.ok()) << queue.status();
    ASSERT_TRUE(Ip(absl::StrCat("link set ", kReceiver, " down")));
    EXPECT_EQ(SendTestFrames(**queue, 0, 10), 0u);
    EXPECT_THAT((*queue)->status().message(), HasSubstr("no carrier"));
  }));
}

TEST(AfPacketPortTest, AnInterfaceThatGoesAwayEndsSend) {
  SKIP_WITHOUT_NAMESPACE(InNamespace([] {
    auto port = OpenPort(kSender);
    ASSERT_TRUE(port.ok()) << port.status();
    auto queue = (*port)->OpenQueue(0, 120);
    ASSERT_TRUE(queue.ok()) << queue.status();
    ASSERT_TRUE(Ip(absl::StrCat("link del ", kSender)));
    EXPECT_EQ(SendTestFrames(**queue, 0, 10), 0u);
    EXPECT_THAT((*queue)->status().message(), HasSubstr("went away"));
  }));
}

TEST(AfPacketPortTest, AnInterfaceThatIsDownSaysHowToMendIt) {
  SKIP_WITHOUT_NAMESPACE(InNamespace([] {
    ASSERT_TRUE(Ip(absl::StrCat("link set ", kSender, " down")));
    EXPECT_THAT(OpenPort(kSender).status().message(), HasSubstr("ip link set spate-tx up"));
    ASSERT_TRUE(Ip(absl::StrCat("link set ", kSender, " up")));
    ASSERT_TRUE(Ip(absl::StrCat("link set ", kReceiver, " down")));
    EXPECT_THAT(OpenPort(kSender).status().message(), HasSubstr("no carrier"));
  }));
}

TEST(AfPacketPortTest, NamesOfThisNamespaceAreOffered) {
  SKIP_WITHOUT_NAMESPACE(InNamespace([] {
    EXPECT_THAT(InterfaceNames(), ::testing::UnorderedElementsAre("lo", kSender, kReceiver));
    EXPECT_THAT(OpenPort("spate-tz").status().message(), HasSubstr("did you mean \"spate-"));
  }));
}

}  // namespace
}  // namespace spate::engine
