#include "absl/strings/str_format.h"
#include "packet/header.h"
#include "packet/seal.h"

namespace spate::packet::zigbee_nwk {
namespace {

// Bits of the frame control field's second byte.
constexpr When kSecurity = {.byte = 1, .mask = 0x02};
constexpr When kExtendedDst = {.byte = 1, .mask = 0x08};
constexpr When kExtendedSrc = {.byte = 1, .mask = 0x10};

constexpr FieldSpec kFields[] = {
    {.name = "discover_route", .bit_offset = 0, .bits = 2, .doc = "0: suppress, 1: enable"},
    {.name = "protocol_version", .bit_offset = 2, .bits = 4, .preset = 2, .doc = "2: Zigbee PRO"},
    {.name = "frame_type",
     .bit_offset = 6,
     .bits = 2,
     .derived = Derived::kNext,
     .doc = "0: data, 1: command"},
    {.name = "reserved", .bit_offset = 8, .bits = 2, .doc = "0"},
    {.name = "end_device_initiator", .bit_offset = 10, .bits = 1, .doc = "an end device sent it"},
    {.name = "extended_src", .bit_offset = 11, .bits = 1, .doc = "`src_ieee` is there"},
    {.name = "extended_dst", .bit_offset = 12, .bits = 1, .doc = "`dst_ieee` is there"},
    {.name = "source_route", .bit_offset = 13, .bits = 1, .doc = "0: no source route"},
    {.name = "security",
     .bit_offset = 14,
     .bits = 1,
     .preset = 1,
     .doc = "1: the frame is sealed: the fields of the auxiliary header are there, what follows is "
            "encrypted, and an integrity code of 4 bytes ends it (AES-128-CCM*, level 5)"},
    {.name = "multicast", .bit_offset = 15, .bits = 1, .doc = "0: no multicast control"},
    {.name = "dst",
     .kind = FieldKind::kShort,
     .bit_offset = 16,
     .bits = 16,
     .doc = "destination; 0xfffc: all routers, 0xfffd: all awake, 0xffff: all",
     .little_endian = true},
    {.name = "src",
     .kind = FieldKind::kShort,
     .bit_offset = 32,
     .bits = 16,
     .preset = 1,
     .doc = "source",
     .little_endian = true},
    {.name = "radius", .bit_offset = 48, .bits = 8, .preset = 30, .doc = "hops left"},
    {.name = "sequence", .bit_offset = 56, .bits = 8, .doc = "sequence number of the source"},
    {.name = "dst_ieee",
     .kind = FieldKind::kEui64,
     .bits = 64,
     .preset = 0x02'00'00'00'00'00'00'00,
     .doc = "extended address of the destination; optional",
     .part = Part::kTail,
     .when = kExtendedDst,
     .little_endian = true},
    {.name = "src_ieee",
     .kind = FieldKind::kEui64,
     .bits = 64,
     .preset = 0x02'00'00'00'00'00'00'01,
     .doc = "extended address of the source; optional",
     .part = Part::kTail,
     .when = kExtendedSrc,
     .little_endian = true},
    {.name = "aux_reserved", .bits = 2, .doc = "0", .part = Part::kTail, .when = kSecurity},
    {.name = "extended_nonce",
     .bits = 1,
     .preset = 1,
     .doc = "1: `security_src` is there, as it always is here",
     .part = Part::kTail,
     .when = kSecurity},
    {.name = "key_type",
     .bits = 2,
     .preset = 1,
     .doc = "1: network key",
     .part = Part::kTail,
     .when = kSecurity},
    {.name = "security_level",
     .bits = 3,
     .doc = "0: sent so, whatever level seals the frame",
     .part = Part::kTail,
     .when = kSecurity},
    {.name = "frame_counter",
     .bits = 32,
     .doc = "counts the frames that the sender seals; never repeats under one key",
     .part = Part::kTail,
     .when = kSecurity,
     .little_endian = true},
    {.name = "security_src",
     .kind = FieldKind::kEui64,
     .bits = 64,
     .preset = 0x02'00'00'00'00'00'00'01,
     .doc = "extended address of the device that sealed the frame",
     .part = Part::kTail,
     .when = kSecurity,
     .little_endian = true},
    {.name = "key_sequence",
     .bits = 8,
     .doc = "number of the network key",
     .part = Part::kTail,
     .when = kSecurity},
    {.name = "mic",
     .bits = 32,
     .derived = Derived::kChecksum,
     .doc = "integrity code over the header and what follows it",
     .part = Part::kTrailer,
     .when = kSecurity},
    {.name = "key",
     .kind = FieldKind::kKey,
     .bits = 128,
     .preset = 0xc8'c9'ca'cb'cc'cd'ce'cf,
     .doc = "network key that seals the frame; stands nowhere in it. The default is the key of the "
            "examples in IEEE 802.15.4, annex C: c0c1c2…cf",
     .preset_high = 0xc0'c1'c2'c3'c4'c5'c6'c7,
     .part = Part::kOutside},
};

constexpr Place kPlaces[] = {{Space::kIeee802154, 0}};

std::string Info(std::span<const uint8_t> bytes) {
  static constexpr const char* kTypes[] = {"Data", "Command", "Reserved", "Inter-PAN"};
  return absl::StrFormat("%s, Dst: 0x%02x%02x, Src: 0x%02x%02x", kTypes[bytes[0] & 3], bytes[3],
                         bytes[2], bytes[5], bytes[4]);
}

// Sealed frames are sent with level 0 and get their level back when they are opened; multicast
// control and source routes are headers that are not known here.
bool Opaque(std::span<const uint8_t> bytes) {
  const bool multicast = bytes[1] & 1, security = bytes[1] & 2, source_route = bytes[1] & 4;
  if (multicast || source_route) return true;
  const size_t aux = 8u + ((bytes[1] & 8) != 0 ? 8u : 0u) + ((bytes[1] & 16) != 0 ? 8u : 0u);
  return security && (bytes.size() <= aux || (bytes[aux] & 7) == 0);
}

size_t TrailerBytes(std::span<const uint8_t> bytes) {
  return (bytes[1] & kSecurity.mask) != 0 ? kCcmMicBytes : 0u;
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "zigbee_nwk",
    .title = "ZigBee",
    .doc = "Zigbee network layer, with its security",
    .source = "Zigbee 05-3474-23, 3.3 and 4.3",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .selects = Space::kZigbeeFrame,
    .seal = SealKind::kCcmMic,
    .info = Info,
    .opaque = Opaque,
    .trailer = TrailerBytes,
};

}  // namespace spate::packet::zigbee_nwk
