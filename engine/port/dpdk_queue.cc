#include "engine/port/dpdk_queue.h"

#include <emmintrin.h>
#include <rte_mbuf_dyn.h>

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

// References of a kept frame. They are looked after each kResent packets, which may all have been
// this frame: there are always some left, and never more than a count can hold.
constexpr uint16_t kFewReferences = 0x8000, kMoreReferences = 0x4000;
constexpr uint64_t kResent = 0x2000;
static_assert(kResent + kBurst < kFewReferences && kFewReferences + kMoreReferences < UINT16_MAX);

// Longest that Finish waits for a device to say that all has left; at 10 Gb/s a full ring of
// 4096 frames takes 5 ms. Drivers that cannot say are believed after it.
constexpr std::chrono::milliseconds kDpdkQueueDrainTime(100);

// Packet type, both lengths, VLAN tag and hash in one store, as drivers do that receive.
void SetLength(uint16_t length, rte_mbuf* mbuf) {
  const int bytes = length;
  _mm_storeu_si128(reinterpret_cast<__m128i*>(&mbuf->rx_descriptor_fields1),
                   _mm_set_epi32(0, bytes, bytes, 0));
}

}  // namespace

DpdkQueue::DpdkQueue(std::string port_name, uint16_t device, uint16_t queue, rte_mempool* pool,
                     const DepartureField& departure)
    : name_(std::move(port_name)),
      device_(device),
      queue_(queue),
      departure_(departure),
      frames_(pool->size) {
  const int error = rte_mempool_get_bulk(pool, reinterpret_cast<void**>(frames_.data()),
                                         static_cast<unsigned>(frames_.size()));
  if (error != 0) {
    status_ = absl::InternalError(absl::StrCat("port ", name_, ": frames are gone"));
    return;
  }
  for (rte_mbuf* const frame : frames_) frame->ol_flags |= departure_.flag;
}

bool DpdkQueue::Register() {
  status_.Update(RegisterEalThread());
  registered_ = status_.ok();
  return registered_;
}

bool DpdkQueue::Acquire(Burst& burst, uint16_t begin, uint16_t end) {
  if (!registered_ && !Register()) [[unlikely]] {
    return false;
  }
  if (!FindFree(static_cast<size_t>(end - begin))) return false;
  for (uint16_t i = begin; i < end; ++i) {
    rte_mbuf* const frame = frames_[at_ + i - begin];
    burst.handle[i] = frame;
    burst.data[i] = reinterpret_cast<uint8_t*>(frame) + kDataOffset;
  }
  return true;
}

bool DpdkQueue::AreBack(size_t first, size_t count) const {
  for (size_t i = first; i < first + count; ++i) {
    if (rte_mbuf_refcnt_read(frames_[i]) != 1) return false;
  }
  return true;
}

// Chunks go round in turn, but the first one is used again as soon as it is back: a device that is
// done at once needs no other, and only as many are in use as are under way.
bool DpdkQueue::FindFree(size_t count) {
  if (AreBack(0, count)) [[likely]] {
    at_ = 0;
    return true;
  }
  for (size_t tried = 0; tried < frames_.size(); tried += kBurst) {
    at_ = at_ + 2 * kBurst > frames_.size() ? 0 : at_ + kBurst;
    if (AreBack(at_, count)) return true;
  }
  return false;
}

uint16_t DpdkQueue::Send(Burst& burst, uint16_t begin, uint16_t end) {
  for (uint16_t i = begin; i < end; ++i) {
    auto* const mbuf = static_cast<rte_mbuf*>(burst.handle[i]);
    SetLength(burst.length[i], mbuf);
    rte_mbuf_refcnt_set(mbuf, 2);
  }
  if (departure_.clock != nullptr) SetDepartures(burst, begin, end);
  return Transmit(burst, begin, end);
}

void DpdkQueue::SetDepartures(const Burst& burst, uint16_t begin, uint16_t end) const {
  const DeviceClock::Line line = departure_.clock->line();
  for (uint16_t i = begin; i < end; ++i) {
    auto* const mbuf = static_cast<rte_mbuf*>(burst.handle[i]);
    *RTE_MBUF_DYNFIELD(mbuf, departure_.offset, rte_mbuf_timestamp_t*) = line.At(burst.leave_ps[i]);
  }
}

