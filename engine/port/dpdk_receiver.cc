#include "engine/port/dpdk_receiver.h"

#include <rte_ethdev.h>

#include "absl/strings/str_cat.h"
#include "engine/port/eal.h"

namespace spate::engine {
namespace {

// A device that gives nothing may be idle or without link, which is looked at now and then.
constexpr uint32_t kEmptyPollsPerLinkCheck = 1 << 16;

}  // namespace

void DpdkReceiver::Free() {
  if (held_ > 0) rte_pktmbuf_free_bulk(mbufs_, held_);
  held_ = 0;
}

uint16_t DpdkReceiver::Receive(RxBurst& burst) {
  if (!registered_) [[unlikely]] {
    status_.Update(RegisterEalThread());
    registered_ = true;
  }
  Free();
  for (uint16_t tried = 0; tried < queues_ && held_ == 0; ++tried) {
    held_ = rte_eth_rx_burst(device_, next_, mbufs_, kBurst);
    next_ = static_cast<uint16_t>(next_ + 1 == queues_ ? 0 : next_ + 1);
  }
  for (uint16_t i = 0; i < held_; ++i) {
    burst.data[i] = rte_pktmbuf_mtod(mbufs_[i], const uint8_t*);
    burst.length[i] = mbufs_[i]->pkt_len;
  }
  if (held_ > 0) {
    was_up_ = true;
    empty_ = 0;
  } else if (!peer_ && ++empty_ % kEmptyPollsPerLinkCheck == 0) [[unlikely]] {
    CheckLink();
  }
  return held_;
}

uint64_t DpdkReceiver::missed() {
  rte_eth_stats stats{};
  if (rte_eth_stats_get(device_, &stats) != 0) return 0;
  return stats.imissed + stats.rx_nombuf + stats.ierrors;
}

void DpdkReceiver::CheckLink() {
  rte_eth_link link{};
  if (rte_eth_link_get_nowait(device_, &link) != 0) return;
  const bool up = link.link_status == RTE_ETH_LINK_UP;
  if (was_up_ && !up) {
    status_ = absl::UnavailableError(absl::StrCat("port ", name_, ": the link went down"));
  }
  was_up_ = up;
}

}  // namespace spate::engine
