#include "engine/emit/outcomes.h"

#include <immintrin.h>

#include <algorithm>

#include "base/random.h"
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

// The numbers of 64 bits at `numbers`, as many as fit a register.
WideLanes& At(uint64_t* numbers) { return *reinterpret_cast<WideLanes*>(numbers); }

// Below() for n < 2^32, of whole registers.
void BelowNarrow(uint64_t* random, uint32_t n, uint32_t count) {
  const WideLanes factor = WideLanes{} + n;
  for (uint32_t i = 0; i < count; i += kWideLanes) {
    const WideLanes bits = At(random + i);
    const WideLanes low = LowProducts(bits, factor) >> 32;
    At(random + i) = (LowProducts(bits >> 32, factor) + low) >> 32;
  }
}

// cells = those at the places that the high halves of `products` name. `count`: whole registers.
#ifdef __AVX512F__
void LookUpCells(const uint64_t* table, uint64_t size, const uint64_t* products, uint32_t count,
                 uint64_t* cells) {
  constexpr uint32_t kWide = 8;
  const auto look_up = [=](auto at) {
    for (uint32_t i = 0; i < count; i += kWide) {
      const __m512i places = _mm512_srli_epi64(_mm512_load_si512(products + i), 32);
      _mm512_store_si512(cells + i, at(places));
    }
  };
  if (size > 2 * kWide) {
    look_up([=](__m512i places) { return _mm512_i64gather_epi64(places, table, 8); });
    return;
  }
  // A small table fits two registers.
  const auto mask = (1u << size) - 1u;
  const __m512i low = _mm512_maskz_loadu_epi64(static_cast<__mmask8>(mask), table);
  const __m512i high =
      _mm512_maskz_loadu_epi64(static_cast<__mmask8>(mask >> kWide), table + kWide);
  look_up([=](__m512i places) { return _mm512_permutex2var_epi64(low, places, high); });
}
#else
void LookUpCells(const uint64_t* table, uint64_t, const uint64_t* products, uint32_t count,
                 uint64_t* cells) {
  for (uint32_t i = 0; i < count; ++i) cells[i] = table[products[i] >> 32];
}
#endif

#ifdef __AVX2__
constexpr uint32_t kFewCells = 8;

// CellOutcome() from a table of up to eight cells, which fits two registers: their low halves and
// their high ones. `count`: whole registers.
void SelectFewCells(const uint64_t* table, uint64_t size, const uint64_t* products, uint32_t count,
                    uint32_t* outcomes) {
  alignas(32) uint32_t low[kFewCells] = {}, high[kFewCells] = {};
  for (uint64_t i = 0; i < size; ++i) {
    low[i] = static_cast<uint32_t>(table[i]);
    high[i] = static_cast<uint32_t>(table[i] >> 32);
  }
  const auto load = [](const void* from) {
    return _mm256_load_si256(static_cast<const __m256i*>(from));
  };
  const __m256i numbers = load(low), thresholds = load(high);
  const __m256i sixteen = _mm256_set1_epi32(16), mask = _mm256_set1_epi32(0xffff);
  for (uint32_t i = 0; i < count; i += kFewCells) {
    const __m256 a = _mm256_castsi256_ps(load(products + i));
    const __m256 b = _mm256_castsi256_ps(load(products + i + kFewCells / 2));
    const __m256i place = _mm256_castps_si256(_mm256_shuffle_ps(a, b, 0xdd));
    const __m256i fraction = _mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88));
    const __m256i threshold = _mm256_permutevar8x32_epi32(thresholds, place);
    const __m256i is_alias = _mm256_cmpeq_epi32(_mm256_max_epu32(fraction, threshold), fraction);
    const __m256i both = _mm256_permutevar8x32_epi32(numbers, place);
    const __m256i one = _mm256_srlv_epi32(both, _mm256_and_si256(is_alias, sixteen));
    // Both halves of `a` and `b` lie interleaved.
    const __m256i in_order = _mm256_permute4x64_epi64(_mm256_and_si256(one, mask), 0xd8);
    _mm256_store_si256(reinterpret_cast<__m256i*>(outcomes + i), in_order);
  }
}
#endif

}  // namespace

void Outcomes::Select(const FieldOp& op, const Frames& frames) {
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
        const uint32_t end = Whole(count);
        for (uint32_t i = 0; i < end; ++i) products_[i] = Mix(inputs[i] + key);
        BelowNarrow(products_, static_cast<uint32_t>(n), end);
        for (uint32_t i = 0; i < end; ++i) numbers_.at[i] = static_cast<uint32_t>(products_[i]);
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
  for (uint32_t i = 0, end = Whole(count); i < end; ++i) bits_[i] = Draw(key, packet + i);
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

// CellOutcome(): first what vectors can do, then the look-ups, then again what vectors can do.
void Outcomes::SelectCells(const uint64_t* bits, uint64_t key, const uint64_t* table, uint64_t size,
                           uint32_t count) {
  const uint32_t end = Whole(count);
  const WideLanes cells = WideLanes{} + size;
  for (uint32_t i = 0; i < end; ++i) products_[i] = Mix(bits[i] + key) >> 32;
  for (uint32_t i = 0; i < end; i += kWideLanes) {
    At(products_ + i) = LowProducts(At(products_ + i), cells);
  }
  narrow_ = true;
#ifdef __AVX2__
  if (size <= kFewCells) return SelectFewCells(table, size, products_, end, numbers_.at);
#endif
  LookUpCells(table, size, products_, end, cells_);
  for (uint32_t i = 0; i < end; ++i) {
    numbers_.at[i] = OutcomeOfCell(cells_[i], static_cast<uint32_t>(products_[i]));
  }
}

// AliasOutcome() likewise.
void Outcomes::SelectAlias(const uint64_t* bits, uint64_t key, const uint64_t* table, uint64_t size,
                           uint32_t count) {
  const uint32_t end = Whole(count);
  for (uint32_t i = 0; i < end; ++i) {
    const uint64_t drawn = Mix(bits[i] + key);
    cells_[i] = drawn;
    products_[i] = drawn * size;
  }
  BelowNarrow(cells_, static_cast<uint32_t>(size), end);
  for (uint32_t i = 0; i < count; ++i) {
    wide_[i] = AliasOfCell(table + 3 * cells_[i], products_[i]);
  }
  narrow_ = false;
}

}  // namespace spate::engine
