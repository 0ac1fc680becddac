#include "engine/emit/composer.h"

#include <cstring>
#include <span>

#include "base/random.h"
#include "engine/emit/bit_errors.h"
#include "engine/emit/counter_kernel.h"
#include "engine/emit/frame_ops.h"
#include "engine/emit/spread.h"
#include "engine/emit/track_kernel.h"
#include "engine/plan/field_store.h"
#include "engine/plan/law.h"
#include "packet/bits.h"
#include "packet/checksum.h"
#include "packet/crc32c.h"

namespace spate::engine {
namespace {

bool IsRandom(const FieldOp& op) {
  return op.select == FieldOp::Select::kBelow || op.select == FieldOp::Select::kAlias;
}

// A length as it stands in the frame, its last byte lowest.
uint32_t LengthBytes(const packet::LengthSite& site, uint32_t length) {
  if (site.form == packet::LengthForm::kBinary) {
    return length & static_cast<uint32_t>(MaskOf(site.bytes * 8));
  }
  uint8_t bytes[4] = {};
  packet::PutLength(bytes + 4 - site.bytes, site, length);
  return packet::Get32(bytes);
}

}  // namespace

Composer::Composer(const Plan& plan) : plan_(plan), assembler_(plan) {
  sealers_.reserve(plan.seals.size());
  for (const packet::Seal& seal : plan.seals) {
    sealers_.push_back(*packet::Sealer::Create(seal));  // the plan was made with one like it
  }
}

void Composer::Compose(const Batch& batch, Burst& burst) {
  for (const Piece& piece : batch) {
    piece_ = &piece;
    begin_ = piece.begin;
    end_ = piece.end;
    ComposePiece(plan_.messages[piece.message], batch, burst);
  }
}

void Composer::ComposePiece(const MessagePlan& message, const Batch& batch, Burst& burst) {
  Spread(plan_, batch, *piece_, burst);
  if (message.track != core::kNone) {
    ComposeTrack(plan_, message, batch.records(), burst, begin_, end_);
  } else if (!message.counters_only || (!piece_->is_run && !MostlySteps(batch.records()))) {
    FillColumns(message, batch.records(), burst);
    assembler_.Assemble(message, columns_, burst, begin_, end_);
    if (message.has_crc) StoreCrcs(message, burst);
    if (message.seal_count > 0) Seal(message, burst);
    if (message.varying_size) PadShort(message, burst);
  } else if (piece_->is_run) {
    ComposeSteps(message, piece_->run.packet, burst, begin_, end_);
  } else {
    ComposeCounters(message, batch.records(), burst);
  }
  if (message.flips > 0) FlipBits(plan_, message, batch.records(), burst, begin_, end_);
}

// Seals are made of whole frames, so they come last, and after them the checksums that cover them.
// One frame at a time: ciphers cost more than their dispatch.
void Composer::Seal(const MessagePlan& message, Burst& burst) {
  for (uint16_t i = begin_; i < end_; ++i) {
    const std::span<uint8_t> frame(burst.data[i], burst.length[i] - size_t{message.padding});
    for (uint32_t s = 0; s < message.seal_count; ++s) {
      sealers_[message.first_seal + s].Apply(frame.data(), frame.size());
    }
    for (uint32_t s = 0; s < message.resum_count; ++s) {
      const packet::ChecksumSite& site = plan_.resums[message.first_resum + s];
      packet::SetChecksum(frame, site);
    }
  }
}

// Link padding is in no length and no sum, so it comes last.
void Composer::PadShort(const MessagePlan& message, Burst& burst) {
  const uint16_t shortest = message.shortest;
  for (uint16_t i = begin_; i < end_; ++i) {
    if (burst.length[i] >= shortest) continue;
    std::memset(burst.data[i] + burst.length[i], 0, shortest - burst.length[i]);
    burst.length[i] = shortest;
  }
}

void Composer::ComposeSteps(const MessagePlan& message, uint64_t index, Burst& burst,
                            uint16_t begin, uint16_t end) {
  CountColumns(plan_, message, index, begin, end, columns_);
  assembler_.Assemble(message, columns_, burst, begin, end);
}

// Instances of a group that act by clocks of their own come in no order of their numbers.
bool Composer::MostlySteps(const Slot* const* records) const {
  unsigned breaks = 0;
  for (uint16_t i = static_cast<uint16_t>(begin_ + 1); i < end_; ++i) {
    breaks += records[i]->descriptor.index != records[i - 1]->descriptor.index + 1;
  }
  return breaks * 16 <= static_cast<unsigned>(end_ - begin_);
}

// Records whose indices step by one share a call.
void Composer::ComposeCounters(const MessagePlan& message, const Slot* const* records,
                               Burst& burst) {
  for (uint16_t at = begin_; at < end_;) {
    const uint32_t first = records[at]->descriptor.index;
    uint16_t next = at;
    while (next < end_ && records[next]->descriptor.index == first + (next - at)) ++next;
    ComposeSteps(message, first, burst, at, next);
    at = next;
  }
}

void Composer::FillColumns(const MessagePlan& message, const Slot* const* records,
                           const Burst& burst) {
  StartSums(message);
  const FieldOp* const ops = plan_.field_ops.data() + message.first_op;
  for (uint32_t o = 0; o < message.op_count; ++o) {
    if (piece_->is_run) {
      ReadRun(message, ops[o]);
    } else {
      ReadRecords(ops[o], records);
    }
    Select(ops[o]);
    Map(ops[o]);
    Place(ops[o]);
  }
  if (message.varying_size) {
    PlaceLengths(message, burst);
    AddTails(message, burst);
  }
  PlaceSums(message);
}

void Composer::StartSums(const MessagePlan& message) {
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    const uint64_t base = plan_.sums[message.first_sum + s].base;
    for (uint16_t i = begin_; i < end_; ++i) sums_[s][i] = base;
  }
}

