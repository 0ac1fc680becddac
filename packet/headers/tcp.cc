#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "src_port", .bit_offset = 0, .bits = 16, .preset = 49152, .doc = "source port"},
    {.name = "dst_port",
     .bit_offset = 16,
     .bits = 16,
     .preset = 9,
     .doc = "destination port; the default is the discard service (RFC 863)"},
    {.name = "seq_num", .bit_offset = 32, .bits = 32, .doc = "of the first payload byte"},
    {.name = "ack_num", .bit_offset = 64, .bits = 32, .doc = "the next byte expected"},
    {.name = "data_offset",
     .bit_offset = 96,
     .bits = 4,
     .derived = Derived::kHeaderLength,
     .doc = "header and options in 32-bit words"},
    {.name = "reserved", .bit_offset = 100, .bits = 4, .doc = "0"},
    {.name = "flags",
     .kind = FieldKind::kFlags,
     .bit_offset = 104,
     .bits = 8,
     .preset = 0x10,
     .doc = "F: FIN, S: SYN, R: RST, P: PSH, A: ACK, U: URG, E: ECE, C: CWR",
     .letters = "FSRPAUEC"},
    {.name = "window", .bit_offset = 112, .bits = 16, .preset = 65535, .doc = "bytes it will take"},
    {.name = "checksum",
     .bit_offset = 128,
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "of header, payload and a pseudo-header"},
    {.name = "urgent_pointer", .bit_offset = 144, .bits = 16, .doc = "end of urgent data"},
    {.name = "options",
     .kind = FieldKind::kBytes,
     .bit_offset = 160,
     .doc = "up to 40 bytes, extended with zeros to a multiple of 4"},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 6}};
constexpr ChecksumRule kChecksums[] = {
    {.field = "checksum", .covers = Covers::kPseudoHeaderAndRest}};

constexpr std::string_view kFlagNames[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};

std::string FlagList(uint8_t flags) {
  std::string list;
  for (unsigned bit = 0; bit < 8; ++bit) {
    if (flags >> bit & 1) absl::StrAppend(&list, list.empty() ? "" : ", ", AsAbsl(kFlagNames[bit]));
  }
  return list.empty() ? "<None>" : list;
}

std::string Info(std::span<const uint8_t> bytes) {
  const uint8_t flags = bytes[13];
  const size_t header = std::clamp<size_t>(bytes[12] >> 4 << 2, 20, bytes.size());
  std::string text =
      absl::StrFormat("%d → %d [%s] Seq=%u", Get16(bytes.data()), Get16(bytes.data() + 2),
                      FlagList(flags), Get32(bytes.data() + 4));
  if (flags & 0x10) absl::StrAppend(&text, " Ack=", Get32(bytes.data() + 8));
  absl::StrAppend(&text, " Win=", Get16(bytes.data() + 14), " Len=", bytes.size() - header);
  return text;
}

}  // namespace

extern constinit const HeaderSpec kTcp{
    .name = "tcp",
    .title = "TCP",
    .doc = "Transmission Control Protocol",
    .source = "RFC 9293",
    .fields = kFields,
    .fixed_bytes = 20,
    .follows = kPlaces,
    .checksums = kChecksums,
    .info = Info,
};

}  // namespace spate::packet
