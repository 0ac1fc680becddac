#include "engine/emit/outcomes.h"

#include <immintrin.h>

#include <algorithm>

#include "base/random.h"
#include "engine/emit/few_words.h"
#include "engine/emit/lanes.h"
#include "engine/plan/law.h"

namespace spate::engine {
namespace {

bool IsRandom(const FieldOp& op) {
  switch (op.select) {
    case FieldOp::Select::kIdentity:
    case FieldOp::Select::kModulo:
      return false;
    case FieldOp::Select::kBelow:
    case FieldOp::Select::kAlias:
    case FieldOp::Select::kCell:
      return true;
  }
  return false;
}

// Whole registers, so that loops have no rest.
uint32_t Whole(uint32_t count) { return (count + kLanes - 1) / kLanes * kLanes; }

// A register of random numbers mapped to [0, n) as Below() does, n < 2^32; what they come to stands
// in the high halves.
WideLanes BelowProducts(WideLanes random, WideLanes n) {
  return LowProducts(random >> 32, n) + (LowProducts(random, n) >> 32);
}

// OutcomeOfCell() of as many cells, given by their halves.
Lanes OutcomesOfCells(Lanes numbers, Lanes thresholds, Lanes fractions) {
  const Lanes is_alias = reinterpret_cast<Lanes>(fractions >= thresholds);
  return numbers >> (is_alias & 16) & 0xffff;
}

// The cells at the places that the high halves of `products` name.
WideLanes CellsAt(const uint64_t* table, const uint64_t* products) {
#ifdef __AVX512F__
  const __m512i places = _mm512_srli_epi64(_mm512_load_si512(products), 32);
  return reinterpret_cast<WideLanes>(_mm512_i64gather_epi64(places, table, 8));
#else
  WideLanes cells;
  for (uint32_t i = 0; i < kWideLanes; ++i) cells[i] = table[products[i] >> 32];
  return cells;
#endif
}

}  // namespace

void Outcomes::Select(const FieldOp& op, const Frames& frames) {
  if (op.low_half && frames.records != nullptr) return ReadNumbers(op, frames);
  const uint64_t* const inputs = frames.records != nullptr ? Read(op, frames) : ReadRun(op, frames);
  const uint64_t* const words = plan_.words.data();
  const uint64_t key = op.draw_key, n = op.count, inverse = op.inverse;
  const uint32_t count = frames.count;
  narrow_ = false;
  switch (op.select) {
    case FieldOp::Select::kIdentity:
      if (inputs != wide_) std::copy_n(inputs, count, wide_);
      break;
    case FieldOp::Select::kModulo:
      for (uint32_t i = 0; i < count; ++i) wide_[i] = Reduce(inputs[i], n, inverse);
      break;
    case FieldOp::Select::kBelow:
      narrow_ = n >> 32 == 0;
      if (narrow_) {
        const WideLanes keys = WideLanes{} + key, below = WideLanes{} + n;
        const auto select = [&](uint32_t i) {
          return BelowProducts(MixEach(WideAt(inputs + i) + keys), below);
        };
        for (uint32_t i = 0; i < count; i += kLanes) {
          numbers_.lanes[i / kLanes] = HighHalves(select(i), select(i + kWideLanes));
        }
      } else {
        for (uint32_t i = 0; i < count; ++i) wide_[i] = Below(Mix(inputs[i] + key), n);
      }
      break;
    case FieldOp::Select::kAlias:
      SelectAlias(inputs, key, words + op.select_table, op.select_size, count);
      break;
    case FieldOp::Select::kCell:
      SelectCells(inputs, key, words + op.select_table, op.select_size, count);
      break;
  }
}

void Outcomes::SelectSizes(const MessagePlan& message, const PacketRun& run) {
  DrawRun(message.size_draw, message, run.packet, run.count);
}

const uint64_t* Outcomes::Wide(uint32_t count) {
  if (narrow_) {
    for (uint32_t i = 0; i < count; ++i) wide_[i] = numbers_.at[i];
  }
  narrow_ = false;
  return wide_;
}

// Those of FieldOp::low_half.
void Outcomes::ReadNumbers(const FieldOp& op, const Frames& frames) {
  const Slot* const* const records = frames.records;
  const uint32_t count = frames.count;
  if (op.input == FieldOp::Input::kWord) {
    const uint32_t place = op.place;
    for (uint32_t i = 0; i < count; ++i) numbers_.at[i] = HalfAt(records[i], place);
  } else {
    for (uint32_t i = 0; i < count; ++i) numbers_.at[i] = records[i]->descriptor.index;
  }
  std::fill_n(numbers_.at + count, Whole(count) - count, 0u);  // looked up too
  narrow_ = true;
}

// A selector's inputs: indices, words or random bits.
const uint64_t* Outcomes::Read(const FieldOp& op, const Frames& frames) {
  const unsigned slot = 1 + op.word / 2, word = op.word % 2;
  const Slot* const* const records = frames.records;
  const uint32_t count = frames.count;
  if (op.input == FieldOp::Input::kWord) {
    for (uint32_t i = 0; i < count; ++i) wide_[i] = records[i][slot].operands.word[word];
    return wide_;
  }
  for (uint32_t i = 0; i < count; ++i) wide_[i] = records[i]->descriptor.index;
  if (!IsRandom(op)) return wide_;
  for (uint32_t i = 0; i < count; ++i) wide_[i] = Draw(op.scope_key, wide_[i]);
  return wide_;
}

// What the generation lcore would have put into records, from the number of the packet.
const uint64_t* Outcomes::ReadRun(const FieldOp& op, const Frames& frames) {
  const uint64_t packet = frames.packet;
  const uint32_t count = frames.count;
  const WordPlan word = op.input == FieldOp::Input::kWord
                            ? plan_.word_plans[frames.message->first_word + op.word]
                            : WordPlan{.word = Word::kPacketCount};
  if (word.word == Word::kPacketBits) {
    ReadBits(*frames.message, packet, count);
    return bits_;
  }
  if (word.word == Word::kOutcome) {
    DrawRun(word.index, *frames.message, packet, count);
    return Wide(count);
  }
  for (uint32_t i = 0; i < count; ++i) wide_[i] = packet + i;
  if (op.input == FieldOp::Input::kIndex && op.select == FieldOp::Select::kIdentity) {
    for (uint32_t i = 0; i < count; ++i) wide_[i] = Reduce(packet + i, op.count, op.inverse);
  }
  return wide_;
}

void Outcomes::ReadBits(const MessagePlan& message, uint64_t packet, uint32_t count) {
  if (has_bits_) return;
  const uint64_t key = SubKey(plan_.flows[message.flow].key, 0);
  WideLanes number;
  for (uint32_t i = 0; i < kWideLanes; ++i) number[i] = PlaceIn(key, packet + i);
  for (uint32_t i = 0, end = Whole(count); i < end; i += kWideLanes) {
    WideAt(bits_ + i) = number;
    number += kWeyl * kWideLanes;
  }
  has_bits_ = true;
}

// What Expander::DrawInScope says for the packets of a run.
void Outcomes::DrawRun(uint32_t draw, const MessagePlan& message, uint64_t packet, uint32_t count) {
  const DrawPlan& plan = plan_.draws[draw];
  const LawPlan& law = plan.law;
  const uint64_t* const words = plan_.words.data();
  ReadBits(message, packet, count);
  if (law.kind == core::Law::Kind::kAlias && law.balanced == 0) {
    return law.cells ? SelectCells(bits_, plan.key, words + law.table, law.size, count)
                     : SelectAlias(bits_, plan.key, words + law.table, law.size, count);
  }
  narrow_ = false;
  const uint64_t key = SubKey(plan_.flows[message.flow].key, 0) + plan.key;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t number = packet + i;
    wide_[i] = DealtOutcome(law, words, key, number, number, Mix(bits_[i] + plan.key));
  }
}

