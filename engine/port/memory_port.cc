#include "engine/port/memory_port.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "engine/port/frame_slots.h"

namespace spate::engine {
namespace {

constexpr uint32_t kMemoryPortSlots = 4 * kBurst;

class MemoryQueue final : public TxQueue {
 public:
  MemoryQueue(const MemoryPortOptions& options, uint32_t queue, uint32_t max_frame,
              std::vector<MemoryFrame>& frames)
      : name_(options.name),
        faults_(options.faults),
        ahead_ps_(options.ahead_ps),
        key_(SubKey(options.faults.seed, queue)),
        queue_(queue),
        slots_(kMemoryPortSlots, max_frame),
        frames_(frames) {}

  bool Acquire(Burst& burst, uint16_t begin, uint16_t end) override {
    return !Happens(faults_.acquire_refused) && slots_.Acquire(burst, begin, end);
  }
  uint16_t Send(Burst& burst, uint16_t begin, uint16_t end) override;
  int64_t ahead_ps() const override { return ahead_ps_; }
  bool Keep(Burst& burst, uint16_t count) override;
  uint16_t Resend(Burst& burst, uint16_t begin, uint16_t end) override;
  void Release(Burst& burst, uint16_t begin, uint16_t end) override {
    slots_.Release(burst, begin, end);
  }
  void NextPlan(int64_t begin_ps) override;

 private:
  bool Happens(double chance) {
    return static_cast<double>(Draw(key_, calls_++) >> 11) * 0x1p-53 < chance;
  }
  // How many of `offered` frames are taken.
  uint16_t Taken(uint16_t offered);
  bool Stalled();

  const std::string name_;
  const MemoryFaults faults_;
  const int64_t ahead_ps_;
  const uint64_t key_;
  const uint32_t queue_;
  uint64_t calls_ = 0;
  uint64_t sent_ = 0;
  uint32_t stalled_ = 0;
  FrameSlots slots_;
  std::vector<MemoryFrame>& frames_;
  std::vector<Burst> kept_;
  std::vector<uint16_t> kept_counts_;
};

bool MemoryQueue::Keep(Burst& burst, uint16_t count) {
  if (!slots_.Acquire(burst, 0, count)) return false;
  kept_.push_back(burst);
  kept_counts_.push_back(count);
  return true;
}

void MemoryQueue::NextPlan(int64_t begin_ps) {
  TxQueue::NextPlan(begin_ps);
  for (size_t i = 0; i < kept_.size(); ++i) slots_.Release(kept_[i], 0, kept_counts_[i]);
  kept_.clear();
  kept_counts_.clear();
}

bool MemoryQueue::Stalled() {
  if (faults_.stall_after == 0 || sent_ < faults_.stall_after) return false;
  return stalled_ < faults_.stall_calls && stalled_++ < faults_.stall_calls;
}

uint16_t MemoryQueue::Taken(uint16_t offered) {
  if (Stalled() || Happens(faults_.send_refused)) return 0;
  uint64_t taken = offered;
  if (Happens(faults_.send_partial)) taken = 1 + Below(Draw(key_, calls_++), offered);
  if (sent_ < faults_.stall_after) taken = std::min(taken, faults_.stall_after - sent_);
  return static_cast<uint16_t>(std::min(taken, faults_.die_after - sent_));
}

uint16_t MemoryQueue::Send(Burst& burst, uint16_t begin, uint16_t end) {
  const uint16_t taken = Resend(burst, begin, end);
  slots_.Release(burst, begin, static_cast<uint16_t>(begin + taken));
  return taken;
}

uint16_t MemoryQueue::Resend(Burst& burst, uint16_t begin, uint16_t end) {
  if (begin == end) return 0;
  if (sent_ >= faults_.die_after) {
    status_ = absl::UnavailableError(absl::StrCat("port ", name_, ": died as told"));
    return 0;
  }
  const uint16_t taken = Taken(static_cast<uint16_t>(end - begin));
  for (uint16_t i = begin; i < begin + taken; ++i) {
    const auto* const bytes = static_cast<const uint8_t*>(burst.handle[i]);
    frames_.push_back({.due_ps = begin_ps_ + burst.due_ps[i],
                       .leave_ps = ahead_ps_ > 0 ? burst.leave_ps[i] : 0,
                       .queue = queue_,
                       .bytes = {bytes, bytes + burst.length[i]}});
  }
  sent_ += taken;
  return taken;
}

}  // namespace

absl::Status MemoryPort::Start(uint32_t queues) {
  frames_.resize(queues);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<TxQueue>> MemoryPort::OpenQueue(uint32_t queue, uint32_t max_frame) {
  return std::make_unique<MemoryQueue>(options_, queue, max_frame,
                                       frames_.at(options_.virtual_time ? 0 : queue));
}

absl::Status MemoryPort::Close(bool keep) {
  closed_ = true;
  kept_ = keep;
  return absl::OkStatus();
}

}  // namespace spate::engine
