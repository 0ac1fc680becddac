#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "engine/port/eal.h"
#include "engine/port/port.h"
#include "tests/engine/port_testing.h"

namespace spate::engine {
namespace {

using ::testing::HasSubstr;
using testing::SendTestFrames;

// Opens `queues` queues, sends `count` frames by each from a thread of its own.
void SendByThreads(Port& port, uint32_t queues, uint64_t count) {
  const absl::Status started = port.Start(queues);
  ASSERT_TRUE(started.ok()) << started;
  std::vector<std::unique_ptr<TxQueue>> opened;
  for (uint32_t i = 0; i < queues; ++i) {
    auto queue = port.OpenQueue(i, 120);
    ASSERT_TRUE(queue.ok()) << queue.status();
    opened.push_back(*std::move(queue));
  }
  std::vector<std::thread> threads;
  std::vector<uint64_t> sent(queues);
  for (uint32_t i = 0; i < queues; ++i) {
    threads.emplace_back([&, i] {
      sent[i] = SendTestFrames(*opened[i], 0, count);
      EXPECT_TRUE(opened[i]->Finish().ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const uint64_t each : sent) EXPECT_EQ(each, count);
}

TEST(NullPortTest, TakesEveryFrame) {
  auto port = OpenPort("null");
  ASSERT_TRUE(port.ok()) << port.status();
  EXPECT_EQ((*port)->kind(), "null");
  EXPECT_EQ((*port)->max_frame(), 0u);
  EXPECT_FALSE((*port)->virtual_time());
  SendByThreads(**port, 1, 100'000);
  EXPECT_TRUE((*port)->Close(true).ok());
}

TEST(NullPortTest, SeveralQueuesSendAtTheSameTime) {
  auto port = OpenPort("null");
  ASSERT_TRUE(port.ok()) << port.status();
  SendByThreads(**port, 2, 50'000);
  EXPECT_TRUE((*port)->Close(true).ok());
}

TEST(NullPortTest, SeveralLiveSideBySide) {
  auto a = OpenPort("null");
  auto b = OpenPort("null");
  ASSERT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
  SendByThreads(**a, 1, 1000);
  SendByThreads(**b, 1, 1000);
  EXPECT_TRUE((*a)->Close(true).ok());
  EXPECT_TRUE((*b)->Close(true).ok());
}

// More runs than the EAL has lcores: threads and pools are given back.
TEST(NullPortTest, ManyRunsInOneProcess) {
  for (int run = 0; run < 140; ++run) {
    auto port = OpenPort("null");
    ASSERT_TRUE(port.ok()) << port.status();
    SendByThreads(**port, 1, 10);
    ASSERT_TRUE((*port)->Close(true).ok());
  }
}

// Acquired frames that are never sent go back: the pool does not run dry.
TEST(NullPortTest, ReleasedFramesCanBeAcquiredAgain) {
  auto port = OpenPort("null");
  ASSERT_TRUE(port.ok()) << port.status();
  ASSERT_TRUE((*port)->Start(1).ok());
  auto queue = (*port)->OpenQueue(0, 1514);
  ASSERT_TRUE(queue.ok()) << queue.status();
  std::thread([&] {
    Burst burst;
    for (int i = 0; i < 1000; ++i) {
      ASSERT_TRUE((*queue)->Acquire(burst, 0, kBurst));
      (*queue)->Release(burst, 0, kBurst);
    }
  }).join();
}

TEST(NullPortTest, FramesAreAlignedAndApart) {
  auto port = OpenPort("null");
  ASSERT_TRUE(port.ok()) << port.status();
  ASSERT_TRUE((*port)->Start(1).ok());
  auto queue = (*port)->OpenQueue(0, 1500);
  ASSERT_TRUE(queue.ok()) << queue.status();
  std::thread([&] {
    Burst burst;
    ASSERT_TRUE((*queue)->Acquire(burst, 0, kBurst));
    std::ranges::sort(burst.data);
    for (uint16_t i = 0; i < kBurst; ++i) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(burst.data[i]) % 64, 0u);
      if (i == 0) continue;
      EXPECT_GE(burst.data[i] - burst.data[i - 1], 1536);
    }
    (*queue)->Release(burst, 0, kBurst);
  }).join();
}

// Else they would push each other out of the first cache: it has 64 sets of lines.
TEST(NullPortTest, FramesOfABurstLieInDifferentSetsOfTheCache) {
  for (const uint32_t room : {60u, 252u, 566u, 1514u, 4096u}) {
    auto port = OpenPort("null");
    ASSERT_TRUE(port.ok()) << port.status();
    ASSERT_TRUE((*port)->Start(1).ok());
    auto queue = (*port)->OpenQueue(0, room);
    ASSERT_TRUE(queue.ok()) << queue.status();
    std::thread([&] {
      Burst burst;
      ASSERT_TRUE((*queue)->Acquire(burst, 0, kBurst));
      int in_set[64] = {}, most = 0;
      for (const uint8_t* data : burst.data) {
        most = std::max(most, ++in_set[reinterpret_cast<uintptr_t>(data) / 64 % 64]);
      }
      EXPECT_LE(most, 2) << "frames of " << room << " bytes";
      (*queue)->Release(burst, 0, kBurst);
    }).join();
  }
}

TEST(EalTest, LeavesTheCallersAffinityAlone) {
  cpu_set_t before, after;
  sched_getaffinity(0, sizeof(before), &before);
  ASSERT_TRUE(StartEal().ok());
  sched_getaffinity(0, sizeof(after), &after);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST(DpdkPortTest, AnyVirtualDeviceIsAPort) {
  auto port = OpenPort("net_null0,size=100,copy=1");
  ASSERT_TRUE(port.ok()) << port.status();
  EXPECT_EQ((*port)->kind(), "dpdk");
  EXPECT_EQ((*port)->name(), "net_null0,size=100,copy=1");
  EXPECT_EQ((*port)->max_frame(), 1518u) << "MTU 1500, Ethernet header, VLAN tag";
  SendByThreads(**port, 1, 1000);
  EXPECT_TRUE((*port)->Close(true).ok());
}

TEST(DpdkPortTest, SaysWhatIsWrongWithADevice) {
  EXPECT_THAT(OpenPort("net_nosuch").status().message(),
              HasSubstr("no DPDK driver for net_nosuch"));
  const auto failed = OpenPort("net_af_packet0,iface=nosuch").status();
  EXPECT_THAT(failed.message(), HasSubstr("net_af_packet0"));
  EXPECT_THAT(OpenPort("ffff:ff:1f.7").status().message(),
              HasSubstr("no network device at PCI address ffff:ff:1f.7"));
}

TEST(DpdkPortTest, RefusesFramesThatAreNotEthernet) {
  const PortOptions options{.link = packet::LinkType::kIeee802154};
  EXPECT_THAT(OpenPort("net_null0", options).status().message(), HasSubstr("Ethernet"));
  EXPECT_TRUE(OpenPort("null", options).ok());
}

TEST(DpdkPortTest, RefusesMoreQueuesThanTheDeviceHas) {
  auto port = OpenPort("net_ring0");
  ASSERT_TRUE(port.ok()) << port.status();
  EXPECT_THAT((*port)->Start(1000).message(), HasSubstr("1000 emission lcores"));
}

}  // namespace
}  // namespace spate::engine
