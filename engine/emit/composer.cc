#include "engine/emit/composer.h"

#include <cstring>

#include "base/random.h"
#include "engine/emit/counter_kernel.h"
#include "engine/emit/frame_ops.h"
#include "engine/plan/field_store.h"
#include "engine/plan/law.h"

namespace spate::engine {
void Composer::Compose(const Slot* const* records, Burst& burst, uint16_t begin, uint16_t end) {
  for (uint16_t at = begin; at < end;) {
    const uint16_t message = records[at]->descriptor.message;
    uint16_t next = at;
    do {
      burst.length[next] = records[next]->descriptor.length;
      burst.due_ps[next] = records[next]->descriptor.due_ps;
    } while (++next < end && records[next]->descriptor.message == message);
    begin_ = at;
    end_ = next;
    ComposeRun(plan_.messages[message], records, burst);
    at = next;
  }
}

void Composer::ComposeRun(const MessagePlan& message, const Slot* const* records, Burst& burst) {
  if (message.counters_only) return ComposeCounters(plan_, message, records, burst, begin_, end_);
  CopyPrototypes(message, burst);
  StartSums(message);
  const FieldOp* ops = plan_.field_ops.data() + message.first_op;
  for (uint32_t o = 0; o < message.op_count; ++o) {
    Select(ops[o], records);
    Map(ops[o]);
    Store(ops[o], burst);
  }
  if (message.varying_size) {
    StoreLengths(message, burst);
    AddTails(message, burst);
  }
  StoreSums(message, burst);
}

void Composer::CopyPrototypes(const MessagePlan& message, Burst& burst) {
  const uint8_t* prototype = plan_.Prototype(message);
  for (uint16_t i = begin_; i < end_; ++i) CopyLines(burst.data[i], prototype, burst.length[i]);
}

void Composer::StartSums(const MessagePlan& message) {
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    const uint64_t base = plan_.sums[message.first_sum + s].base;
    for (uint16_t i = begin_; i < end_; ++i) sums_[s][i] = base;
  }
}

// values_ = the outcome of the operation's draw for each packet of the run.
void Composer::Select(const FieldOp& op, const Slot* const* records) {
  const unsigned slot = 1 + op.word / 2, word = op.word % 2;
  const bool random = op.select == FieldOp::Select::kBelow || op.select == FieldOp::Select::kAlias;
  if (op.input == FieldOp::Input::kWord) {
    for (uint16_t i = begin_; i < end_; ++i) values_[i] = records[i][slot].operands.word[word];
  } else {
    for (uint16_t i = begin_; i < end_; ++i) values_[i] = records[i]->descriptor.index;
    if (random) {
      for (uint16_t i = begin_; i < end_; ++i) values_[i] = Draw(op.scope_key, values_[i]);
    }
  }
  if (random) {
    for (uint16_t i = begin_; i < end_; ++i) values_[i] = Mix(values_[i] + op.draw_key);
  }
  switch (op.select) {
    case FieldOp::Select::kIdentity:
      break;
    case FieldOp::Select::kModulo:
      for (uint16_t i = begin_; i < end_; ++i)
        values_[i] = Reduce(values_[i], op.count, op.inverse);
      break;
    case FieldOp::Select::kBelow:
      for (uint16_t i = begin_; i < end_; ++i) values_[i] = Below(values_[i], op.count);
      break;
    case FieldOp::Select::kAlias: {
      const uint64_t* table = plan_.words.data() + op.select_table;
      for (uint16_t i = begin_; i < end_; ++i) {
        values_[i] = AliasOutcome(table, op.select_size, values_[i]);
      }
      break;
    }
  }
}

void Composer::Map(const FieldOp& op) {
  const uint64_t mask = MaskOf(op.bits);
  if (op.table) {
    const uint64_t* table = plan_.words.data() + op.map_table;
    for (uint16_t i = begin_; i < end_; ++i) values_[i] = table[values_[i]] & mask;
  } else {
    for (uint16_t i = begin_; i < end_; ++i) values_[i] = (op.start + op.step * values_[i]) & mask;
  }
}

