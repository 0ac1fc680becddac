#include "engine/emit/assemble.h"

#include <x86intrin.h>

#include <algorithm>
#include <cstring>

namespace spate::engine {
namespace {

constexpr uint32_t kAssembleLine = 64;

#ifdef __AVX2__
// 64 bytes in registers.
struct Line {
  __m256i part[2];

  static Line Load(const uint8_t* from) {
    const auto* parts = reinterpret_cast<const __m256i*>(from);
    return {{_mm256_loadu_si256(parts), _mm256_loadu_si256(parts + 1)}};
  }
  void Store(uint8_t* to) const {
    auto* parts = reinterpret_cast<__m256i*>(to);
    _mm256_storeu_si256(parts, part[0]);
    _mm256_storeu_si256(parts + 1, part[1]);
  }
  // With the bytes of `operand` that `shuffle` names or-ed in.
  Line With(const uint8_t* operand, const Line& shuffle) const {
    const __m256i bytes =
        _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(operand)));
    return {{_mm256_or_si256(part[0], _mm256_shuffle_epi8(bytes, shuffle.part[0])),
             _mm256_or_si256(part[1], _mm256_shuffle_epi8(bytes, shuffle.part[1]))}};
  }
};
#else
struct Line {
  __m128i part[4];

  static Line Load(const uint8_t* from) {
    Line line;
    for (int i = 0; i < 4; ++i) {
      line.part[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from) + i);
    }
    return line;
  }
  void Store(uint8_t* to) const {
    for (int i = 0; i < 4; ++i) _mm_storeu_si128(reinterpret_cast<__m128i*>(to) + i, part[i]);
  }
  Line With(const uint8_t* operand, const Line& shuffle) const {
    const __m128i bytes = _mm_load_si128(reinterpret_cast<const __m128i*>(operand));
    Line line;
    for (int i = 0; i < 4; ++i) {
      line.part[i] = _mm_or_si128(part[i], _mm_shuffle_epi8(bytes, shuffle.part[i]));
    }
    return line;
  }
};
#endif

}  // namespace

Assembler::Assembler(const Plan& plan) : plan_(plan) {
  uint8_t most = 0;
  for (const MessagePlan& message : plan.messages) most = std::max(most, message.blocks);
  blocks_.resize(most);
}

void Assembler::Assemble(const MessagePlan& message, const Column* columns, const Burst& burst,
                         uint16_t begin, uint16_t end) {
  for (uint8_t block = 0; block < message.blocks; ++block) {
    Pack(columns + 4 * block, blocks_[block], begin, end);
  }
  const uint32_t lines = (message.length + kAssembleLine - 1) / kAssembleLine;
  const LinePatch* patch = plan_.patches.data() + message.first_patch;
  const LinePatch* const last = patch + message.patch_count;
  for (uint32_t line = 0; line < lines;) {
    if (patch == last || patch->line > line) {
      const uint32_t until = patch == last ? lines : std::min<uint32_t>(lines, patch->line);
      WriteRest(message, line, until, burst, begin, end);
      line = until;
    } else {
      const LinePatch* const first = patch;
      while (patch != last && patch->line == line) ++patch;
      WriteLine(message, first, static_cast<uint32_t>(patch - first), burst, begin, end);
      ++line;
    }
  }
}

// Four columns of numbers become numbers in groups of four: a transposition of 4 by 4.
void Assembler::Pack(const Column* columns, Block& block, uint16_t begin, uint16_t end) {
  const auto load = [&](int column, unsigned frame) {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(columns[column].at + frame));
  };
  for (unsigned i = begin / 4u * 4u; i < end; i += 4) {
    const __m128i a = load(0, i), b = load(1, i), c = load(2, i), d = load(3, i);
    const __m128i ab_low = _mm_unpacklo_epi32(a, b), ab_high = _mm_unpackhi_epi32(a, b);
    const __m128i cd_low = _mm_unpacklo_epi32(c, d), cd_high = _mm_unpackhi_epi32(c, d);
    auto* const out = reinterpret_cast<__m128i*>(block.of + i);
    _mm_store_si128(out, _mm_unpacklo_epi64(ab_low, cd_low));
    _mm_store_si128(out + 1, _mm_unpackhi_epi64(ab_low, cd_low));
    _mm_store_si128(out + 2, _mm_unpacklo_epi64(ab_high, cd_high));
    _mm_store_si128(out + 3, _mm_unpackhi_epi64(ab_high, cd_high));
  }
}

// One line of all frames, with `count` patches. All that the loops read is local: a store of bytes
// may change anything else, as far as a compiler knows.
void Assembler::WriteLine(const MessagePlan& message, const LinePatch* patches, uint32_t count,
                          const Burst& burst, uint16_t begin, uint16_t end) const {
  const uint32_t line = patches->line, offset = line * kAssembleLine;
  const Line prototype = Line::Load(plan_.Prototype(message) + offset);
  const uint8_t* const bytes = plan_.bytes.data();
  const Block* const blocks = blocks_.data();
  const bool varying = message.varying_size;
  const auto write = [&burst, begin, end, varying, line, offset](auto line_of) {
    for (uint32_t i = begin; i < end; ++i) {
      if (varying && burst.length[i] <= line * kAssembleLine) continue;
      line_of(i).Store(burst.data[i] + offset);
    }
  };
  const Line first = Line::Load(bytes + patches[0].shuffle);
  const Operand* const of_first = blocks[patches[0].block].of;
  if (count == 1) {
    return write([=](uint32_t i) { return prototype.With(of_first[i].bytes, first); });
  }
  const Line second = Line::Load(bytes + patches[1].shuffle);
  const Operand* const of_second = blocks[patches[1].block].of;
  if (count == 2) {
    return write([=](uint32_t i) {
      return prototype.With(of_first[i].bytes, first).With(of_second[i].bytes, second);
    });
  }
  write([=](uint32_t i) {
    Line all = prototype;
    for (uint32_t p = 0; p < count; ++p) {
      all = all.With(blocks[patches[p].block].of[i].bytes, Line::Load(bytes + patches[p].shuffle));
    }
    return all;
  });
}

// Lines [line, end_line) of all frames, in which nothing varies.
void Assembler::WriteRest(const MessagePlan& message, uint32_t line, uint32_t end_line,
                          const Burst& burst, uint16_t begin, uint16_t end) const {
  const uint32_t from = line * kAssembleLine;
  const uint8_t* const prototype = plan_.Prototype(message) + from;
  if (end_line - line == 1 && !message.varying_size) {
    const Line only = Line::Load(prototype);
    for (uint32_t i = begin; i < end; ++i) only.Store(burst.data[i] + from);
    return;
  }
  for (uint16_t i = begin; i < end; ++i) {
    const uint32_t until = std::min<uint32_t>(burst.length[i], end_line * kAssembleLine);
    for (uint32_t at = from; at < until; at += kAssembleLine) {
      Line::Load(prototype + (at - from)).Store(burst.data[i] + at);
    }
  }
}

}  // namespace spate::engine
