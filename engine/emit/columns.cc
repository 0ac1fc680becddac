#include "engine/emit/columns.h"

#include <algorithm>

#include "base/random.h"
#include "engine/emit/frame_ops.h"
#include "engine/plan/field_store.h"
#include "engine/plan/law.h"
#include "packet/bits.h"
#include "packet/checksum.h"

namespace spate::engine {
namespace {

constexpr Lanes kStep = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

bool IsRandom(const FieldOp& op) {
  return op.select == FieldOp::Select::kBelow || op.select == FieldOp::Select::kAlias;
}

// A length as it stands in the frame, its last byte lowest.
uint32_t WrittenLength(const packet::LengthSite& site, uint32_t length) {
  uint8_t bytes[4] = {};
  packet::PutLength(bytes + 4 - site.bytes, site, length);
  return packet::Get32(bytes);
}

// Below() in operations that vectors have, for n < 2^32.
uint64_t BelowNarrow(uint64_t random, uint64_t n) {
  return ((random >> 32) * n + ((random & 0xffffffff) * n >> 32)) >> 32;
}

}  // namespace

const Column* Columns::Fill(const Frames& frames) {
  const MessagePlan& message = *frames.message;
  StartSums(frames);
  has_bits_ = has_bits_ && frames.records == nullptr;
  bool drawn = false;
  const FieldOp* const ops = plan_.field_ops.data() + message.first_op;
  for (const FieldOp* op = ops; op != ops + message.op_count; ++op) {
    if (frames.steps && op->cycles) {
      Count(*op, frames);
      drawn = false;
    } else {
      if (!drawn || !op->same_draw) {
        frames.records != nullptr ? Read(*op, frames) : ReadRun(*op, frames);
        Select(*op, frames.count);
        drawn = true;
      }
      Map(*op, frames.count);
    }
    if (op->sums != 0) AddToSums(*op, frames);
  }
  has_bits_ = false;
  if (message.varying_size) {
    PlaceLengths(frames);
    AddTails(frames);
  }
  PlaceSums(frames);
  return columns_;
}

// Sums of 16-bit words, each small enough for the sum of all fields to fit 32 bits.
void Columns::StartSums(const Frames& frames) {
  const MessagePlan& message = *frames.message;
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    if (plan_.sums[message.first_sum + s].crc) continue;
    Column& sum = sums_[s];
    if (frames.messages == nullptr) {
      const auto base = static_cast<uint32_t>(plan_.sums[message.first_sum + s].base);
      std::fill_n(sum.lanes, frames.lanes(), Lanes{} + base);
      continue;
    }
    for (uint32_t i = 0; i < frames.count; ++i) {
      sum.at[i] = static_cast<uint32_t>(plan_.sums[frames.messages[i]->first_sum + s].base);
    }
  }
}

// A field that cycles, of consecutive packets: no draw and, but for the first one, no division.
void Columns::Count(const FieldOp& op, const Frames& frames) {
  const auto first = static_cast<uint32_t>(
      op.count == 0 ? frames.packet : Reduce(frames.packet, op.count, op.inverse));
  const auto cycle = static_cast<uint32_t>(op.count);
  const auto start = static_cast<uint32_t>(op.start), step = static_cast<uint32_t>(op.step);
  const auto mask = static_cast<uint32_t>(MaskOf(op.bits));
  const unsigned shift = op.shift % 8u;
  const uint32_t lanes = frames.lanes();
  Column& out = columns_[op.column];
  // By reference: as a result the vector would ask for an ABI of its own where it is several
  // registers wide.
  const auto fill = [&](auto wrap) {
    for (uint32_t i = 0; i < lanes; ++i) {
      Lanes position = first + i * kLanes + kStep;
      wrap(position);
      out.lanes[i] = ((start + step * position) & mask) << shift;
    }
  };
  if (cycle == 0) {
    fill([](Lanes&) {});
  } else if (cycle >= kBurst) {  // it wraps once at most
    fill([=](Lanes& position) { position = position >= cycle ? position - cycle : position; });
  } else {  // division by a product, exact for positions below 2 * kBurst
    const uint32_t inverse = (1u << 16) / cycle + 1;
    fill([=](Lanes& position) { position -= (position * inverse >> 16) * cycle; });
  }
  if (op.wide) {
    const auto high = static_cast<uint32_t>((op.start & MaskOf(op.bits)) >> 32);
    std::fill_n(columns_[op.column + 1].lanes, lanes, Lanes{} + high);
  }
}

// outcomes_ = the operation's input: an index, a word, or random bits.
void Columns::Read(const FieldOp& op, const Frames& frames) {
  const unsigned slot = 1 + op.word / 2, word = op.word % 2;
  const Slot* const* const records = frames.records;
  const uint32_t count = frames.count;
  if (op.input == FieldOp::Input::kWord) {
    for (uint32_t i = 0; i < count; ++i) outcomes_[i] = records[i][slot].operands.word[word];
    return;
  }
  for (uint32_t i = 0; i < count; ++i) outcomes_[i] = records[i]->descriptor.index;
  if (!IsRandom(op)) return;
  for (uint32_t i = 0; i < count; ++i) outcomes_[i] = Draw(op.scope_key, outcomes_[i]);
}

