#include "engine/emit/composer.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "engine/emit/bit_errors.h"
#include "engine/emit/frame_ops.h"
#include "engine/emit/spread.h"
#include "engine/emit/track_kernel.h"
#include "packet/bits.h"
#include "packet/checksum.h"
#include "packet/crc32c.h"

namespace spate::engine {
namespace {

constexpr uint8_t kNoShapeGroup = 0xff;

// Instances of a group that act by clocks of their own come in no order of their numbers.
bool MostlySteps(const Frames& frames) {
  unsigned breaks = 0;
  for (uint32_t i = 1; i < frames.count; ++i) {
    breaks += frames.records[i]->descriptor.index != frames.records[i - 1]->descriptor.index + 1;
  }
  return breaks * 16 <= frames.count;
}

// Frames [begin, end) of them.
Frames Part(Frames frames, uint32_t begin, uint32_t end) {
  frames.count = end - begin;
  frames.data += begin;
  frames.length += begin;
  frames.records += begin;
  if (frames.messages != nullptr) frames.messages += begin;
  return frames;
}

}  // namespace

Composer::Composer(const Plan& plan)
    : plan_(plan),
      columns_(plan),
      assembler_(plan),
      group_of_(plan.messages.size(), kNoShapeGroup) {
  sealers_.reserve(plan.seals.size());
  for (const packet::Seal& seal : plan.seals) {
    sealers_.push_back(*packet::Sealer::Create(seal));  // the plan was made with one like it
  }
}

void Composer::Compose(const Batch& batch, Burst& burst) {
  for (const Piece* piece = batch.begin(); piece != batch.end();) {
    if (piece->is_run) {
      ComposeRun(*piece++, burst);
      continue;
    }
    const Piece* const first = piece;
    do {
      ++piece;
    } while (piece != batch.end() && !piece->is_run);
    SpreadRecords(batch, first->begin, piece[-1].end, burst);
    if (piece - first > 1) {
      ComposeShapes(batch, first->begin, piece[-1].end, burst);
      continue;
    }
    ComposeFrames({.message = &plan_.messages[first->message],
                   .count = static_cast<uint32_t>(first->end - first->begin),
                   .data = burst.data + first->begin,
                   .length = burst.length + first->begin,
                   .records = batch.records() + first->begin});
  }
}

void Composer::ComposeRun(const Piece& piece, Burst& burst) {
  const MessagePlan& message = plan_.messages[piece.message];
  uint16_t* const length = burst.length + piece.begin;
  SpreadRun(plan_, piece, burst);
  if (message.varying_size) columns_.SizeRun(message, piece.run, length);
  ComposeFrames({.message = &message,
                 .count = piece.run.count,
                 .data = burst.data + piece.begin,
                 .length = length,
                 .packet = piece.run.packet,
                 .steps = true});
}

// Frames of several messages, shape by shape.
void Composer::ComposeShapes(const Batch& batch, uint32_t begin, uint32_t end, Burst& burst) {
  Gather(batch.records(), begin, end, burst);
  uint32_t first = 0;
  for (uint32_t g = 0; g < gathered_.groups; ++g) {
    const uint32_t next = gathered_.end[g];
    ComposeFrames({.message = gathered_.message[first],
                   .messages = gathered_.several[g] ? gathered_.message + first : nullptr,
                   .count = next - first,
                   .data = gathered_.data + first,
                   .length = gathered_.length + first,
                   .records = gathered_.record + first});
    first = next;
  }
  for (uint32_t i = 0; i < first; ++i) burst.length[gathered_.at[i]] = gathered_.length[i];
}

// The frames in order of shape: a counting sort.
void Composer::Gather(const Slot* const* records, uint32_t begin, uint32_t end,
                      const Burst& burst) {
  const uint32_t* const shape_of = plan_.shapes.data();
  uint8_t group[kBurst], next[kBurst];
  uint16_t message_of[kBurst];  // of each group, one
  uint32_t groups = 0;
  for (uint32_t i = begin; i < end; ++i) {
    const uint16_t message = records[i]->descriptor.message;
    uint8_t& known = group_of_[shape_of[message]];
    if (known == kNoShapeGroup) {
      known = static_cast<uint8_t>(groups);
      message_of[groups] = message;
      next[groups] = 0;
      gathered_.several[groups++] = false;
    }
    group[i] = known;
    ++next[known];
    gathered_.several[known] |= message != message_of[known];
  }
  uint8_t sum = 0;
  for (uint32_t g = 0; g < groups; ++g) {
    group_of_[shape_of[message_of[g]]] = kNoShapeGroup;
    sum = static_cast<uint8_t>(sum + std::exchange(next[g], sum));
    gathered_.end[g] = sum;
  }
  gathered_.groups = groups;
  const MessagePlan* const messages = plan_.messages.data();
  for (uint32_t i = begin; i < end; ++i) {
    const uint32_t to = next[group[i]]++;
    gathered_.data[to] = burst.data[i];
    gathered_.length[to] = burst.length[i];
    gathered_.record[to] = records[i];
    gathered_.message[to] = &messages[records[i]->descriptor.message];
    gathered_.at[to] = static_cast<uint8_t>(i);
  }
}

void Composer::ComposeFrames(const Frames& frames) {
  const MessagePlan& message = *frames.message;
  if (message.track != core::kNone) {
    ComposeTrack(plan_, frames);
    assembler_.Forget(frames);
  } else if (message.counters_only && !frames.steps && MostlySteps(frames)) {
    ComposeStepping(frames);
  } else {
    assembler_.Assemble(columns_.Fill(frames), frames);
    if (message.has_crc) StoreCrcs(frames);
    if (message.seal_count > 0) Seal(frames);
    if (message.varying_size && message.shortest > 0) PadShort(frames);
  }
  if (message.flips > 0) FlipBits(plan_, frames);
  if (message.flips > 0 || message.seal_count > 0) assembler_.Forget(frames);
}

// Records whose indices step by one share a call.
void Composer::ComposeStepping(const Frames& frames) {
  for (uint32_t at = 0; at < frames.count;) {
    const uint32_t first = frames.records[at]->descriptor.index;
    uint32_t next = at;
    while (next < frames.count && frames.records[next]->descriptor.index == first + (next - at)) {
      ++next;
    }
    Frames part = Part(frames, at, next);
    part.packet = first;
    part.steps = true;
    assembler_.Assemble(columns_.Fill(part), part);
    at = next;
  }
}

// Seals are made of whole frames, so they come last, and after them the checksums that cover them.
// One frame at a time: ciphers cost more than their dispatch.
void Composer::Seal(const Frames& frames) {
  const MessagePlan& message = *frames.message;
  for (uint32_t i = 0; i < frames.count; ++i) {
    const std::span<uint8_t> frame(frames.data[i], frames.length[i] - size_t{message.padding});
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
void Composer::PadShort(const Frames& frames) {
  const uint16_t shortest = frames.message->shortest;
  for (uint32_t i = 0; i < frames.count; ++i) {
    if (frames.length[i] >= shortest) continue;
    std::memset(frames.data[i] + frames.length[i], 0, shortest - frames.length[i]);
    frames.length[i] = shortest;
  }
}

// A CRC has no parts that could be kept: one pass over each finished frame.
void Composer::StoreCrcs(const Frames& frames) const {
  const SumSite* const sums = plan_.sums.data() + frames.message->first_sum;
  for (uint32_t s = 0; s < frames.message->sum_count; ++s) {
    const SumSite& site = sums[s];
    if (!site.crc) continue;
    for (uint32_t i = 0; i < frames.count; ++i) {
      uint8_t* const frame = frames.data[i];
      const uint32_t end = site.end != 0 ? site.end : frames.length[i];
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