// CellOutcome(): first what needs no table, then the look-ups and what they say.
void Outcomes::SelectCells(const uint64_t* bits, uint64_t key, const uint64_t* table, uint64_t size,
                           uint32_t count) {
  const uint32_t end = Whole(count);
  const WideLanes cells = WideLanes{} + size, keys = WideLanes{} + key;
  for (uint32_t i = 0; i < end; i += kWideLanes) {
    WideAt(products_ + i) = LowProducts(MixEach(WideAt(bits + i) + keys) >> 32, cells);
  }
  narrow_ = true;
#ifdef __AVX2__
  if (size <= kFewWords) {
    return WithFewWords(table, size, [&](const auto& few) {
      for (uint32_t i = 0; i < end; i += kLanes) {
        const WideLanes a = WideAt(products_ + i), b = WideAt(products_ + i + kWideLanes);
        const Lanes places = HighHalves(a, b);
        numbers_.lanes[i / kLanes] =
            OutcomesOfCells(few.Low(places), few.High(places), LowHalves(a, b));
      }
    });
  }
#endif
  for (uint32_t i = 0; i < end; i += kLanes) {
    const WideLanes a = CellsAt(table, products_ + i);
    const WideLanes b = CellsAt(table, products_ + i + kWideLanes);
    const Lanes fractions = LowHalves(WideAt(products_ + i), WideAt(products_ + i + kWideLanes));
    numbers_.lanes[i / kLanes] = OutcomesOfCells(LowHalves(a, b), HighHalves(a, b), fractions);
  }
}

// AliasOutcome() likewise.
void Outcomes::SelectAlias(const uint64_t* bits, uint64_t key, const uint64_t* table, uint64_t size,
                           uint32_t count) {
  const uint32_t end = Whole(count);
  const WideLanes cells = WideLanes{} + size, keys = WideLanes{} + key;
  for (uint32_t i = 0; i < end; i += kWideLanes) {
    const WideLanes drawn = MixEach(WideAt(bits + i) + keys);
    WideAt(cells_ + i) = BelowProducts(drawn, cells) >> 32;
    WideAt(products_ + i) = drawn * cells;
  }
  for (uint32_t i = 0; i < count; ++i) {
    wide_[i] = AliasOfCell(table + 3 * cells_[i], products_[i]);
  }
  narrow_ = false;
}

}  // namespace spate::engine
