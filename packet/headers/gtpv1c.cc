#include "absl/strings/str_format.h"
#include "packet/header.h"

namespace spate::packet::gtpv1c {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "version", .bit_offset = 0, .bits = 3, .preset = 1, .doc = "1"},
    {.name = "protocol_type", .bit_offset = 3, .bits = 1, .preset = 1, .doc = "1: GTP"},
    {.name = "reserved", .bit_offset = 4, .bits = 1, .doc = "0"},
    {.name = "e_flag", .bit_offset = 5, .bits = 1, .doc = "extension headers are present"},
    {.name = "s_flag",
     .bit_offset = 6,
     .bits = 1,
     .preset = 1,
     .doc = "the sequence number counts"},
    {.name = "pn_flag", .bit_offset = 7, .bits = 1, .doc = "the N-PDU number counts"},
    {.name = "message_type",
     .bit_offset = 8,
     .bits = 8,
     .preset = 1,
     .doc = "1: echo request, 2: its response, 16: create PDP context request, 17: its response, "
            "20: delete PDP context request"},
    {.name = "message_length",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "bytes after the TEID"},
    {.name = "teid", .bit_offset = 32, .bits = 32, .doc = "tunnel endpoint of the receiver"},
    {.name = "sequence_number", .bit_offset = 64, .bits = 16, .doc = "joins response and request"},
    {.name = "n_pdu_number", .bit_offset = 80, .bits = 8, .doc = "0"},
    {.name = "next_extension_header_type", .bit_offset = 88, .bits = 8, .doc = "0: none"},
    {.name = "recovery",
     .bits = 8,
     .doc = "element: restart counter",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x0e"},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 2123}};
constexpr LengthRule kLengths[] = {{.field = "message_length", .skip = 8}};

std::string Info(std::span<const uint8_t> bytes) {
  switch (bytes[1]) {
    case 1:
      return "Echo request";
    case 2:
      return "Echo response";
    case 16:
      return "Create PDP context request";
    case 17:
      return "Create PDP context response";
    case 20:
      return "Delete PDP context request";
    case 21:
      return "Delete PDP context response";
    default:
      return absl::StrFormat("GTP message %d", bytes[1]);
  }
}

bool Matches(std::span<const uint8_t> bytes) { return bytes[0] >> 4 == 3 && (bytes[0] & 7) != 0; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "gtpv1c",
    .title = "GTP",
    .doc = "GPRS tunnelling protocol, version 1, control plane; information elements are payload",
    .source = "3GPP TS 29.060, 6",
    .fields = kFields,
    .fixed_bytes = 12,
    .follows = kPlaces,
    .lengths = kLengths,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::gtpv1c