// Puts values_ into the frames and leaves in values_ what they add to the checksums.
void Composer::Store(const FieldOp& op, Burst& burst) {
  const auto store = [&](auto put) {
    for (uint16_t i = begin_; i < end_; ++i) values_[i] = put(burst.data[i], values_[i]);
  };
  switch (op.bytes) {
    case 1:
      store([&](uint8_t* frame, uint64_t value) { return StoreWhole<1>(frame, op.offset, value); });
      break;
    case 2:
      store([&](uint8_t* frame, uint64_t value) { return StoreWhole<2>(frame, op.offset, value); });
      break;
    case 4:
      store([&](uint8_t* frame, uint64_t value) { return StoreWhole<4>(frame, op.offset, value); });
      break;
    case 6:
      store([&](uint8_t* frame, uint64_t value) { return StoreWhole<6>(frame, op.offset, value); });
      break;
    case 8:
      store([&](uint8_t* frame, uint64_t value) { return StoreWhole<8>(frame, op.offset, value); });
      break;
    default:
      store([&](uint8_t* frame, uint64_t value) {
        return StoreWindow(frame, op.offset, op.shift, value);
      });
  }
  for (unsigned s = 0; op.sums >> s != 0; ++s) {
    if ((op.sums >> s & 1) == 0) continue;
    for (uint16_t i = begin_; i < end_; ++i) sums_[s][i] += values_[i] << op.sum_shift;
  }
}

void Composer::StoreLengths(const MessagePlan& message, Burst& burst) {
  for (uint32_t k = 0; k < message.length_count; ++k) {
    const packet::LengthSite& site = plan_.lengths[message.first_length + k];
    for (uint16_t i = begin_; i < end_; ++i) {
      const uint16_t value = static_cast<uint16_t>(burst.length[i] - site.from);
      StoreBig(burst.data[i] + site.offset, value);
      values_[i] = value;
    }
    for (uint32_t s = 0; s < message.sum_count; ++s) {
      if ((plan_.sums[message.first_sum + s].lengths >> k & 1) == 0) continue;
      for (uint16_t i = begin_; i < end_; ++i) sums_[s][i] += values_[i];
    }
  }
}

// Sums of the prototype's own bytes up to each frame's end, from the plan's prefix sums.
void Composer::AddTails(const MessagePlan& message, Burst& burst) {
  const uint64_t* prefix = plan_.words.data() + message.tail_sums;
  const uint8_t* prototype = plan_.Prototype(message);
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    const SumSite& site = plan_.sums[message.first_sum + s];
    if (!site.to_end) continue;
    const uint64_t before = prefix[site.begin / 2];
    for (uint16_t i = begin_; i < end_; ++i) {
      const uint32_t length = burst.length[i];
      sums_[s][i] += prefix[length / 2] - before;
      if (length % 2 != 0) sums_[s][i] += static_cast<uint64_t>(prototype[length - 1]) << 8;
      if (site.adds_length) sums_[s][i] += length - site.begin;
    }
  }
}

// Innermost first: an outer checksum covers the inner ones.
void Composer::StoreSums(const MessagePlan& message, Burst& burst) {
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    const SumSite& site = plan_.sums[message.first_sum + s];
    const uint16_t of_zero = site.zero_as_ones ? 0xffff : 0;
    for (uint16_t i = begin_; i < end_; ++i) values_[i] = ChecksumOf(sums_[s][i]);
    for (uint16_t i = begin_; i < end_; ++i) {
      if (values_[i] == 0) values_[i] = of_zero;
      StoreBig(burst.data[i] + site.offset, static_cast<uint16_t>(values_[i]));
    }
    for (unsigned outer = 0; site.covered_by >> outer != 0; ++outer) {
      if ((site.covered_by >> outer & 1) == 0) continue;
      for (uint16_t i = begin_; i < end_; ++i) sums_[outer][i] += values_[i];
    }
  }
}

}  // namespace spate::engine
