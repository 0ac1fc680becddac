#include "engine/emit/assemble.h"

#include <x86intrin.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "base/random.h"

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
  for (const MessagePlan& message : plan.messages) {
    most = std::max(most, message.blocks);
    if (message.length > message.tail_line * kAssembleLine) {
      first_tail_ = std::min<uint32_t>(first_tail_, message.tail_line);
    }
  }
  blocks_.resize(most);
  const bool fits = plan.bytes.size() / kAssembleLine >> kHeldPrototypeBits == 0;
  if (first_tail_ != UINT32_MAX && fits) held_.resize(size_t{1} << kHeldBits);
}

void Assembler::Assemble(const Column* columns, const Frames& frames) {
  const MessagePlan& message = *frames.message;
  for (uint8_t block = 0; block < message.blocks; ++block) {
    Pack(columns + 4 * block, blocks_[block], frames.count);
  }
  uint32_t longest = message.length;
  if (frames.messages != nullptr) {
    longest = *std::max_element(frames.length, frames.length + frames.count);
  }
  const uint32_t lines = (longest + kAssembleLine - 1) / kAssembleLine;
  const uint32_t until = std::min<uint32_t>(lines, message.tail_line);
  const LinePatch* patch = plan_.patches.data() + message.first_patch;
  const LinePatch* const last = patch + message.patch_count;
  for (uint32_t line = 0; line < until;) {
    if (patch == last || patch->line > line) {
      const uint32_t next = patch == last ? until : std::min<uint32_t>(until, patch->line);
      WritePlain(line, next, frames);
      line = next;
    } else {
      const LinePatch* const first = patch;
      while (patch != last && patch->line == line) ++patch;
      WriteLine(first, static_cast<uint32_t>(patch - first), frames);
      ++line;
    }
  }
  if (lines > first_tail_ && !held_.empty()) {
    WriteTails(frames);
  } else if (lines > until) {
    WritePlain(until, lines, frames);
  }
}