// values_ = the operation's input: an index, a word, or random bits.
void Composer::ReadRecords(const FieldOp& op, const Slot* const* records) {
  const unsigned slot = 1 + op.word / 2, word = op.word % 2;
  if (op.input == FieldOp::Input::kWord) {
    for (uint16_t i = begin_; i < end_; ++i) values_[i] = records[i][slot].operands.word[word];
    return;
  }
  for (uint16_t i = begin_; i < end_; ++i) values_[i] = records[i]->descriptor.index;
  if (!IsRandom(op)) return;
  for (uint16_t i = begin_; i < end_; ++i) values_[i] = Draw(op.scope_key, values_[i]);
}

// What the generation lcore would have put into records, from the number of the packet.
void Composer::ReadRun(const MessagePlan& message, const FieldOp& op) {
  for (uint16_t i = begin_; i < end_; ++i) values_[i] = piece_->run.packet + (i - begin_);
  if (op.input == FieldOp::Input::kIndex) {
    if (op.select != FieldOp::Select::kIdentity) return;
    for (uint16_t i = begin_; i < end_; ++i) values_[i] = Reduce(values_[i], op.count, op.inverse);
  } else if (plan_.word_plans[message.first_word + op.word].word == Word::kPacketBits) {
    const uint64_t key = SubKey(plan_.flows[message.flow].key, 0);
    for (uint16_t i = begin_; i < end_; ++i) values_[i] = Draw(key, values_[i]);
  }
}

