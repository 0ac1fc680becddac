// Capture files, streaming: pcap (µs and ns, both byte orders) and pcapng in; pcap and pcapng with
// nanosecond stamps out. Memory does not grow with the file. Formats: draft-ietf-opsawg-pcap,
// draft-ietf-opsawg-pcapng.
//
// Not libpcap's: it writes no pcapng, reads no pcapng whose interfaces differ in link type, and its
// errors do not say where in the file the damage is.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/units.h"
#include "packet/frame.h"

namespace spate::capture {

struct Packet {
  int64_t time_ns = 0;                                  // since the epoch
  std::span<const uint8_t> data;                        // valid until the next call
  uint32_t original_bytes = 0;                          // length on the wire, without FCS
  packet::LinkType link = packet::LinkType::kEthernet;  // any number; unnamed ones as in the file
};

// Most bytes of one packet that are read or written (libpcap's MAXIMUM_SNAPLEN); a greater length
// in a file means that the file is damaged.
inline constexpr uint32_t kMaxPacketBytes = 262144;

class Reader {
 public:
  virtual ~Reader() = default;
  // Errors name the file, the byte offset and the packet (from 1): not a capture, empty, truncated
  // in packet N, absurd lengths.
  static absl::StatusOr<std::unique_ptr<Reader>> Open(const std::string& path);
  // nullopt at the end of the file.
  virtual absl::StatusOr<std::optional<Packet>> Next() = 0;
};

enum class Format : uint8_t { kPcap, kPcapng };

// By the extension of `path`: .pcapng, else pcap.
Format FormatOf(const std::string& path);

// The bytes that open a file, and those that stand before and after a packet's own; for writers
// that lay out records themselves (the engine's file port).
void AppendFileHeader(std::vector<uint8_t>& out, Format format, packet::LinkType link);
constexpr size_t RecordHeaderBytes(Format format) { return format == Format::kPcap ? 16 : 28; }
constexpr size_t RecordTrailerBytes(Format format, size_t bytes) {
  return format == Format::kPcap ? 0 : ((4 - bytes % 4) % 4) + 4;
}
// Writes the header at `out` (RecordHeaderBytes of room) and the trailer at
// `out + header + bytes`.
void PutRecord(uint8_t* out, Format format, int64_t time_ns, uint32_t bytes);

// Writes to `path`.part and renames on Close, so that no half-written file is ever seen under
// that name; the destructor without Close removes it (capture/output_file.h).
class Writer {
 public:
  virtual ~Writer() = default;
  static absl::StatusOr<std::unique_ptr<Writer>> Create(const std::string& path,
                                                        packet::LinkType link);
  // Errors: the disk (the path and the system's reason), more than kMaxPacketBytes, a time that the
  // format cannot hold (before 1970; pcap: after 2106).
  virtual absl::Status Write(int64_t time_ns, std::span<const uint8_t> data) = 0;
  virtual absl::Status Close() = 0;
};

}  // namespace spate::capture
