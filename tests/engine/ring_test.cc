#include "engine/ring/ring.h"

#include <gtest/gtest.h>

#include <array>
#include <latch>
#include <thread>
#include <vector>

#include "base/random.h"
#include "engine/ring/atomic_key.h"

namespace spate::engine {
namespace {

Slot SlotOf(uint64_t n) { return {.operands = {{n, ~n}}}; }

TEST(DescriptorRingTest, RecordsGoInWholeOrNotAtAll) {
  DescriptorRing ring(100);
  const std::vector<Slot> record(7, SlotOf(1));
  uint32_t taken = 0;
  while (ring.Push(record)) taken += 7;
  EXPECT_GT(taken + 7, ring.capacity());
  EXPECT_LE(taken, ring.capacity());
  EXPECT_GE(ring.capacity(), 100u);
  std::vector<Slot> out(1000);
  EXPECT_EQ(ring.Pop(out), taken);
  EXPECT_EQ(ring.Pop(out), 0u);
}

TEST(DescriptorRingTest, NothingPushedIsNothingWaiting) {
  DescriptorRing ring(1);
  EXPECT_TRUE(ring.Push({}));
  std::array<Slot, 4> out;
  EXPECT_EQ(ring.Pop(out), 0u);
  EXPECT_EQ(ring.Pop({}), 0u);
}

TEST(DescriptorRingTest, KeepsOrderAcrossThreadsAndWraps) {
  constexpr uint64_t kSlots = 200'000;
  DescriptorRing ring(256);
  std::thread producer([&ring] {
    std::array<Slot, kMaxRecordSlots> record;
    uint64_t next = 0;
    for (uint64_t n = 0; next < kSlots; ++n) {
      const size_t size = 1 + Below(Draw(1, n), std::min<uint64_t>(record.size(), kSlots - next));
      for (size_t i = 0; i < size; ++i) record[i] = SlotOf(next + i);
      while (!ring.Push({record.data(), size})) std::this_thread::yield();
      next += size;
    }
  });
  std::array<Slot, 64> out;
  uint64_t expected = 0, wrong = 0;
  while (expected < kSlots) {
    const size_t got = ring.Pop(out);
    if (got == 0) std::this_thread::yield();
    for (size_t i = 0; i < got; ++i, ++expected) {
      wrong += out[i].operands.word[0] != expected || out[i].operands.word[1] != ~expected;
    }
  }
  producer.join();
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(ring.Pop(out), 0u);
}

TEST(AtomicKeyTest, LoadsWhatWasStored) {
  AtomicKey key;
  EXPECT_EQ(key.Load(), OrderKey::Min());
  key.Store({.due_ps = 5, .rank = 7});
  EXPECT_EQ(key.Load(), (OrderKey{.due_ps = 5, .rank = 7}));
  key.Store(OrderKey::Max());
  EXPECT_EQ(key.Load(), OrderKey::Max());
}

// The halves of a key always belong together, keys only grow, and what the writer did before is
// seen (ThreadSanitizer watches `work`).
TEST(AtomicKeyTest, ReadersSeeWholeKeysInOrder) {
  constexpr int64_t kLast = 300'000;
  AtomicKey key({.due_ps = 0, .rank = 0});
  std::vector<int64_t> work(kLast + 1);
  std::vector<std::thread> readers;
  std::array<int, 2> faults{};
  std::latch start(static_cast<ptrdiff_t>(faults.size()) + 1);
  for (int& fault : faults) {
    readers.emplace_back([&] {
      start.arrive_and_wait();
      for (OrderKey last{}; last.due_ps < kLast;) {
        const OrderKey now = key.Load();
        const auto due = static_cast<size_t>(now.due_ps);
        fault += now.rank != static_cast<uint64_t>(now.due_ps) * 3 || now < last;
        fault += work[due] != now.due_ps;
        if (now == last) std::this_thread::yield();
        last = now;
      }
    });
  }
  start.arrive_and_wait();
  for (int64_t n = 1; n <= kLast; ++n) {
    work[static_cast<size_t>(n)] = n;
    key.Store({.due_ps = n, .rank = static_cast<uint64_t>(n) * 3});
  }
  for (std::thread& reader : readers) reader.join();
  for (const int fault : faults) EXPECT_EQ(fault, 0);
}

}  // namespace
}  // namespace spate::engine
