#include "engine/port/dpdk_queue.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "engine/port/eal.h"

namespace spate::engine {
namespace {

// Where data begins, counted from the mbuf: known without reading it.
constexpr size_t kDataOffset = sizeof(rte_mbuf) + RTE_PKTMBUF_HEADROOM;
static_assert(kDataOffset % 64 == 0, "compose copies whole cache lines");

// A device that takes nothing may be busy or dead: the link is looked at now and then.
constexpr uint32_t kRefusalsPerLinkCheck = 1 << 16;

// Longest that Finish waits for a device to say that all has left; at 10 Gb/s a full ring of
// 4096 frames takes 5 ms. Drivers that cannot say are believed after it.
constexpr std::chrono::milliseconds kDrainTime(100);

}  // namespace

bool DpdkQueue::Register() {
  status_.Update(RegisterEalThread());
  registered_ = status_.ok();
  return registered_;
}

bool DpdkQueue::Acquire(Burst& burst, uint16_t begin, uint16_t end) {
  if (!registered_ && !Register()) [[unlikely]] {
    return false;
  }
  if (rte_mempool_get_bulk(pool_, burst.handle + begin, end - begin) != 0) [[unlikely]] {
    return false;
  }
  for (uint16_t i = begin; i < end; ++i) {
    burst.data[i] = static_cast<uint8_t*>(burst.handle[i]) + kDataOffset;
  }
  return true;
}

uint16_t DpdkQueue::Send(Burst& burst, uint16_t begin, uint16_t end) {
  for (uint16_t i = begin; i < end; ++i) {
    auto* const mbuf = static_cast<rte_mbuf*>(burst.handle[i]);
    mbuf->pkt_len = burst.length[i];
    mbuf->data_len = burst.length[i];
  }
  auto** const mbufs = reinterpret_cast<rte_mbuf**>(burst.handle + begin);
  const uint16_t sent =
      rte_eth_tx_burst(device_, queue_, mbufs, static_cast<uint16_t>(end - begin));
  if (sent == 0 && ++refusals_ % kRefusalsPerLinkCheck == 0) [[unlikely]] {
    CheckLink();
  }
  return sent;
}

void DpdkQueue::Release(Burst& burst, uint16_t begin, uint16_t end) {
  rte_mempool_put_bulk(pool_, burst.handle + begin, end - begin);
}

absl::Status DpdkQueue::Finish() {
  const auto deadline = std::chrono::steady_clock::now() + kDrainTime;
  while (!rte_mempool_full(pool_) && std::chrono::steady_clock::now() < deadline) {
    rte_eth_tx_done_cleanup(device_, queue_, 0);
  }
  return status_;
}

void DpdkQueue::CheckLink() {
  rte_eth_link link{};
  if (rte_eth_link_get_nowait(device_, &link) == 0 && link.link_status == RTE_ETH_LINK_DOWN) {
    status_ = absl::UnavailableError(absl::StrCat("port ", name_, ": the link went down"));
  }
}

}  // namespace spate::engine
