#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::gtpv1 {
namespace {

constexpr When AnyFlag(uint8_t sets) { return {.byte = 0, .mask = 0x07, .sets = sets}; }
constexpr When kPduSession = {.byte = 11, .mask = 0xff, .values = "\x85"};

constexpr FieldSpec kFields[] = {
    {.name = "version", .bit_offset = 0, .bits = 3, .preset = 1, .doc = "1"},
    {.name = "protocol_type", .bit_offset = 3, .bits = 1, .preset = 1, .doc = "1: GTP, 0: GTP'"},
    {.name = "reserved", .bit_offset = 4, .bits = 1, .doc = "0"},
    {.name = "e_flag", .bit_offset = 5, .bits = 1, .doc = "an extension header is present"},
    {.name = "s_flag", .bit_offset = 6, .bits = 1, .doc = "the sequence number counts"},
    {.name = "pn_flag", .bit_offset = 7, .bits = 1, .doc = "the N-PDU number counts"},
    {.name = "message_type",
     .bit_offset = 8,
     .bits = 8,
     .preset = 255,
     .doc = "255: a user's packet (G-PDU), 1: echo request, 2: echo response, 254: end marker"},
    {.name = "message_length",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "bytes after the TEID"},
    {.name = "teid", .bit_offset = 32, .bits = 32, .preset = 1, .doc = "tunnel endpoint"},
    {.name = "sequence_number",
     .bits = 16,
     .doc = "with any of the three flags; giving it sets s_flag",
     .part = Part::kTail,
     .when = AnyFlag(2)},
    {.name = "n_pdu_number",
     .bits = 8,
     .doc = "with any of the three flags; giving it sets pn_flag",
     .part = Part::kTail,
     .when = AnyFlag(1)},
    {.name = "next_extension_header_type",
     .bits = 8,
     .doc = "with any of the three flags; giving it sets e_flag; 0x85: the fields below",
     .part = Part::kTail,
     .when = AnyFlag(4)},
    {.name = "extension_length",
     .bits = 8,
     .preset = 1,
     .doc = "of the PDU session container in 32-bit words",
     .part = Part::kTail,
     .when = kPduSession},
    {.name = "pdu_type",
     .bits = 4,
     .doc = "0: downlink, 1: uplink (3GPP TS 38.415)",
     .part = Part::kTail,
     .when = kPduSession},
    {.name = "pdu_spare", .bits = 4, .doc = "0", .part = Part::kTail, .when = kPduSession},
    {.name = "pdu_flags", .bits = 2, .doc = "PPP, RQI", .part = Part::kTail, .when = kPduSession},
    {.name = "qfi",
     .bits = 6,
     .preset = 1,
     .doc = "quality of service flow",
     .part = Part::kTail,
     .when = kPduSession},
    {.name = "last_extension",
     .bits = 8,
     .doc = "type of the next extension header; 0: none",
     .part = Part::kTail,
     .when = kPduSession},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 2152}};
constexpr LengthRule kLengths[] = {{.field = "message_length", .skip = 8}};

constexpr uint8_t kGPdu = 255;

// Nothing names the user's packet; its version tells.
uint32_t Next(std::span<const uint8_t> bytes) {
  size_t at = 8;
  if (bytes[1] != kGPdu) return HeaderSpec::kNothing;
  if ((bytes[0] & 7) != 0) at += 4;
  if ((bytes[0] & 7) != 0 && bytes.size() > 11 && bytes[11] == 0x85) at += 4;
  return at < bytes.size() ? bytes[at] >> 4 : HeaderSpec::kNothing;
}

std::string Info(std::span<const uint8_t> bytes) {
  const uint32_t teid = Get32(bytes.data() + 4);
  switch (bytes[1]) {
    case 1:
      return "Echo request";
    case 2:
      return "Echo response";
    case 26:
      return "Error indication";
    case 254:
      return "End Marker";
    case kGPdu:
      return absl::StrFormat("T-PDU, TEID: 0x%08x", teid);
    default:
      return absl::StrFormat("GTP message %d, TEID: 0x%08x", bytes[1], teid);
  }
}

bool Matches(std::span<const uint8_t> bytes) { return bytes[0] >> 4 == 3; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "gtpv1",
    .title = "GTP",
    .doc = "GPRS tunnelling protocol, user plane: IP packets of mobile users over UDP",
    .source = "3GPP TS 29.281, 5",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .selects = Space::kGtp,
    .lengths = kLengths,
    .info = Info,
    .matches = Matches,
    .next = Next,
};

}  // namespace spate::packet::gtpv1
