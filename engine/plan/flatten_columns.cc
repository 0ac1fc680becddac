#include "engine/plan/flatten_columns.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "engine/plan/field_store.h"
#include "engine/plan/limits.h"

namespace spate::engine {
namespace {

constexpr uint32_t kFlattenColumnsLine = 64;
constexpr uint32_t kColumnBytes = 4;
constexpr uint32_t kColumnsPerBlock = 4;
constexpr uint8_t kNothing = 0x80;  // pshufb writes a zero

constexpr uint32_t BlocksOf(uint32_t columns) {
  return (columns + kColumnsPerBlock - 1) / kColumnsPerBlock;
}

class ColumnPlanner {
 public:
  // Returns the first column of a value of `bytes` bytes (at most 8) whose lowest byte stands at
  // `last` in the frame and whose other bytes stand before it.
  uint32_t Add(uint32_t last, uint32_t bytes) {
    // Values that share a byte of the frame are or-ed, which takes blocks of their own.
    while (Taken(next_, last, bytes)) next_ = BlocksOf(next_ + 1) * kColumnsPerBlock;
    const uint32_t first = next_;
    Put(first * kColumnBytes, last, bytes);
    next_ += (bytes + kColumnBytes - 1) / kColumnBytes;
    return first;
  }
  // Whether a block that so many bytes from `column` on lie in has a value in the same bytes of the
  // frame already.
  bool Taken(uint32_t column, uint32_t last, uint32_t bytes) const {
    for (uint32_t byte = 0; byte < bytes; ++byte) {
      const uint32_t offset = last - byte,
                     block = (column + byte / kColumnBytes) / kColumnsPerBlock;
      const auto at = shuffles_.find({offset / kFlattenColumnsLine, block});
      if (at != shuffles_.end() && at->second[offset % kFlattenColumnsLine] != kNothing)
        return true;
    }
    return false;
  }
  // A value of two bytes on the upper half of a column whose own has no more.
  void Ride(uint32_t last, uint32_t column) { Put(column * kColumnBytes + 2, last, 2); }

  uint32_t columns() const { return next_; }

  void AppendPatches(MessagePlan& message, Plan& plan) const {
    message.first_patch = static_cast<uint32_t>(plan.patches.size());
    message.patch_count = static_cast<uint32_t>(shuffles_.size());
    message.blocks = static_cast<uint8_t>(BlocksOf(next_));
    for (const auto& [place, shuffle] : shuffles_) {
      plan.patches.push_back({.shuffle = static_cast<uint32_t>(plan.bytes.size()),
                              .line = static_cast<uint16_t>(place.first),
                              .block = static_cast<uint8_t>(place.second)});
      plan.bytes.insert(plan.bytes.end(), shuffle.begin(), shuffle.end());
    }
  }

 private:
  using Shuffle = std::array<uint8_t, kFlattenColumnsLine>;

  // The bytes from `from` on, counted over all columns, make a value of the frame.
  void Put(uint32_t from, uint32_t last, uint32_t bytes) {
    constexpr uint32_t kBlockBytes = kColumnsPerBlock * kColumnBytes;
    for (uint32_t byte = 0; byte < bytes; ++byte) {
      const uint32_t offset = last - byte, at = from + byte;
      const auto [shuffle, is_new] =
          shuffles_.try_emplace({offset / kFlattenColumnsLine, at / kBlockBytes});
      if (is_new) shuffle->second.fill(kNothing);
      shuffle->second[offset % kFlattenColumnsLine] = static_cast<uint8_t>(at % kBlockBytes);
    }
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

// Whether all lengths ride on checksums, each on one: where that saves a block.
bool LengthsRide(const MessagePlan& message, const Plan& plan, const ColumnPlanner& planner) {
  const uint32_t columns = planner.columns();
  if (BlocksOf(columns + message.length_count) == BlocksOf(columns)) return false;
  if (message.length_count > message.sum_count) return false;
  for (uint32_t k = 0; k < message.length_count; ++k) {
    const packet::LengthSite& length = plan.lengths[message.first_length + k];
    const SumSite& sum = plan.sums[message.first_sum + k];
    if (length.form != packet::LengthForm::kBinary || length.bytes != 2) return false;
    if (sum.crc || sum.covered_by != 0) return false;
    if (planner.Taken(sum.column, length.offset + 1u, 2)) return false;
  }
  return true;
}

// The lengths' columns, which follow those of all else.
absl::Status AddLengths(MessagePlan& message, Plan& plan, ColumnPlanner& planner) {
  message.length_column = static_cast<uint8_t>(planner.columns());
  const bool ride = LengthsRide(message, plan, planner);
  for (uint32_t k = 0; k < message.length_count; ++k) {
    const packet::LengthSite& site = plan.lengths[message.first_length + k];
    const uint32_t last = site.offset + site.bytes - 1u;
    if (ride) {
      SumSite& sum = plan.sums[message.first_sum + k];
      sum.carries = true;
      sum.carried = static_cast<uint8_t>(message.length_column + k);
      planner.Ride(last, sum.column);
    } else if (planner.Add(last, site.bytes) != message.length_column + k) {
      return absl::InvalidArgumentError("a varying field lies in a length that follows the size");
    }
  }
  return absl::OkStatus();
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
  SPATE_RETURN_IF_ERROR(AddLengths(message, plan, planner));
  if (planner.columns() + message.length_count > kMaxColumns) {
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
