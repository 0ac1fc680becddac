// Which messages are composed together (Plan::shapes).
#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <tuple>
#include <vector>

#include "engine/plan/flatten.h"

namespace spate::engine {
namespace {

// Whether nothing but prototype, length and sums makes the message's frames.
bool MayShareShape(const MessagePlan& m) {
  return !m.varying_size && !m.has_crc && m.seal_count == 0 && m.flips == 0 && !m.is_run &&
         !m.is_absent && m.track == core::kNone;
}

bool SamePatch(const Plan& plan, const LinePatch& a, const LinePatch& b) {
  constexpr size_t kShuffleBytes = 64;
  return a.line == b.line && a.block == b.block &&
         std::memcmp(&plan.bytes[a.shuffle], &plan.bytes[b.shuffle], kShuffleBytes) == 0;
}

bool SameSum(const SumSite& a, const SumSite& b) {
  return a.column == b.column && a.zero_as_ones == b.zero_as_ones && a.covered_by == b.covered_by;
}

template <class T, class Same>
bool SameParts(const std::vector<T>& parts, uint32_t a, uint32_t b, uint32_t count, Same same) {
  return std::equal(parts.begin() + a, parts.begin() + a + count, parts.begin() + b, same);
}

bool SameShape(const Plan& plan, const MessagePlan& a, const MessagePlan& b) {
  return SameParts(plan.field_ops, a.first_op, b.first_op, a.op_count, std::equal_to<>()) &&
         SameParts(plan.sums, a.first_sum, b.first_sum, a.sum_count, SameSum) &&
         SameParts(
             plan.patches, a.first_patch, b.first_patch, a.patch_count,
             [&plan](const LinePatch& x, const LinePatch& y) { return SamePatch(plan, x, y); });
}

}  // namespace

void FlattenShapes(Plan& plan) {
  plan.shapes.resize(plan.messages.size());
  std::iota(plan.shapes.begin(), plan.shapes.end(), 0u);
  std::map<std::tuple<uint32_t, uint32_t, uint32_t, uint32_t>, std::vector<uint32_t>> known;
  for (uint32_t m = 0; m < plan.messages.size(); ++m) {
    const MessagePlan& message = plan.messages[m];
    if (!MayShareShape(message)) continue;
    std::vector<uint32_t>& alike =
        known[{message.op_count, message.sum_count, message.patch_count, message.tail_line}];
    const auto same = std::ranges::find_if(
        alike, [&](uint32_t other) { return SameShape(plan, plan.messages[other], message); });
    if (same == alike.end()) {
      alike.push_back(m);
    } else {
      plan.shapes[m] = *same;
    }
  }
}

}  // namespace spate::engine
