#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::rtp {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "version", .bit_offset = 0, .bits = 2, .preset = 2, .doc = "2"},
    {.name = "padding", .bit_offset = 2, .bits = 1, .doc = "the payload ends with padding"},
    {.name = "extension", .bit_offset = 3, .bits = 1, .doc = "the payload begins with extensions"},
    {.name = "csrc_count",
     .bit_offset = 4,
     .bits = 4,
     .derived = Derived::kHeaderLength,
     .doc = "contributing sources",
     .of = "csrc",
     .unit = 4},
    {.name = "marker", .bit_offset = 8, .bits = 1, .doc = "begins a talk spurt, ends a picture"},
    {.name = "payload_type", .bit_offset = 9, .bits = 7, .doc = "0: PCMU, 8: PCMA, 96 to 127: own"},
    {.name = "sequence_number", .bit_offset = 16, .bits = 16, .doc = "counts packets"},
    {.name = "timestamp", .bit_offset = 32, .bits = 32, .doc = "in samples"},
    {.name = "ssrc", .bit_offset = 64, .bits = 32, .preset = 1, .doc = "the stream's source"},
    {.name = "csrc", .kind = FieldKind::kBytes, .doc = "contributing sources, 4 bytes each"},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 5004}};

std::string Info(std::span<const uint8_t> bytes) {
  const int type = bytes[1] & 0x7f;
  const std::string name = type == 0   ? "ITU-T G.711 PCMU"
                           : type == 8 ? "ITU-T G.711 PCMA"
                                       : absl::StrFormat("%d", type);
  return absl::StrFormat("PT=%s, SSRC=0x%X, Seq=%d, Time=%u%s", name, Get32(bytes.data() + 8),
                         Get16(bytes.data() + 2), Get32(bytes.data() + 4),
                         (bytes[1] & 0x80) != 0 ? ", Mark" : "");
}

bool Matches(std::span<const uint8_t> bytes) { return bytes[0] >> 6 == 2; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "rtp",
    .title = "RTP",
    .doc = "Real-time Transport Protocol; recognised on port 5004 only",
    .source = "RFC 3550, 5.1",
    .fields = kFields,
    .fixed_bytes = 12,
    .follows = kPlaces,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::rtp
