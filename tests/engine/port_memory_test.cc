#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/port/memory_port.h"
#include "tests/engine/port_testing.h"

namespace spate::engine {
namespace {

using testing::SendTestFrames;
using testing::TestFrame;

std::vector<MemoryFrame> Send(MemoryPort& port, uint64_t count) {
  EXPECT_TRUE(port.Start(1).ok());
  auto queue = port.OpenQueue(0, 120);
  EXPECT_EQ(SendTestFrames(**queue, 0, count), count);
  EXPECT_TRUE((*queue)->Finish().ok());
  return port.frames();
}

TEST(MemoryPortTest, FaultsLoseAndReorderNothing) {
  MemoryPort faulty({.faults = {.seed = 3,
                                .acquire_refused = 0.3,
                                .send_refused = 0.3,
                                .send_partial = 0.5,
                                .stall_after = 500,
                                .stall_calls = 20}});
  const std::vector<MemoryFrame> frames = Send(faulty, 2000);
  ASSERT_EQ(frames.size(), 2000u);
  for (uint64_t n = 0; n < frames.size(); ++n) {
    ASSERT_EQ(frames[n].due_ps, static_cast<int64_t>(n) * 1'000'000 + 999);
    ASSERT_EQ(frames[n].bytes, TestFrame(n));
  }
}

// The pattern of takes is a function of the seed.
std::vector<uint16_t> Takes(uint64_t seed) {
  MemoryPort port({.faults = {.seed = seed, .send_refused = 0.2, .send_partial = 0.5}});
  EXPECT_TRUE(port.Start(1).ok());
  auto queue = port.OpenQueue(0, 64);
  Burst burst{};
  std::vector<uint16_t> takes;
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE((*queue)->Acquire(burst, 0, kBurst));
    takes.push_back((*queue)->Send(burst, 0, kBurst));
    (*queue)->Release(burst, takes.back(), kBurst);
  }
  return takes;
}

TEST(MemoryPortTest, FaultsFollowTheSeed) {
  EXPECT_EQ(Takes(1), Takes(1));
  EXPECT_NE(Takes(1), Takes(2));
  EXPECT_THAT(Takes(1), ::testing::Contains(0));
  EXPECT_THAT(Takes(1), ::testing::Contains(kBurst));
  EXPECT_THAT(Takes(1),
              ::testing::Contains(::testing::AllOf(::testing::Gt(0), ::testing::Lt(kBurst))));
}

TEST(MemoryPortTest, StallsOnceForTheGivenCalls) {
  MemoryPort port({.faults = {.stall_after = 100, .stall_calls = 3}});
  ASSERT_TRUE(port.Start(1).ok());
  auto queue = port.OpenQueue(0, 64);
  Burst burst{};
  std::vector<uint16_t> takes;
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE((*queue)->Acquire(burst, 0, kBurst));
    takes.push_back((*queue)->Send(burst, 0, kBurst));
    (*queue)->Release(burst, takes.back(), kBurst);
  }
  EXPECT_THAT(takes, ::testing::ElementsAre(64, 36, 0, 0, 0, 64, 64));
}

TEST(MemoryPortTest, DiesWhenTold) {
  MemoryPort port({.faults = {.die_after = 100}});
  ASSERT_TRUE(port.Start(1).ok());
  auto queue = port.OpenQueue(0, 120);
  EXPECT_EQ(SendTestFrames(**queue, 0, 1000), 100u);
  EXPECT_EQ((*queue)->Finish().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(port.frames().size(), 100u);
}

TEST(MemoryPortTest, VirtualTimeKeepsOneOrderForAllQueues) {
  MemoryPort port({.virtual_time = true});
  ASSERT_TRUE(port.Start(2).ok());
  auto a = port.OpenQueue(0, 120);
  auto b = port.OpenQueue(1, 120);
  SendTestFrames(**b, 0, 2);
  SendTestFrames(**a, 2, 1);
  SendTestFrames(**b, 3, 1);
  std::vector<uint32_t> queues;
  for (const MemoryFrame& frame : port.frames()) queues.push_back(frame.queue);
  EXPECT_THAT(queues, ::testing::ElementsAre(1, 1, 0, 1));
  EXPECT_EQ(port.frames()[3].bytes, TestFrame(3));
}

TEST(MemoryPortTest, LiveTimeKeepsQueuesApart) {
  MemoryPort port({});
  ASSERT_TRUE(port.Start(2).ok());
  auto a = port.OpenQueue(0, 120);
  auto b = port.OpenQueue(1, 120);
  SendTestFrames(**b, 0, 2);
  SendTestFrames(**a, 2, 1);
  EXPECT_EQ(port.frames(0).size(), 1u);
  EXPECT_EQ(port.frames(1).size(), 2u);
}

TEST(MemoryPortTest, RunsOutOfFramesInsteadOfGrowing) {
  MemoryPort port({});
  ASSERT_TRUE(port.Start(1).ok());
  auto queue = port.OpenQueue(0, 64);
  Burst burst{};
  int acquired = 0;
  while (acquired < 1000 && (*queue)->Acquire(burst, 0, kBurst)) ++acquired;
  EXPECT_GT(acquired, 1);
  EXPECT_LT(acquired, 1000);
  (*queue)->Release(burst, 0, kBurst);
  EXPECT_TRUE((*queue)->Acquire(burst, 0, kBurst));
}

}  // namespace
}  // namespace spate::engine
