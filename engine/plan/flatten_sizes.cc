#include "engine/plan/flatten_sizes.h"

#include <algorithm>

#include "engine/plan/flatten_fields.h"
#include "packet/checksum.h"

namespace spate::engine {
namespace {

constexpr uint64_t kOnes = 0xffff;  // counts as nothing in a checksum

// The sum is more by the length less `from`.
void AddLengthLess(uint64_t from, SumSite& site) {
  site.base = packet::Fold(site.base + kOnes - from % kOnes);
  ++site.times;
}

bool AllZeros(std::span<const uint8_t> bytes) {
  return std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; });
}

}  // namespace

// Sums begin at even offsets.
void AddTail(const MessagePlan& message, std::span<const uint8_t> bytes, SumSite& site,
             Plan& plan) {
  site.tails = static_cast<uint32_t>(plan.tails.size());
  uint64_t sum = 0;
  for (uint32_t length = 0; length <= bytes.size(); ++length) {
    if (length > site.begin) sum += uint64_t{bytes[length - 1]} << (length % 2 != 0 ? 8 : 0);
    const bool adds = site.adds_length && length > site.begin;
    plan.tails.push_back(packet::Fold(sum + (adds ? length - site.begin : 0)));
  }
  plan.tails.push_back(0);  // read together with the last one
  const uint64_t shortest = std::min<uint64_t>(SmallestSize(message, plan), bytes.size());
  if (shortest <= site.begin || !AllZeros(bytes.subspan(shortest))) return;
  site.base += plan.tails[site.tails + shortest];
  if (site.adds_length) AddLengthLess(shortest, site);
  plan.tails.resize(site.tails);
  site.to_end = false;
}

void JoinLengths(const MessagePlan& message, SumSite& site, const Plan& plan) {
  for (uint32_t k = 0; k < message.length_count; ++k) {
    const packet::LengthSite& length = plan.lengths[message.first_length + k];
    const bool even =
        length.form == packet::LengthForm::kBinary && length.bytes == 2 && length.offset % 2 == 0;
    // A sum of nothing but zeros is another one than that of ones.
    if ((site.lengths >> k & 1) == 0 || !even || site.base == 0) continue;
    site.lengths = static_cast<uint8_t>(site.lengths & ~(1u << k));
    AddLengthLess(length.from, site);
  }
}

}  // namespace spate::engine