uint16_t DpdkQueue::Transmit(Burst& burst, uint16_t begin, uint16_t end) {
  auto** const mbufs = reinterpret_cast<rte_mbuf**>(burst.handle + begin);
  const uint16_t sent =
      rte_eth_tx_burst(device_, queue_, mbufs, static_cast<uint16_t>(end - begin));
  if (sent == 0 && ++refusals_ % kRefusalsPerLinkCheck == 0) [[unlikely]] {
    CheckLink();
  }
  return sent;
}

bool DpdkQueue::Keep(Burst& burst, uint16_t count) {
  // Those that a plan before this one has sent must be back.
  if (frames_.size() < count || !status_.ok() || !AreBack(frames_.size() - count, count)) {
    return false;
  }
  for (uint16_t i = 0; i < count; ++i) {
    rte_mbuf* const frame = frames_.back();
    frames_.pop_back();
    SetLength(burst.length[i], frame);
    rte_mbuf_refcnt_set(frame, kFewReferences);
    references_ += kFewReferences;
    kept_.push_back(frame);
    burst.handle[i] = frame;
    burst.data[i] = reinterpret_cast<uint8_t*>(frame) + kDataOffset;
  }
  return true;
}

uint16_t DpdkQueue::Resend(Burst& burst, uint16_t begin, uint16_t end) {
  if (resent_ >= references_until_) [[unlikely]] {
    if (!registered_ && !Register()) return 0;
    AddReferences();
  }
  const uint16_t sent = Transmit(burst, begin, end);
  resent_ += sent;
  return sent;
}

// The device may take counts down at the same time.
void DpdkQueue::AddReferences() {
  for (rte_mbuf* const frame : kept_) {
    if (rte_mbuf_refcnt_read(frame) >= kFewReferences) continue;
    rte_mbuf_refcnt_update(frame, kMoreReferences);
    references_ += kMoreReferences;
  }
  references_until_ = resent_ + kResent;
}

// Of the kept ones all that was not used is left.
bool DpdkQueue::AllBack() const {
  uint64_t left = 0;
  for (const rte_mbuf* const frame : kept_) left += rte_mbuf_refcnt_read(frame);
  return left == references_ - resent_ && AreBack(0, frames_.size());
}

void DpdkQueue::Release(Burst& burst, uint16_t begin, uint16_t end) {
  for (uint16_t i = begin; i < end; ++i) {
    rte_mbuf_refcnt_set(static_cast<rte_mbuf*>(burst.handle[i]), 1);
  }
}

// Kept frames become frames as all others, so they must be back first. Those of a plan that keeps
// none may stay under way: FindFree passes over them.
void DpdkQueue::NextPlan(int64_t begin_ps) {
  TxQueue::NextPlan(begin_ps);
  if (kept_.empty() || !status_.ok()) return;
  if (!WaitForAll()) {
    status_ = absl::UnavailableError(absl::StrCat(
        "port ", name_, ": the device did not give back the frames that were kept for it"));
    return;
  }
  for (rte_mbuf* const frame : kept_) {
    rte_mbuf_refcnt_set(frame, 1);
    frames_.push_back(frame);
  }
  kept_.clear();
  references_ = resent_ = references_until_ = 0;
  at_ = 0;
}

bool DpdkQueue::WaitForAll() {
  const auto deadline = std::chrono::steady_clock::now() + kDpdkQueueDrainTime;
  while (!AllBack()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    rte_eth_tx_done_cleanup(device_, queue_, 0);
  }
  return true;
}

absl::Status DpdkQueue::Finish() {
  WaitForAll();
  return status_;
}

void DpdkQueue::CheckLink() {
  rte_eth_link link{};
  if (rte_eth_link_get_nowait(device_, &link) == 0 && link.link_status == RTE_ETH_LINK_DOWN) {
    status_ = absl::UnavailableError(absl::StrCat("port ", name_, ": the link went down"));
  }
}

}  // namespace spate::engine
