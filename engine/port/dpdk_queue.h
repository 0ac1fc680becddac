// A transmit queue of any DPDK device. Its frames stay its own: each is sent with a second
// reference, so the driver gives it back by taking the count down to one, without a way through a
// mempool, and the few frames of a device that is done at once never leave the CPU's first cache.
// Kept frames have so many references that sending them leaves nothing to do but to look after the
// count now and then (docs/performance.md).
#pragma once

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/port/device_clock.h"
#include "engine/port/port.h"

namespace spate::engine {

// Where a frame's time is written for a device that sends it then, by its own clock.
struct DepartureField {
  const DeviceClock* clock = nullptr;  // null: frames leave when they are handed over
  int offset = 0;                      // of a dynamic field of an mbuf …
  uint64_t flag = 0;                   // … which is looked at where its flag is set
};

// How long before its time such a device gets a frame: longer than an lcore is held up by what it
// does besides, shorter than the pause before a plan that takes over (Session).
inline constexpr int64_t kDepartureAheadPs = 50'000'000;

class DpdkQueue final : public TxQueue {
 public:
  // Takes all frames of `pool`, a multiple of kBurst and more than the device can hold at a time;
  // the pool outlives the queue and the device's last use of its frames. It must be one of
  // rte_pktmbuf_pool_create without private area, and the device must count references (no
  // MBUF_FAST_FREE).
  DpdkQueue(std::string port_name, uint16_t device, uint16_t queue, rte_mempool* pool,
            const DepartureField& departure = {});

  bool Acquire(Burst& burst, uint16_t begin, uint16_t end) override;
  uint16_t Send(Burst& burst, uint16_t begin, uint16_t end) override;
  bool Keep(Burst& burst, uint16_t count) override;
  uint16_t Resend(Burst& burst, uint16_t begin, uint16_t end) override;
  int64_t ahead_ps() const override { return departure_.clock == nullptr ? 0 : kDepartureAheadPs; }
  void Release(Burst& burst, uint16_t begin, uint16_t end) override;
  void NextPlan(int64_t begin_ps) override;
  absl::Status Finish() override;

 private:
  bool Register();
  bool AreBack(size_t first, size_t count) const;
  bool FindFree(size_t count);
  void SetDepartures(const Burst& burst, uint16_t begin, uint16_t end) const;
  uint16_t Transmit(Burst& burst, uint16_t begin, uint16_t end);
  void AddReferences();
  bool AllBack() const;
  bool WaitForAll();
  void CheckLink();

  const std::string name_;
  const uint16_t device_;
  const uint16_t queue_;
  const DepartureField departure_;
  bool registered_ = false;
  uint32_t refusals_ = 0;
  std::vector<rte_mbuf*> frames_;
  size_t at_ = 0;  // the chunk of kBurst frames that was acquired last
  std::vector<rte_mbuf*> kept_;
  uint64_t references_ = 0;        // that the kept ones were given …
  uint64_t resent_ = 0;            // … and that sending has used
  uint64_t references_until_ = 0;  // resent_ when they are looked after again
};

}  // namespace spate::engine