// What the generation lcore would have put into records, from the number of the packet.
void Columns::ReadRun(const FieldOp& op, const Frames& frames) {
  const uint64_t packet = frames.packet;
  const uint32_t count = frames.count;
  const WordPlan word = op.input == FieldOp::Input::kWord
                            ? plan_.word_plans[frames.message->first_word + op.word]
                            : WordPlan{.word = Word::kPacketCount};
  if (word.word == Word::kPacketBits) {
    ReadBits(*frames.message, packet, count);
    std::copy_n(bits_, count, outcomes_);
  } else if (word.word == Word::kOutcome) {
    DrawRun(word.index, *frames.message, packet, count);
  } else {
    for (uint32_t i = 0; i < count; ++i) outcomes_[i] = packet + i;
    if (op.input != FieldOp::Input::kIndex || op.select != FieldOp::Select::kIdentity) return;
    for (uint32_t i = 0; i < count; ++i) outcomes_[i] = Reduce(packet + i, op.count, op.inverse);
  }
}

// The random bits of packets of a run.
void Columns::ReadBits(const MessagePlan& message, uint64_t packet, uint32_t count) {
  if (has_bits_) return;
  const uint64_t key = SubKey(plan_.flows[message.flow].key, 0);
  for (uint32_t i = 0; i < count; ++i) bits_[i] = Draw(key, packet + i);
  has_bits_ = true;
}

// outcomes_ = what Expander::DrawInScope says for the packets of a run.
void Columns::DrawRun(uint32_t draw, const MessagePlan& message, uint64_t packet, uint32_t count) {
  const DrawPlan& plan = plan_.draws[draw];
  ReadBits(message, packet, count);
  for (uint32_t i = 0; i < count; ++i) outcomes_[i] = Mix(bits_[i] + plan.key);
  if (plan.law.kind == core::Law::Kind::kAlias && plan.law.balanced == 0) {
    return SelectAlias(plan.law.table, plan.law.size, count);
  }
  const uint64_t key = SubKey(plan_.flows[message.flow].key, 0) + plan.key;
  for (uint32_t i = 0; i < count; ++i) {
    outcomes_[i] =
        DealtOutcome(plan.law, plan_.words.data(), key, packet + i, packet + i, outcomes_[i]);
  }
}

void Columns::SizeRun(const MessagePlan& message, const PacketRun& run, uint16_t* length) {
  has_bits_ = false;
  DrawRun(message.size_draw, message, run.packet, run.count);
  const uint32_t most = message.length;
  for (uint32_t i = 0; i < run.count; ++i) {
    length[i] = static_cast<uint16_t>(std::min(most, static_cast<uint32_t>(outcomes_[i])));
  }
}

// outcomes_ = the outcome of the operation's draw for each packet.
void Columns::Select(const FieldOp& op, uint32_t count) {
  if (IsRandom(op)) {
    for (uint32_t i = 0; i < count; ++i) outcomes_[i] = Mix(outcomes_[i] + op.draw_key);
  }
  switch (op.select) {
    case FieldOp::Select::kIdentity:
      break;
    case FieldOp::Select::kModulo:
      for (uint32_t i = 0; i < count; ++i) {
        outcomes_[i] = Reduce(outcomes_[i], op.count, op.inverse);
      }
      break;
    case FieldOp::Select::kBelow:
      if (op.count >> 32 == 0) {
        for (uint32_t i = 0; i < count; ++i) outcomes_[i] = BelowNarrow(outcomes_[i], op.count);
      } else {
        for (uint32_t i = 0; i < count; ++i) outcomes_[i] = Below(outcomes_[i], op.count);
      }
      break;
    case FieldOp::Select::kAlias:
      SelectAlias(op.select_table, op.select_size, count);
      break;
  }
}

// AliasOutcome() of outcomes_: first what vectors can do, then the look-ups.
void Columns::SelectAlias(uint32_t table_at, uint64_t size, uint32_t count) {
  const uint64_t* const table = plan_.words.data() + table_at;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t bits = outcomes_[i];
    outcomes_[i] = BelowNarrow(bits, size);
    fractions_[i] = bits * size;
  }
  for (uint32_t i = 0; i < count; ++i) {
    outcomes_[i] = AliasOfCell(table + 3 * outcomes_[i], fractions_[i]);
  }
}

