#include "engine/emit/bit_errors.h"

#include "base/random.h"
#include "packet/bits.h"
#include "packet/checksum.h"

namespace spate::engine {
namespace {

// Adds to the innermost checksum that covers byte `at` what its change from `was` adds; outer ones
// cover data and inner checksum together, whose sum stays.
void AdjustSum(const Plan& plan, const MessagePlan& message, uint8_t* frame, uint32_t at,
               uint8_t was) {
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    const SumSite& site = plan.sums[message.first_sum + s];
    if (!site.covers_payload || site.begin > at) continue;
    uint8_t* const sum = frame + site.offset;
    if (site.zero_as_ones && packet::Get16(sum) == 0) return;
    const unsigned shift = (at - site.begin) % 2 == 0 ? 8 : 0;
    const uint64_t total = static_cast<uint16_t>(~packet::Get16(sum)) + 0xffffu -
                           (uint32_t{was} << shift) + (uint32_t{frame[at]} << shift);
    const auto adjusted = static_cast<uint16_t>(~packet::Fold(total));
    packet::Put16(sum, adjusted == 0 && site.zero_as_ones ? uint16_t{0xffff} : adjusted);
    return;
  }
}

}  // namespace

void FlipBits(const Plan& plan, const Frames& frames) {
  const MessagePlan& message = *frames.message;
  const unsigned word = message.damage_word;
  const bool fixed = !message.varying_size && message.track == core::kNone;
  for (uint32_t i = 0; i < frames.count; ++i) {
    const uint64_t bits = frames.records[i][1 + word / 2].operands.word[word % 2];
    uint32_t from = message.flips_right ? message.payload_offset : message.link_bytes;
    uint32_t to = frames.length[i];
    if (message.flips_right && fixed) to = from + message.payload_bytes;
    if (from >= to) continue;
    for (uint64_t flip = 0; flip < message.flips; ++flip) {
      const uint64_t bit = Below(Mix(bits + (flip + 1) * kWeyl), uint64_t{to - from} * 8);
      const auto at = from + static_cast<uint32_t>(bit / 8);
      const uint8_t was = frames.data[i][at];
      frames.data[i][at] = static_cast<uint8_t>(was ^ (1u << bit % 8));
      if (message.flips_right) AdjustSum(plan, message, frames.data[i], at, was);
    }
  }
}

}  // namespace spate::engine
