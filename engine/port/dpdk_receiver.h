// The receive queues of a DPDK device, polled as one.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>
#include <string>

#include "engine/port/port.h"

namespace spate::engine {

class DpdkReceiver final : public RxQueue {
 public:
  // Polls queues [0, queues) of the device, which is started before the first Receive. `peer`: its
  // other side is a process, which may end when it has sent what it had.
  DpdkReceiver(std::string port_name, uint16_t device, uint16_t queues, bool peer)
      : name_(std::move(port_name)), device_(device), queues_(queues), peer_(peer) {}
  // Before the device is closed.
  ~DpdkReceiver() override { Free(); }

  uint16_t Receive(RxBurst& burst) override;
  // By the device's own counters.
  uint64_t missed() override;

 private:
  void Free();
  void CheckLink();

  const std::string name_;
  const uint16_t device_;
  const uint16_t queues_;
  const bool peer_;
  uint16_t next_ = 0;   // queue
  uint16_t held_ = 0;   // frames of the last poll
  uint32_t empty_ = 0;  // polls without a frame
  bool was_up_ = false;
  bool registered_ = false;
  rte_mbuf* mbufs_[kBurst];
};

}  // namespace spate::engine
