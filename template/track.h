// Captured frames on their way to the engine: every different frame once, and the order and times
// in which they come.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "packet/frame.h"

namespace spate::core {

// An address of a frame that each instance replaces by its own.
struct FrameEdit {
  uint32_t column = 0;
  uint16_t offset = 0;
  uint8_t bytes = 0;          // 2, 4, 6 or 16
  bool zero_as_ones = false;  // the transport checksum: 0 would mean none (RFC 768)
  uint16_t header_sum = 0;    // offsets of the Internet checksums that cover it; 0: none
  uint16_t transport_sum = 0;
};

struct TrackFrame {
  uint64_t offset = 0;  // in Track::bytes
  uint32_t length = 0;  // without FCS
  uint32_t first_edit = 0, edits = 0;
  uint32_t port = 0;  // by which it leaves: index into Track::ports
};

struct TrackEntry {
  int64_t at_ps = 0;  // since the first one; never falls
  uint32_t frame = 0;
};

// What instance n puts there: values[n mod size], the first `bytes` of it.
using EditColumn = std::vector<std::array<uint8_t, 16>>;

struct Track {
  std::string name;
  packet::LinkType link = packet::LinkType::kEthernet;
  std::vector<uint8_t> bytes;
  std::vector<TrackFrame> frames;
  std::vector<TrackEntry> entries;
  std::vector<FrameEdit> edits;
  std::vector<EditColumn> columns;
  std::vector<uint32_t> ports;  // indexes into Scenario::ports
  uint32_t longest = 0;         // frame, without FCS
  double mean_bytes = 0;        // of the entries' frames, without FCS
};

}  // namespace spate::core
