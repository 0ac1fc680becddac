#include "engine/plan/flatten_columns.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/plan/field_store.h"
#include "engine/plan/limits.h"

namespace spate::engine {
namespace {

constexpr uint32_t kFlattenColumnsLine = 64;
constexpr uint32_t kColumnBytes = 4;
constexpr uint32_t kColumnsPerBlock = 4;
constexpr uint8_t kNothing = 0x80;  // pshufb writes a zero

class ColumnPlanner {
 public:
  // Returns the first column of a value of `bytes` bytes (at most 8) whose lowest byte stands at
  // `last` in the frame and whose other bytes stand before it.
  uint32_t Add(uint32_t last, uint32_t bytes) {
    // Values that share a byte of the frame are or-ed, which takes blocks of their own.
    while (Taken(last, bytes)) next_ = (next_ / kColumnsPerBlock + 1) * kColumnsPerBlock;
    const uint32_t first = next_;
    for (uint32_t byte = 0; byte < bytes; ++byte) {
      uint8_t& place = Place(last - byte, first + byte / kColumnBytes);
      place = static_cast<uint8_t>((first + byte / kColumnBytes) % kColumnsPerBlock * kColumnBytes +
                                   byte % kColumnBytes);
    }
    next_ += (bytes + kColumnBytes - 1) / kColumnBytes;
    return first;
  }

  uint32_t columns() const { return next_; }

  void AppendPatches(MessagePlan& message, Plan& plan) const {
    message.first_patch = static_cast<uint32_t>(plan.patches.size());
    message.patch_count = static_cast<uint32_t>(shuffles_.size());
    message.blocks = static_cast<uint8_t>((next_ + kColumnsPerBlock - 1) / kColumnsPerBlock);
    for (const auto& [place, shuffle] : shuffles_) {
      plan.patches.push_back({.shuffle = static_cast<uint32_t>(plan.bytes.size()),
                              .line = static_cast<uint16_t>(place.first),
                              .block = static_cast<uint8_t>(place.second)});
      plan.bytes.insert(plan.bytes.end(), shuffle.begin(), shuffle.end());
    }
  }

 private:
  using Shuffle = std::array<uint8_t, kFlattenColumnsLine>;

  uint8_t& Place(uint32_t offset, uint32_t column) {
    const auto [at, is_new] =
        shuffles_.try_emplace({offset / kFlattenColumnsLine, column / kColumnsPerBlock});
    if (is_new) at->second.fill(kNothing);
    return at->second[offset % kFlattenColumnsLine];
  }
  bool Taken(uint32_t last, uint32_t bytes) const {
    for (uint32_t byte = 0; byte < bytes; ++byte) {
      const uint32_t offset = last - byte, column = next_ + byte / kColumnBytes;
      const auto at = shuffles_.find({offset / kFlattenColumnsLine, column / kColumnsPerBlock});
      if (at != shuffles_.end() && at->second[offset % kFlattenColumnsLine] != kNothing)
        return true;
    }
    return false;
  }

  uint32_t next_ = 0;
  std::map<std::pair<uint32_t, uint32_t>, Shuffle> shuffles_;  // by line and block
};

void AddField(FieldOp& op, ColumnPlanner& planner) {
  const uint32_t last = op.bytes > 0 ? op.offset + op.bytes - 1u : op.offset + 7u - op.shift / 8u;
  const uint32_t bytes = (op.bits + op.shift % 8u + 7u) / 8u;
  op.column = static_cast<uint8_t>(planner.Add(last, bytes));
  op.wide = bytes > kColumnBytes;
}

}  // namespace

absl::Status AssignColumns(MessagePlan& message, Plan& plan) {
  const uint32_t most = 2 * message.op_count + message.sum_count + message.length_count;
  if (most > kMaxColumns) {
    return absl::InvalidArgumentError(absl::StrCat(message.op_count, " varying fields and ",
                                                   message.sum_count, " checksums, at most ",
                                                   kMaxColumns / 2, " in all fit one message"));
  }
  ColumnPlanner planner;
  for (uint32_t o = 0; o < message.op_count; ++o) {
    AddField(plan.field_ops[message.first_op + o], planner);
  }
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    SumSite& site = plan.sums[message.first_sum + s];
    if (site.crc) continue;  // stored into the assembled frame
    site.column = static_cast<uint8_t>(planner.Add(site.offset + 1u, 2));
  }
  message.length_column = static_cast<uint8_t>(planner.columns());
  for (uint32_t k = 0; k < message.length_count; ++k) {
    const packet::LengthSite& site = plan.lengths[message.first_length + k];
    const uint32_t column = planner.Add(site.offset + site.bytes - 1u, site.bytes);
    if (column != message.length_column + k) {
      return absl::InvalidArgumentError("a varying field lies in a length that follows the size");
    }
  }
  if (planner.columns() > kMaxColumns) {
    return absl::InvalidArgumentError("too many varying fields that share bytes");
  }
  planner.AppendPatches(message, plan);
  const uint32_t header_lines =
      (message.payload_offset + kFlattenColumnsLine - 1) / kFlattenColumnsLine;
  message.tail_line = static_cast<uint16_t>(
      std::max({1u, header_lines, message.patch_count == 0 ? 0u : plan.patches.back().line + 1u}));
  return absl::OkStatus();
}

}  // namespace spate::engine