// values_ = the outcome of the operation's draw for each packet.
void Composer::Select(const FieldOp& op) {
  if (IsRandom(op)) {
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
  if (!op.little_endian) return;
  for (uint16_t i = begin_; i < end_; ++i) {
    values_[i] = packet::SwapBytes(values_[i], op.bits / 8u);
  }
}

// Puts values_ into the operation's columns and adds them to the checksums.
void Composer::Place(const FieldOp& op) {
  const unsigned shift = op.shift % 8u;
  Column& low = columns_[op.column];
  for (uint16_t i = begin_; i < end_; ++i) low.at[i] = static_cast<uint32_t>(values_[i] << shift);
  if (op.wide) {
    Column& high = columns_[op.column + 1];
    for (uint16_t i = begin_; i < end_; ++i) {
      high.at[i] = static_cast<uint32_t>(values_[i] << shift >> 32);
    }
  }
  if (op.sums == 0) return;
  // Sums are kept unfolded: 2^16 = 1 modulo 0xffff, so whole 32-bit parts may be added.
  for (uint16_t i = begin_; i < end_; ++i) {
    const uint64_t placed = values_[i] << op.shift;
    values_[i] = ((placed >> 32) + (placed & 0xffffffff)) << op.sum_shift;
  }
  for (unsigned s = 0; op.sums >> s != 0; ++s) {
    if ((op.sums >> s & 1) == 0) continue;
    for (uint16_t i = begin_; i < end_; ++i) sums_[s][i] += values_[i];
  }
}

void Composer::PlaceLengths(const MessagePlan& message, const Burst& burst) {
  for (uint32_t k = 0; k < message.length_count; ++k) {
    const packet::LengthSite& site = plan_.lengths[message.first_length + k];
    Column& column = columns_[message.length_column + k];
    for (uint16_t i = begin_; i < end_; ++i) {
      column.at[i] = LengthBytes(site, static_cast<uint32_t>(burst.length[i] - site.from));
    }
    const unsigned odd = (site.offset + site.bytes) % 2 * 8u;
    for (uint32_t s = 0; s < message.sum_count; ++s) {
      if ((plan_.sums[message.first_sum + s].lengths >> k & 1) == 0) continue;
      for (uint16_t i = begin_; i < end_; ++i) sums_[s][i] += uint64_t{column.at[i]} << odd;
    }
  }
}

// Sums of the prototype's own bytes up to each frame's end, from the plan's prefix sums.
void Composer::AddTails(const MessagePlan& message, const Burst& burst) {
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
void Composer::PlaceSums(const MessagePlan& message) {
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    const SumSite& site = plan_.sums[message.first_sum + s];
    if (site.crc) continue;
    const uint32_t of_zero = site.zero_as_ones ? 0xffff : 0;
    Column& column = columns_[site.column];
    for (uint16_t i = begin_; i < end_; ++i) {
      const uint32_t sum = ChecksumOf(sums_[s][i]);
      column.at[i] = sum == 0 ? of_zero : sum;
    }
    for (unsigned outer = 0; site.covered_by >> outer != 0; ++outer) {
      if ((site.covered_by >> outer & 1) == 0) continue;
      for (uint16_t i = begin_; i < end_; ++i) sums_[outer][i] += column.at[i];
    }
  }
}

// A CRC has no parts that could be kept: one pass over each finished frame.
void Composer::StoreCrcs(const MessagePlan& message, const Burst& burst) const {
  const SumSite* const sums = plan_.sums.data() + message.first_sum;
  for (uint32_t s = 0; s < message.sum_count; ++s) {
    const SumSite& site = sums[s];
    if (!site.crc) continue;
    for (uint16_t i = begin_; i < end_; ++i) {
      uint8_t* const frame = burst.data[i];
      const uint32_t end = site.end != 0 ? site.end : burst.length[i];
      const uint32_t crc = packet::Crc32cAround(frame + site.begin, end - site.begin,
                                                static_cast<size_t>(site.offset - site.begin));
      packet::PutCrc32c(frame + site.offset, crc ^ static_cast<uint32_t>(site.base));
      AddToOuterSums(sums, site, packet::SumBytes(frame + site.offset, 4), frame);
    }
  }
}

// Checksums that cover `site`, whose bytes now add `more` (RFC 1624).
void Composer::AddToOuterSums(const SumSite* sums, const SumSite& site, uint32_t more,
                              uint8_t* frame) {
  for (unsigned outer = 0; site.covered_by >> outer != 0; ++outer) {
    if ((site.covered_by >> outer & 1) == 0) continue;
    uint8_t* const at = frame + sums[outer].offset;
    const uint16_t old = packet::Get16(at);
    const auto before = static_cast<uint16_t>(~old);
    uint16_t sum = ChecksumOf(uint64_t{before} + more);
    if (sum == 0 && sums[outer].zero_as_ones) sum = 0xffff;
    packet::Put16(at, sum);
    AddToOuterSums(sums, sums[outer], uint32_t{sum} + before, frame);
  }
}

}  // namespace spate::engine