// Four columns of numbers become numbers in groups of four: a transposition of 4 by 4.
void Assembler::Pack(const Column* columns, Block& block, uint32_t count) {
  const auto load = [&](int column, uint32_t frame) {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(columns[column].at + frame));
  };
  for (uint32_t i = 0; i < count; i += 4) {
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
void Assembler::WriteLine(const LinePatch* patches, uint32_t count, const Frames& frames) const {
  const uint32_t line = patches->line, offset = line * kAssembleLine;
  const uint8_t* const bytes = plan_.bytes.data();
  const Block* const blocks = blocks_.data();
  const bool mixed = frames.messages != nullptr;
  const Line common = Line::Load(plan_.Prototype(*frames.message) + offset);
  uint8_t* const* const data = frames.data;
  const uint16_t* const length = frames.length;
  const MessagePlan* const* const messages = frames.messages;
  const uint32_t end = frames.count;
  const auto write = [=](auto with_patches) {
    if (mixed) {
      for (uint32_t i = 0; i < end; ++i) {
        if (length[i] <= offset) continue;
        const Line own = Line::Load(bytes + messages[i]->prototype + offset);
        with_patches(own, i).Store(data[i] + offset);
      }
    } else {  // a short one has room for it too
      for (uint32_t i = 0; i < end; ++i) with_patches(common, i).Store(data[i] + offset);
    }
  };
  const Line first = Line::Load(bytes + patches[0].shuffle);
  const Operand* const of_first = blocks[patches[0].block].of;
  if (count == 1) {
    return write([=](Line all, uint32_t i) { return all.With(of_first[i].bytes, first); });
  }
  const Line second = Line::Load(bytes + patches[1].shuffle);
  const Operand* const of_second = blocks[patches[1].block].of;
  if (count == 2) {
    return write([=](Line all, uint32_t i) {
      return all.With(of_first[i].bytes, first).With(of_second[i].bytes, second);
    });
  }
  write([=](Line all, uint32_t i) {
    for (uint32_t p = 0; p < count; ++p) {
      all = all.With(blocks[patches[p].block].of[i].bytes, Line::Load(bytes + patches[p].shuffle));
    }
    return all;
  });
}

// Lines [line, end_line) of all frames, in which nothing varies.
void Assembler::WritePlain(uint32_t line, uint32_t end_line, const Frames& frames) const {
  const uint32_t from = line * kAssembleLine;
  if (end_line - line == 1 && frames.messages == nullptr && !frames.message->varying_size) {
    const Line only = Line::Load(plan_.Prototype(*frames.message) + from);
    for (uint32_t i = 0; i < frames.count; ++i) only.Store(frames.data[i] + from);
    return;
  }
  for (uint32_t i = 0; i < frames.count; ++i) {
    const uint32_t until = std::min<uint32_t>(frames.length[i], end_line * kAssembleLine);
    const uint8_t* const prototype = plan_.Prototype(frames.Of(i));
    for (uint32_t at = from; at < until; at += kAssembleLine) {
      Line::Load(prototype + at).Store(frames.data[i] + at);
    }
  }
}

size_t Assembler::HeldAt(const uint8_t* frame) {
  // Fibonacci hashing: frames at even distances land at even distances.
  const uint64_t lines = reinterpret_cast<uintptr_t>(frame) / kAssembleLine;
  return lines * kWeyl >> (64 - kHeldBits);
}

// Addresses have 48 bits, and frames begin at lines.
Assembler::Held Assembler::HeldOf(const uint8_t* frame, uint32_t prototype) {
  const uint64_t lines = reinterpret_cast<uintptr_t>(frame) / kAssembleLine;
  return lines << kHeldPrototypeBits | prototype / kAssembleLine;
}

void Assembler::Forget(const Frames& frames) {
  if (held_.empty()) return;
  same_.count = 0;
  for (uint32_t i = 0; i < frames.count; ++i) held_[HeldAt(frames.data[i])] = 0;
}

// Tails that the frames do not hold yet. Messages that end before leave alone what stands there.
void Assembler::WriteTails(const Frames& frames) {
  const uint32_t first_tail = first_tail_ * kAssembleLine, count = frames.count;
  uint8_t* const* const data = frames.data;
  const Held* const held = held_.data();
  uint32_t lacking[kBurst], lack = 0;
  // Most hold theirs: no branch on that.
  const auto look = [&](uint32_t i, uint32_t prototype, bool has_tail) {
    lacking[lack] = i;
    lack += static_cast<uint32_t>(has_tail & (held[HeldAt(data[i])] != HeldOf(data[i], prototype)));
  };
  if (frames.messages == nullptr) {
    const uint32_t prototype = frames.message->prototype;
    if (prototype == same_.prototype && count <= same_.count &&
        std::memcmp(static_cast<const void*>(data), static_cast<const void*>(same_.data),
                    count * sizeof *data) == 0) {
      return;
    }
    for (uint32_t i = 0; i < count; ++i) look(i, prototype, true);
    same_.prototype = prototype;
    same_.count = count;
    std::copy_n(data, count, same_.data);
  } else {
    same_.count = 0;
    const MessagePlan* const* const messages = frames.messages;
    for (uint32_t i = 0; i < count; ++i) {
      look(i, messages[i]->prototype, messages[i]->length > first_tail);
    }
  }
  for (const uint32_t i : std::span(lacking, lack)) WriteTail(frames.Of(i), data[i]);
}

void Assembler::WriteTail(const MessagePlan& message, uint8_t* frame) {
  const uint8_t* const prototype = plan_.Prototype(message);
  for (uint32_t at = message.tail_line * kAssembleLine; at < message.length; at += kAssembleLine) {
    Line::Load(prototype + at).Store(frame + at);
  }
  held_[HeldAt(frame)] = HeldOf(frame, message.prototype);
}

}  // namespace spate::engine
