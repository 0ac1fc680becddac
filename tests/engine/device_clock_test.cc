// A device that sends each frame at its time: its clock, and what its queue writes into the frames.
#include "engine/port/device_clock.h"

#include <gtest/gtest.h>
#include <rte_ethdev.h>
#include <rte_mbuf_dyn.h>

#include <vector>

#include "base/units.h"
#include "engine/port/dpdk_device.h"
#include "engine/port/dpdk_queue.h"
#include "engine/port/eal.h"
#include "engine/port/frame_pool.h"

namespace spate::engine {
namespace {

constexpr int64_t kMicro = 1'000'000;  // ps

// A clock of 156.25 MHz that showed 9e9 when the other one showed 5 s.
constexpr uint64_t TicksAt(int64_t ps) {
  return 9'000'000'000 + static_cast<uint64_t>((ps - 5 * kPicosPerSecond) / 6'400);
}
DeviceClock::Reading ReadingAt(int64_t ps, int64_t span_ps = kMicro) {
  return {.ps = ps, .ticks = TicksAt(ps), .span_ps = span_ps};
}

TEST(DeviceClock, IsALineThroughTheFirstReadingAndTheLast) {
  DeviceClock clock;
  clock.Note(ReadingAt(5 * kPicosPerSecond));
  EXPECT_FALSE(clock.ready());
  clock.Note(ReadingAt(6 * kPicosPerSecond));
  ASSERT_TRUE(clock.ready());
  EXPECT_EQ(clock.line().At(6 * kPicosPerSecond), TicksAt(6 * kPicosPerSecond));
  for (const int64_t ahead : {50 * kMicro, 20'000 * kMicro, -kPicosPerSecond / 2}) {
    EXPECT_NEAR(static_cast<double>(clock.line().At(6 * kPicosPerSecond + ahead)),
                static_cast<double>(TicksAt(6 * kPicosPerSecond + ahead)), 1)
        << ahead;
  }
}

TEST(DeviceClock, StartsAnewFromEachReading) {
  DeviceClock clock;
  clock.Note(ReadingAt(5 * kPicosPerSecond));
  clock.Note(ReadingAt(6 * kPicosPerSecond));
  DeviceClock::Reading ahead = ReadingAt(7 * kPicosPerSecond);
  ahead.ticks += 40;
  clock.Note(ahead);
  EXPECT_EQ(clock.line().At(7 * kPicosPerSecond), TicksAt(7 * kPicosPerSecond) + 40);
}

TEST(DeviceClock, PassesOverReadingsThatWereInterrupted) {
  DeviceClock clock;
  clock.Note(ReadingAt(5 * kPicosPerSecond));
  clock.Note(ReadingAt(6 * kPicosPerSecond));
  DeviceClock::Reading away = ReadingAt(7 * kPicosPerSecond, 10 * kMicro);
  away.ticks += 1'000;
  clock.Note(away);
  EXPECT_EQ(clock.line().At(6 * kPicosPerSecond), TicksAt(6 * kPicosPerSecond));
}

TEST(DeviceClock, OneThatStandsStillIsNone) {
  DeviceClock clock;
  clock.Note(ReadingAt(5 * kPicosPerSecond));
  clock.Note({.ps = 6 * kPicosPerSecond, .ticks = TicksAt(5 * kPicosPerSecond), .span_ps = kMicro});
  EXPECT_FALSE(clock.ready());
}

// What a driver is given: flags and departure times of the frames.
struct Given {
  DepartureField field;
  std::vector<uint64_t> ticks;
  bool flagged = true;
};

uint16_t Look(uint16_t, uint16_t, rte_mbuf** frames, uint16_t count, void* param) {
  auto& given = *static_cast<Given*>(param);
  for (uint16_t i = 0; i < count; ++i) {
    given.flagged = given.flagged && (frames[i]->ol_flags & given.field.flag) != 0;
    given.ticks.push_back(
        *RTE_MBUF_DYNFIELD(frames[i], given.field.offset, const rte_mbuf_timestamp_t*));
  }
  return count;
}

TEST(DpdkQueue, WritesDepartureTimesByTheDevicesClock) {
  ASSERT_TRUE(StartEal().ok());
  const FramePool pool =
      MakeFramePool("departures", 1024, RTE_PKTMBUF_HEADROOM + 64, SOCKET_ID_ANY);
  ASSERT_NE(pool, nullptr);
  auto device = DpdkDevice::Probe("test", "vdev", UnusedDeviceName("net_null"), "no-rx=1");
  ASSERT_TRUE(device.ok()) << device.status();
  const uint16_t id = device->id();
  const rte_eth_conf conf{};
  ASSERT_EQ(rte_eth_dev_configure(id, 0, 1, &conf), 0);
  ASSERT_EQ(rte_eth_tx_queue_setup(id, 0, 512, SOCKET_ID_ANY, nullptr), 0);
  ASSERT_EQ(rte_eth_dev_start(id), 0);
  DeviceClock clock;
  clock.Note(ReadingAt(5 * kPicosPerSecond));
  clock.Note(ReadingAt(6 * kPicosPerSecond));
  Given given;
  given.field.clock = &clock;
  ASSERT_EQ(rte_mbuf_dyn_tx_timestamp_register(&given.field.offset, &given.field.flag), 0);
  const rte_eth_rxtx_callback* const looking = rte_eth_add_tx_callback(id, 0, Look, &given);
  ASSERT_NE(looking, nullptr);
  {
    DpdkQueue queue("test", id, 0, pool.get(), given.field);
    EXPECT_GT(queue.ahead_ps(), 0);
    Burst burst;
    ASSERT_TRUE(queue.Acquire(burst, 0, 3));
    for (uint16_t i = 0; i < 3; ++i) {
      burst.length[i] = 60;
      burst.leave_ps[i] = 6 * kPicosPerSecond + 6'400 * 100 * i;
    }
    EXPECT_EQ(queue.Send(burst, 0, 3), 3);
    EXPECT_TRUE(queue.Finish().ok());
  }
  EXPECT_EQ(rte_eth_remove_tx_callback(id, 0, looking), 0);
  EXPECT_TRUE(given.flagged);
  const uint64_t first = TicksAt(6 * kPicosPerSecond);
  EXPECT_EQ(given.ticks, (std::vector<uint64_t>{first, first + 100, first + 200}));
}

}  // namespace
}  // namespace spate::engine
