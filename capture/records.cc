// The layout of capture files as spate writes them.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "capture/capture.h"
#include "capture/layout.h"

namespace spate::capture {
namespace {

// Written in the machine's byte order, which the magic numbers tell.
void Append16(std::vector<uint8_t>& out, uint16_t value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof(value));
}

void Append32(std::vector<uint8_t>& out, uint32_t value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof(value));
}

void AppendPcapHeader(std::vector<uint8_t>& out, packet::LinkType link) {
  Append32(out, kPcapNanosMagic);
  Append16(out, 2);  // version 2.4
  Append16(out, 4);
  Append32(out, 0);
  Append32(out, 0);
  Append32(out, kMaxPacketBytes);
  Append32(out, static_cast<uint32_t>(link));
}

void AppendPcapngHeader(std::vector<uint8_t>& out, packet::LinkType link) {
  Append32(out, kSectionHeaderBlock);
  Append32(out, 28);
  Append32(out, kByteOrderMagic);
  Append16(out, 1);  // version 1.0
  Append16(out, 0);
  Append32(out, 0xffffffff);  // section length: not given
  Append32(out, 0xffffffff);
  Append32(out, 28);

  Append32(out, kInterfaceBlock);
  Append32(out, 32);
  Append16(out, static_cast<uint16_t>(link));
  Append16(out, 0);
  Append32(out, kMaxPacketBytes);
  Append16(out, kOptionTsResol);
  Append16(out, 1);
  const uint8_t nanoseconds[4] = {9};
  out.insert(out.end(), nanoseconds, nanoseconds + 4);
  Append32(out, kOptionEnd);
  Append32(out, 32);
}

void Store(uint8_t* out, std::initializer_list<uint32_t> words) {
  for (uint32_t word : words) {
    std::memcpy(out, &word, sizeof(word));
    out += sizeof(word);
  }
}

}  // namespace

Format FormatOf(const std::string& path) {
  return std::string_view(path).ends_with(".pcapng") ? Format::kPcapng : Format::kPcap;
}

void AppendFileHeader(std::vector<uint8_t>& out, Format format, packet::LinkType link) {
  if (format == Format::kPcap) return AppendPcapHeader(out, link);
  AppendPcapngHeader(out, link);
}

void PutRecord(uint8_t* out, Format format, int64_t time_ns, uint32_t bytes) {
  const auto time = static_cast<uint64_t>(time_ns);
  if (format == Format::kPcap) {
    Store(out, {static_cast<uint32_t>(time / kNanosPerSecond),
                static_cast<uint32_t>(time % kNanosPerSecond), bytes, bytes});
    return;
  }
  const auto trailer = static_cast<uint32_t>(RecordTrailerBytes(format, bytes));
  const uint32_t total = static_cast<uint32_t>(RecordHeaderBytes(format)) + bytes + trailer;
  Store(out, {kEnhancedPacketBlock, total, 0, static_cast<uint32_t>(time >> 32),
              static_cast<uint32_t>(time), bytes, bytes});
  uint8_t* after = out + RecordHeaderBytes(format) + bytes;
  std::fill_n(after, trailer - 4, uint8_t{0});
  Store(after + trailer - 4, {total});
}

}  // namespace spate::capture
