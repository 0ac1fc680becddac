#include "engine/emit/counter_kernel.h"

#include <algorithm>

#include "engine/emit/frame_ops.h"
#include "engine/plan/field_store.h"
#include "engine/plan/law.h"
#include "engine/plan/limits.h"

namespace spate::engine {
namespace {

// One number per packet of a run; loops over it become vector code.
struct alignas(64) Column32 {
  uint32_t at[kBurst];
};

// The end of the records from `begin` on whose indices step by one.
uint16_t EndOfSteps(const Slot* const* records, uint16_t begin, uint16_t end) {
  uint32_t expected = records[begin]->descriptor.index;
  uint16_t at = begin;
  while (at < end && records[at]->descriptor.index == expected) ++at, ++expected;
  return at;
}

// The field's values for `count` consecutive indices from `index` on. A cycle is at least a burst
// long (MessagePlan::counters_only), so it wraps once at most.
void FillValues(const FieldOp& op, uint32_t index, uint32_t count, Column32& values) {
  const bool wraps = op.select == FieldOp::Select::kModulo;
  const uint32_t cycle = static_cast<uint32_t>(op.count);
  const uint32_t first = wraps ? static_cast<uint32_t>(Reduce(index, op.count, op.inverse)) : index;
  const uint32_t wrap = wraps ? cycle : 0;
  const uint32_t last_before_wrap = wraps ? cycle - 1 : ~uint32_t{0};
  const uint32_t start = static_cast<uint32_t>(op.start), step = static_cast<uint32_t>(op.step);
  const uint32_t mask = static_cast<uint32_t>(MaskOf(op.bits));
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t position = first + i;
    const uint32_t wrapped = position > last_before_wrap ? position - wrap : position;
    values.at[i] = (start + step * wrapped) & mask;
  }
}

template <class T>
void StoreColumn(const Column32& values, uint16_t offset, uint32_t count, uint8_t* const* frames) {
  for (uint32_t i = 0; i < count; ++i) StoreBig(frames[i] + offset, static_cast<T>(values.at[i]));
}

void StoreValues(const FieldOp& op, const Column32& values, uint32_t count,
                 uint8_t* const* frames) {
  if (op.bytes == 4) return StoreColumn<uint32_t>(values, op.offset, count, frames);
  StoreColumn<uint16_t>(values, op.offset, count, frames);
}

void AddToSum(const Column32& values, uint32_t count, Column32& sum) {
  for (uint32_t i = 0; i < count; ++i) sum.at[i] += (values.at[i] & 0xffff) + (values.at[i] >> 16);
}

// Sums of a few 16-bit words each: two folds are enough.
void FinishSum(const SumSite& site, uint32_t count, Column32& sum) {
  const uint32_t of_zero = site.zero_as_ones ? 0xffff : 0;
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t s = (sum.at[i] & 0xffff) + (sum.at[i] >> 16);
    s = ~((s & 0xffff) + (s >> 16)) & 0xffff;
    sum.at[i] = s == 0 ? of_zero : s;
  }
}

// Frames [0, count) with consecutive indices from `index` on.
void ComposeSteps(const Plan& plan, const MessagePlan& message, uint32_t index, uint32_t count,
                  uint8_t* const* frames) {
  const uint8_t* const prototype = plan.Prototype(message);
  const FieldOp* const ops = plan.field_ops.data() + message.first_op;
  const SumSite* const sites = plan.sums.data() + message.first_sum;
  for (uint32_t i = 0; i < count; ++i) CopyLines(frames[i], prototype, message.length);
  Column32 sums[kMaxCounterSums];
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    std::fill_n(sums[s].at, count, static_cast<uint32_t>(uint16_t(~ChecksumOf(sites[s].base))));
  }
  Column32 values;
  for (uint32_t f = 0; f < message.op_count; ++f) {
    FillValues(ops[f], index, count, values);
    StoreValues(ops[f], values, count, frames);
    for (uint32_t s = 0; s < message.sum_count; ++s) {
      if ((ops[f].sums >> s & 1) != 0) AddToSum(values, count, sums[s]);
    }
  }
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    FinishSum(sites[s], count, sums[s]);
    StoreColumn<uint16_t>(sums[s], sites[s].offset, count, frames);
  }
}

}  // namespace

void ComposeCounters(const Plan& plan, const MessagePlan& message, const Slot* const* records,
                     Burst& burst, uint16_t begin, uint16_t end) {
  while (begin < end) {
    const uint16_t next = EndOfSteps(records, begin, end);
    ComposeSteps(plan, message, records[begin]->descriptor.index, uint32_t{next} - begin,
                 burst.data + begin);
    begin = next;
  }
}

}  // namespace spate::engine
