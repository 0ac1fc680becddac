#include "engine/emit/counter_kernel.h"

#include <algorithm>

#include "engine/emit/frame_ops.h"
#include "engine/plan/field_store.h"
#include "engine/plan/law.h"
#include "engine/plan/limits.h"

namespace spate::engine {
namespace {

constexpr Lanes kStep = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// Lanes of the columns in which frames [begin, end) lie.
struct LaneRange {
  uint32_t begin, end;
  uint32_t first_frame;

  // Packets since the first for each of lane `i`; of places before it meaningless.
  Lanes Ahead(uint32_t i) const { return kStep + (i * kLanes - first_frame); }
};

// One field of consecutive packets.
void FillValues(const FieldOp& op, uint64_t index, LaneRange range, Column& out) {
  const uint32_t first = static_cast<uint32_t>(Reduce(index, op.count, op.inverse));
  const uint32_t cycle = static_cast<uint32_t>(op.count);
  const uint32_t start = static_cast<uint32_t>(op.start), step = static_cast<uint32_t>(op.step);
  const uint32_t mask = static_cast<uint32_t>(MaskOf(op.bits));
  const auto fill = [&](auto wrapped) {
    for (uint32_t i = range.begin; i < range.end; ++i) {
      out.lanes[i] = (start + step * wrapped(first + range.Ahead(i))) & mask;
    }
  };
  if (cycle >= kBurst) {  // it wraps once at most
    fill([=](Lanes position) { return position >= cycle ? position - cycle : position; });
  } else {  // division by a product, exact for positions below 2 * kBurst
    const uint32_t inverse = (1u << 16) / cycle + 1;
    fill([=](Lanes position) { return position - (position * inverse >> 16) * cycle; });
  }
}

void AddWords(const Column& values, LaneRange range, Column& sum) {
  for (uint32_t i = range.begin; i < range.end; ++i) {
    sum.lanes[i] += (values.lanes[i] & 0xffff) + (values.lanes[i] >> 16);
  }
}

// Sums of a few 16-bit words each: two folds are enough.
void Finish(const SumSite& site, LaneRange range, Column& sum) {
  const Lanes of_zero = Lanes{} + (site.zero_as_ones ? 0xffff : 0);
  for (uint32_t i = range.begin; i < range.end; ++i) {
    Lanes s = (sum.lanes[i] & 0xffff) + (sum.lanes[i] >> 16);
    s = ~((s & 0xffff) + (s >> 16)) & 0xffff;
    sum.lanes[i] = s == 0 ? of_zero : s;
  }
}

}  // namespace

void CountColumns(const Plan& plan, const MessagePlan& message, uint64_t index, uint16_t begin,
                  uint16_t end, Column* columns) {
  const LaneRange range{begin / kLanes, (end + kLanes - 1) / kLanes, begin};
  const FieldOp* const ops = plan.field_ops.data() + message.first_op;
  for (uint32_t f = 0; f < message.op_count; ++f) {
    FillValues(ops[f], index, range, columns[ops[f].column]);
  }
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    const SumSite& site = plan.sums[message.first_sum + s];
    Column& sum = columns[site.column];
    std::fill(sum.lanes + range.begin, sum.lanes + range.end,
              Lanes{} + uint16_t(~ChecksumOf(site.base)));
    for (uint32_t f = 0; f < message.op_count; ++f) {
      if ((ops[f].sums >> s & 1) != 0) AddWords(columns[ops[f].column], range, sum);
    }
    Finish(site, range, sum);
  }
}

}  // namespace spate::engine
