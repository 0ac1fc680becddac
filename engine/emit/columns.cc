#include "engine/emit/columns.h"

#include <algorithm>

#include "base/random.h"
#include "engine/emit/few_words.h"
#include "engine/emit/frame_ops.h"
#include "engine/plan/field_store.h"
#include "engine/plan/law.h"
#include "packet/bits.h"
#include "packet/checksum.h"

namespace spate::engine {
namespace {

// 0, 1, 2 …
Lanes Numbered() {
  Lanes lanes;
  for (uint32_t i = 0; i < kLanes; ++i) lanes[i] = i;
  return lanes;
}

// A length as it stands in the frame, its last byte lowest.
uint32_t WrittenLength(const packet::LengthSite& site, uint32_t length) {
  uint8_t bytes[4] = {};
  packet::PutLength(bytes + 4 - site.bytes, site, length);
  return packet::Get32(bytes);
}

}  // namespace

const Column* Columns::Fill(const Frames& frames) {
  const MessagePlan& message = *frames.message;
  if (message.varying_size) ReadLengths(frames);
  StartSums(frames);
  bool drawn = false;
  const FieldOp* const ops = plan_.field_ops.data() + message.first_op;
  for (const FieldOp* op = ops; op != ops + message.op_count; ++op) {
    if (frames.steps && op->cycles) {
      Count(*op, frames);
      drawn = false;
    } else {
      if (!drawn || !op->same_draw) {
        outcomes_.Select(*op, frames);
        drawn = true;
      }
      Map(*op, frames.count);
    }
    if (op->sums != 0) AddToSums(*op, frames);
  }
  outcomes_.NextFrames();
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
      const SumSite& site = plan_.sums[message.first_sum + s];
      const auto base = static_cast<uint32_t>(site.base);
      std::fill_n(sum.lanes, frames.lanes(), Lanes{} + base);
      const uint32_t times = site.times, lanes = times == 0 ? 0 : frames.lanes();
      for (uint32_t i = 0; i < lanes; ++i) sum.lanes[i] += times * lengths_.lanes[i];
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
  const Lanes steps = Numbered();
  Column& out = columns_[op.column];
  const auto fill = [&](auto wrap) {
    for (uint32_t i = 0; i < lanes; ++i) {
      Lanes position = first + i * kLanes + steps;
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
  if (op.wide) FillHigh(op, lanes);
}

// The high half of a wide field, which stays.
void Columns::FillHigh(const FieldOp& op, uint32_t lanes) {
  const auto high = static_cast<uint32_t>((op.start & MaskOf(op.bits)) >> 32);
  std::fill_n(columns_[op.column + 1].lanes, lanes, Lanes{} + high);
}

void Columns::SizeRun(const MessagePlan& message, const PacketRun& run, uint16_t* length) {
  outcomes_.NextFrames();
  outcomes_.SelectSizes(message, run);
  const uint32_t count = run.count;
  const auto limit = [&](const auto* sizes, auto most) {
    for (uint32_t i = 0; i < count; ++i) {
      length[i] = static_cast<uint16_t>(std::min(most, sizes[i]));
    }
  };
  if (outcomes_.narrow()) {
    limit(outcomes_.numbers().at, uint32_t{message.length});
  } else {
    limit(outcomes_.Wide(count), uint64_t{message.length});
  }
}

// The operation's columns from outcomes_.
void Columns::Map(const FieldOp& op, uint32_t count) {
  if (outcomes_.narrow() && (!op.wide || op.low_half) && !op.little_endian) {
    const uint32_t lanes = (count + kLanes - 1) / kLanes;
    if (op.wide) FillHigh(op, lanes);
    return MapNumbers(op, lanes);
  }
  const uint64_t mask = MaskOf(op.bits);
  const unsigned shift = op.shift % 8u;
  const uint64_t* const outcomes = outcomes_.Wide(count);
  uint32_t* const low = columns_[op.column].at;
  uint32_t* const high = columns_[op.column + (op.wide ? 1 : 0)].at;
  const auto fill = [&](auto value_of) {
    if (op.wide) {
      for (uint32_t i = 0; i < count; ++i) {
        high[i] = static_cast<uint32_t>(value_of(outcomes[i]) << shift >> 32);
      }
    }
    for (uint32_t i = 0; i < count; ++i) {
      low[i] = static_cast<uint32_t>(value_of(outcomes[i]) << shift);
    }
  };
  const uint64_t* const table = plan_.words.data() + op.map_table;
  const uint64_t start = op.start, step = op.step;
  const uint64_t again = op.again == 0 ? UINT64_MAX : op.again;
  const auto stepped = [=](uint64_t outcome) {
    return (start + step * (outcome >= again ? outcome - again : outcome)) & mask;
  };
  const auto swapped = [bytes = op.bits / 8u](uint64_t value) {
    return packet::SwapBytes(value, bytes);
  };
  if (op.table && op.little_endian) {
    fill([=](uint64_t outcome) { return swapped(table[outcome] & mask); });
  } else if (op.table) {
    fill([=](uint64_t outcome) { return table[outcome] & mask; });
  } else if (op.little_endian) {
    fill([=](uint64_t outcome) { return swapped(stepped(outcome)); });
  } else {
    fill(stepped);
  }
}

// Values of 32 bits from outcomes of as many.
void Columns::MapNumbers(const FieldOp& op, uint32_t lanes) {
  const auto mask = static_cast<uint32_t>(MaskOf(op.bits));
  const unsigned shift = op.shift % 8u;
  const Column& numbers = outcomes_.numbers();
  Column& out = columns_[op.column];
  if (op.table) {
    const uint64_t* const table = plan_.words.data() + op.map_table;
    const auto map = [&](auto look_up) {
      for (uint32_t i = 0; i < lanes; ++i) {
        out.lanes[i] = (look_up(numbers.lanes[i]) & mask) << shift;
      }
    };
#ifdef __AVX2__
    if (op.map_size <= kFewWords) {
      return WithFewWords(table, op.map_size, [&](const auto& few) {
        map([&](Lanes index) { return few.Low(index); });
      });
    }
#endif
    return map([=](Lanes index) { return LookUp<sizeof *table>(table, index); });
  }
  const auto start = static_cast<uint32_t>(op.start), step = static_cast<uint32_t>(op.step);
  const auto fill = [&](auto row) {
    for (uint32_t i = 0; i < lanes; ++i) {
      out.lanes[i] = ((start + step * row(numbers.lanes[i])) & mask) << shift;
    }
  };
  if (op.again == 0) return fill([](Lanes outcome) { return outcome; });
  const auto again = static_cast<uint32_t>(op.again);
  fill([=](Lanes outcome) { return outcome >= again ? outcome - again : outcome; });
}

// 2^16 = 1 modulo 0xffff: what stands a byte off 16-bit words counts 2^8 times.
void Columns::AddToSums(const FieldOp& op, const Frames& frames) {
  const bool odd = (op.shift / 8u * 8u + op.sum_shift) % 16u != 0;
  const bool one_word = op.bits + op.shift % 8u <= 16u;
  const uint32_t lanes = frames.lanes();
  for (unsigned s = 0; op.sums >> s != 0; ++s) {
    if ((op.sums >> s & 1) == 0) continue;
    AddColumn(columns_[op.column], one_word, odd, sums_[s], lanes);
    if (op.wide) AddColumn(columns_[op.column + 1], false, odd, sums_[s], lanes);
  }
}

// `one_word`: its numbers are below 2^16.
void Columns::AddColumn(const Column& column, bool one_word, bool odd, Column& sum,
                        uint32_t lanes) {
  const unsigned shift = odd ? 8 : 0;
  if (one_word) {
    for (uint32_t i = 0; i < lanes; ++i) sum.lanes[i] += column.lanes[i] << shift;
    return;
  }
  for (uint32_t i = 0; i < lanes; ++i) {
    sum.lanes[i] += ((column.lanes[i] & 0xffff) + (column.lanes[i] >> 16)) << shift;
  }
}

void Columns::ReadLengths(const Frames& frames) {
  const uint16_t* const length = frames.length;
  const uint32_t count = frames.count;
  for (uint32_t i = 0; i < count; ++i) lengths_.at[i] = length[i];
  std::fill_n(lengths_.at + count, frames.lanes() * kLanes - count, 0u);  // looked up too
}

void Columns::PlaceLengths(const Frames& frames) {
  const MessagePlan& message = *frames.message;
  const uint32_t lanes = frames.lanes();
  for (uint32_t k = 0; k < message.length_count; ++k) {
    const packet::LengthSite& site = plan_.lengths[message.first_length + k];
    Column& column = columns_[message.length_column + k];
    if (site.form == packet::LengthForm::kBinary) {
      const auto mask = static_cast<uint32_t>(MaskOf(site.bytes * 8));
      const uint32_t from = site.from;
      for (uint32_t i = 0; i < lanes; ++i) column.lanes[i] = (lengths_.lanes[i] - from) & mask;
    } else {
      for (uint32_t i = 0; i < frames.count; ++i) {
        column.at[i] = WrittenLength(site, lengths_.at[i] - site.from);
      }
    }
    const bool odd = (site.offset + site.bytes) % 2 != 0;
    for (uint32_t s = 0; s < message.sum_count; ++s) {
      if ((plan_.sums[message.first_sum + s].lengths >> k & 1) == 0) continue;
      AddColumn(column, site.bytes <= 2, odd, sums_[s], lanes);
    }
  }
}

// Sums of the prototype's own bytes up to each frame's end.
void Columns::AddTails(const Frames& frames) {
  const MessagePlan& message = *frames.message;
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    const SumSite& site = plan_.sums[message.first_sum + s];
    if (!site.to_end) continue;
    const uint16_t* const tails = plan_.tails.data() + site.tails;
    for (uint32_t i = 0; i < frames.lanes(); ++i) {
      sums_[s].lanes[i] += LookUp<sizeof *tails>(tails, lengths_.lanes[i]) & 0xffff;
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
    const auto place = [&](auto carried) {
      for (uint32_t i = 0; i < lanes; ++i) {
        Lanes sum = (sums_[s].lanes[i] & 0xffff) + (sums_[s].lanes[i] >> 16);
        sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
        column.lanes[i] = (sum == 0 ? of_zero : sum) | carried(i);
      }
    };
    if (site.carries) {  // covered by no other
      const Column& above = columns_[site.carried];
      place([&](uint32_t i) { return above.lanes[i] << 16; });
      continue;
    }
    place([](uint32_t) { return Lanes{}; });
    for (unsigned outer = 0; site.covered_by >> outer != 0; ++outer) {
      if ((site.covered_by >> outer & 1) != 0) AddColumn(column, true, false, sums_[outer], lanes);
    }
  }
}

}  // namespace spate::engine
