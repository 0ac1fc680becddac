// A transmit queue of any DPDK device. Frames come straight from the queue's own small mempool,
// last in, first out, and are never reset: an mbuf that came back from a driver still has its
// reference count, segment count and data offset, so only the two lengths are written
// (docs/performance.md).
#pragma once

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <cstdint>
#include <string>

#include "engine/port/port.h"

namespace spate::engine {

class DpdkQueue final : public TxQueue {
 public:
  // `pool` outlives the queue and the device's last use of its mbufs; it must be a pool of
  // rte_pktmbuf_pool_create without private area.
  DpdkQueue(std::string port_name, uint16_t device, uint16_t queue, rte_mempool* pool)
      : name_(std::move(port_name)), device_(device), queue_(queue), pool_(pool) {}

  bool Acquire(Burst& burst, uint16_t begin, uint16_t end) override;
  uint16_t Send(Burst& burst, uint16_t begin, uint16_t end) override;
  void Release(Burst& burst, uint16_t begin, uint16_t end) override;
  absl::Status Finish() override;

 private:
  bool Register();
  void CheckLink();

  const std::string name_;
  const uint16_t device_;
  const uint16_t queue_;
  bool registered_ = false;
  uint32_t refusals_ = 0;
  rte_mempool* const pool_;
};

}  // namespace spate::engine
