#include "absl/strings/str_format.h"
#include "packet/header.h"
#include "packet/seal.h"

namespace spate::packet::ieee802154 {
namespace {

// The frame control field is sent lowest byte first: its bits 0 to 7 are the first byte, bit 0 the
// lowest of it.
constexpr FieldSpec kFields[] = {
    {.name = "reserved", .bit_offset = 0, .bits = 1, .doc = "0"},
    {.name = "pan_id_compression",
     .bit_offset = 1,
     .bits = 1,
     .preset = 1,
     .doc = "1: both addresses are of the one PAN named"},
    {.name = "ack_request", .bit_offset = 2, .bits = 1, .doc = "the receiver shall acknowledge"},
    {.name = "frame_pending", .bit_offset = 3, .bits = 1, .doc = "the sender has more to send"},
    {.name = "security", .bit_offset = 4, .bits = 1, .doc = "0: no security of the link layer"},
    {.name = "frame_type", .bit_offset = 5, .bits = 3, .preset = 1, .doc = "1: data"},
    {.name = "src_mode", .bit_offset = 8, .bits = 2, .preset = 2, .doc = "2: short address"},
    {.name = "frame_version",
     .bit_offset = 10,
     .bits = 2,
     .doc = "0: IEEE 802.15.4-2003, 1: -2006, 2: -2015"},
    {.name = "dst_mode", .bit_offset = 12, .bits = 2, .preset = 2, .doc = "2: short address"},
    {.name = "ie_present", .bit_offset = 14, .bits = 1, .doc = "0: no information elements"},
    {.name = "sequence_suppression", .bit_offset = 15, .bits = 1, .doc = "0"},
    {.name = "sequence", .bit_offset = 16, .bits = 8, .doc = "sequence number of the sender"},
    {.name = "dst_pan",
     .kind = FieldKind::kShort,
     .bit_offset = 24,
     .bits = 16,
     .preset = 0x1a2b,
     .doc = "the network (PAN) of destination and source",
     .little_endian = true},
    {.name = "dst",
     .kind = FieldKind::kShort,
     .bit_offset = 40,
     .bits = 16,
     .doc = "destination; 0xffff: all",
     .little_endian = true},
    {.name = "src",
     .kind = FieldKind::kShort,
     .bit_offset = 56,
     .bits = 16,
     .preset = 1,
     .doc = "source",
     .little_endian = true},
    {.name = "fcs",
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "frame check sequence, the last two bytes of the frame",
     .part = Part::kTrailer,
     .little_endian = true},
};

constexpr Place kPlaces[] = {{Space::kLink, 195}, {Space::kZep, 0}};

std::string Info(std::span<const uint8_t> bytes) {
  static constexpr const char* kTypes[] = {"Beacon",     "Data",         "Ack",      "Command",
                                           "Reserved 4", "Multipurpose", "Fragment", "Extended"};
  return absl::StrFormat("%s, Dst: 0x%02x%02x, Src: 0x%02x%02x", kTypes[bytes[0] & 7], bytes[6],
                         bytes[5], bytes[8], bytes[7]);
}

// Other addressing modes make another layout; security of the link layer hides what follows.
uint32_t Next(std::span<const uint8_t> bytes) {
  constexpr uint8_t kTypeSecurityCompression = 0x4f, kPlainData = 0x41;
  constexpr uint8_t kModesAndExtras = 0xcf, kShortAddresses = 0x88;
  const bool plain = (bytes[0] & kTypeSecurityCompression) == kPlainData &&
                     (bytes[1] & kModesAndExtras) == kShortAddresses;
  return plain ? 0 : HeaderSpec::kNothing;
}

size_t TrailerBytes(std::span<const uint8_t>) { return kFcs16Bytes; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "ieee802154",
    .title = "IEEE 802.15.4",
    .doc =
        "IEEE 802.15.4 data frame with short addresses in one PAN; its check sequence closes the "
        "frame and is part of it",
    .source = "IEEE 802.15.4-2020, 7.3",
    .fields = kFields,
    .fixed_bytes = 9,
    .follows = kPlaces,
    .selects = Space::kIeee802154,
    .seal = SealKind::kFcs16,
    .info = Info,
    .next = Next,
    .trailer = TrailerBytes,
};

}  // namespace spate::packet::ieee802154
