#include "engine/emit/prefilled.h"

#include <algorithm>
#include <bit>

#include "engine/emit/assemble.h"
#include "engine/emit/spread.h"
#include "engine/plan/mode.h"

namespace spate::engine {

absl::Status Prefilled::Write(TxQueue& queue, const std::vector<bool>& sent) {
  const uint64_t prototypes = std::max<uint64_t>(1, CountPrototypes(plan_));
  const auto count =
      static_cast<uint16_t>(std::min<uint64_t>(kBurst, std::bit_floor(kKeptFrames / prototypes)));
  for (size_t m = 0; m < plan_.messages.size(); ++m) {
    const MessagePlan& message = plan_.messages[m];
    const auto same = std::ranges::find_if(kept_, [&](const Kept& kept) {
      return kept.prototype == message.prototype && kept.length == message.length;
    });
    kept_of_.push_back(static_cast<uint32_t>(same - kept_.begin()));
    if (same != kept_.end() || (!sent.empty() && !sent[m])) continue;
    if (absl::Status status = WriteFrames(message, count, queue); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Prefilled::WriteFrames(const MessagePlan& message, uint16_t count, TxQueue& queue) {
  Burst burst;
  std::fill_n(burst.length, count, message.length);
  if (!queue.Keep(burst, count)) {
    return queue.status().ok() ? absl::ResourceExhaustedError("the port has too few frames to keep")
                               : queue.status();
  }
  Assembler(plan_).Assemble(
      nullptr, {.message = &message, .count = count, .data = burst.data, .length = burst.length});
  kept_.push_back({.prototype = message.prototype,
                   .length = message.length,
                   .first = static_cast<uint32_t>(handles_.size()),
                   .count = count});
  for (uint32_t i = 0; i < uint32_t{count} + kBurst; ++i) {
    handles_.push_back(burst.handle[i % count]);
  }
  return absl::OkStatus();
}

void Prefilled::Point(const Batch& batch, Burst& burst) {
  for (const Piece& piece : batch) {
    Spread(plan_, batch, piece, burst);
    Kept& kept = kept_[kept_of_[piece.message]];
    const auto count = static_cast<uint16_t>(piece.end - piece.begin);
    std::copy_n(handles_.data() + kept.first + kept.next, count, burst.handle + piece.begin);
    kept.next = static_cast<uint16_t>(kept.next + count) & static_cast<uint16_t>(kept.count - 1);
  }
}

}  // namespace spate::engine