// The operation's columns from outcomes_.
void Columns::Map(const FieldOp& op, uint32_t count) {
  const uint64_t mask = MaskOf(op.bits);
  const unsigned shift = op.shift % 8u;
  uint32_t* const low = columns_[op.column].at;
  uint32_t* const high = columns_[op.column + (op.wide ? 1 : 0)].at;
  const auto fill = [&](auto value_of) {
    if (op.wide) {
      for (uint32_t i = 0; i < count; ++i) {
        high[i] = static_cast<uint32_t>(value_of(outcomes_[i]) << shift >> 32);
      }
    }
    for (uint32_t i = 0; i < count; ++i) {
      low[i] = static_cast<uint32_t>(value_of(outcomes_[i]) << shift);
    }
  };
  const uint64_t* const table = plan_.words.data() + op.map_table;
  const uint64_t start = op.start, step = op.step;
  const auto swapped = [bytes = op.bits / 8u](uint64_t value) {
    return packet::SwapBytes(value, bytes);
  };
  if (op.table && op.little_endian) {
    fill([=](uint64_t outcome) { return swapped(table[outcome] & mask); });
  } else if (op.table) {
    fill([=](uint64_t outcome) { return table[outcome] & mask; });
  } else if (op.little_endian) {
    fill([=](uint64_t outcome) { return swapped((start + step * outcome) & mask); });
  } else {
    fill([=](uint64_t outcome) { return (start + step * outcome) & mask; });
  }
}

// 2^16 = 1 modulo 0xffff: what stands a byte off 16-bit words counts 2^8 times.
void Columns::AddToSums(const FieldOp& op, const Frames& frames) {
  const bool odd = (op.shift / 8u * 8u + op.sum_shift) % 16u != 0;
  for (unsigned s = 0; op.sums >> s != 0; ++s) {
    if ((op.sums >> s & 1) == 0) continue;
    AddColumn(columns_[op.column], odd, sums_[s], frames.lanes());
    if (op.wide) AddColumn(columns_[op.column + 1], odd, sums_[s], frames.lanes());
  }
}

void Columns::AddColumn(const Column& column, bool odd, Column& sum, uint32_t lanes) {
  const unsigned shift = odd ? 8 : 0;
  for (uint32_t i = 0; i < lanes; ++i) {
    sum.lanes[i] += ((column.lanes[i] & 0xffff) + (column.lanes[i] >> 16)) << shift;
  }
}

void Columns::PlaceLengths(const Frames& frames) {
  const MessagePlan& message = *frames.message;
  for (uint32_t k = 0; k < message.length_count; ++k) {
    const packet::LengthSite& site = plan_.lengths[message.first_length + k];
    Column& column = columns_[message.length_column + k];
    if (site.form == packet::LengthForm::kBinary) {
      const auto mask = static_cast<uint32_t>(MaskOf(site.bytes * 8));
      const uint32_t from = site.from;
      for (uint32_t i = 0; i < frames.count; ++i) column.at[i] = (frames.length[i] - from) & mask;
    } else {
      for (uint32_t i = 0; i < frames.count; ++i) {
        column.at[i] = WrittenLength(site, static_cast<uint32_t>(frames.length[i] - site.from));
      }
    }
    const bool odd = (site.offset + site.bytes) % 2 != 0;
    for (uint32_t s = 0; s < message.sum_count; ++s) {
      if ((plan_.sums[message.first_sum + s].lengths >> k & 1) == 0) continue;
      AddColumn(column, odd, sums_[s], frames.lanes());
    }
  }
}

// Sums of the prototype's own bytes up to each frame's end, from the plan's prefix sums.
void Columns::AddTails(const Frames& frames) {
  const MessagePlan& message = *frames.message;
  const uint64_t* const prefix = plan_.words.data() + message.tail_sums;
  const uint8_t* const prototype = plan_.Prototype(message);
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    const SumSite& site = plan_.sums[message.first_sum + s];
    if (!site.to_end) continue;
    const uint64_t before = prefix[site.begin / 2];
    for (uint32_t i = 0; i < frames.count; ++i) {
      const uint32_t length = frames.length[i];
      uint64_t sum = prefix[length / 2] - before;
      if (length % 2 != 0) sum += static_cast<uint64_t>(prototype[length - 1]) << 8;
      if (site.adds_length) sum += length - site.begin;
      sums_[s].at[i] += packet::Fold(sum);
    }
  }
}

// Innermost first: an outer checksum covers the inner ones.
void Columns::PlaceSums(const Frames& frames) {
  const MessagePlan& message = *frames.message;
  const uint32_t lanes = frames.lanes();
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    const SumSite& site = plan_.sums[message.first_sum + s];
    if (site.crc) continue;
    const Lanes of_zero = Lanes{} + (site.zero_as_ones ? 0xffff : 0);
    Column& column = columns_[site.column];
    for (uint32_t i = 0; i < lanes; ++i) {
      Lanes sum = (sums_[s].lanes[i] & 0xffff) + (sums_[s].lanes[i] >> 16);
      sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
      column.lanes[i] = sum == 0 ? of_zero : sum;
    }
    for (unsigned outer = 0; site.covered_by >> outer != 0; ++outer) {
      if ((site.covered_by >> outer & 1) != 0) AddColumn(column, false, sums_[outer], lanes);
    }
  }
}

}  // namespace spate::engine
