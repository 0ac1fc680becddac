#include "engine/emit/track_kernel.h"

#include <cstring>

#include "packet/bits.h"
#include "packet/checksum.h"
#include "template/track.h"

namespace spate::engine {
namespace {

// HC' = ~(~HC + ~m + m') (RFC 1624): right checksums stay right, and wrong ones stay as wrong as
// they were.
void Adjust(uint8_t* sum, uint64_t was, uint64_t is, bool zero_as_ones) {
  const uint64_t total = static_cast<uint16_t>(~packet::Get16(sum)) + 0xffff -
                         uint64_t{packet::Fold(was)} + packet::Fold(is);
  const auto adjusted = static_cast<uint16_t>(~packet::Fold(total));
  packet::Put16(sum, adjusted == 0 && zero_as_ones ? uint16_t{0xffff} : adjusted);
}

void ApplyEdits(const core::Track& track, const core::TrackFrame& frame, uint64_t instance,
                uint8_t* data) {
  for (uint32_t e = frame.first_edit; e < frame.first_edit + frame.edits; ++e) {
    const core::FrameEdit& edit = track.edits[e];
    const core::EditColumn& column = track.columns[edit.column];
    const uint8_t* value = column[column.size() == 1 ? 0 : instance % column.size()].data();
    uint8_t* at = data + edit.offset;
    const uint64_t was = packet::SumBytes(at, edit.bytes);
    const uint64_t is = packet::SumBytes(value, edit.bytes);
    std::memcpy(at, value, edit.bytes);
    if (edit.header_sum != 0) Adjust(data + edit.header_sum, was, is, false);
    if (edit.transport_sum != 0) Adjust(data + edit.transport_sum, was, is, edit.zero_as_ones);
  }
}

}  // namespace

void ComposeTrack(const Plan& plan, const Frames& frames) {
  const core::Track& track = *plan.tracks[frames.message->track];
  for (uint32_t i = 0; i < frames.count; ++i) {
    const Operands& operands = frames.records[i][1].operands;
    const core::TrackFrame& frame = track.frames[operands.word[0]];
    std::memcpy(frames.data[i], &track.bytes[frame.offset], frame.length);
    if (frame.edits > 0) ApplyEdits(track, frame, operands.word[1], frames.data[i]);
  }
}

}  // namespace spate::engine
