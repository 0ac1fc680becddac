#include "absl/strings/str_format.h"
#include "packet/header.h"

namespace spate::packet::gtpv2 {
namespace {

using std::string_view_literals::operator""sv;

constexpr FieldSpec kFields[] = {
    {.name = "version", .bit_offset = 0, .bits = 3, .preset = 2, .doc = "2"},
    {.name = "piggybacking_flag", .bit_offset = 3, .bits = 1, .doc = "a further message follows"},
    {.name = "teid_flag", .bit_offset = 4, .bits = 1, .doc = "set by giving `teid`"},
    {.name = "spare1", .bit_offset = 5, .bits = 3, .doc = "0"},
    {.name = "message_type",
     .bit_offset = 8,
     .bits = 8,
     .preset = 1,
     .doc = "1: echo request, 2: its response, 32: create session request, 33: its response, 34: "
            "modify bearer request, 36: delete session request"},
    {.name = "message_length",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "bytes after it"},
    {.name = "teid",
     .bits = 32,
     .doc = "tunnel endpoint of the receiver",
     .part = Part::kTail,
     .when = {.mask = 0x08}},
    {.name = "sequence_number",
     .bits = 24,
     .preset = 1,
     .doc = "joins response and request",
     .part = Part::kTail},
    {.name = "spare2", .bits = 8, .doc = "0", .part = Part::kTail},
    {.name = "recovery",
     .bits = 8,
     .doc = "element: restart counter",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x03\x00\x01\x00"sv},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 2123}};
constexpr LengthRule kLengths[] = {{.field = "message_length", .skip = 4}};

std::string Info(std::span<const uint8_t> bytes) {
  switch (bytes[1]) {
    case 1:
      return "Echo Request";
    case 2:
      return "Echo Response";
    case 32:
      return "Create Session Request";
    case 33:
      return "Create Session Response";
    case 34:
      return "Modify Bearer Request";
    case 36:
      return "Delete Session Request";
    default:
      return absl::StrFormat("GTPv2 message %d", bytes[1]);
  }
}

bool Matches(std::span<const uint8_t> bytes) { return bytes[0] >> 5 == 2; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "gtpv2",
    .title = "GTPv2",
    .doc = "GPRS tunnelling protocol, version 2, control plane; information elements are payload",
    .source = "3GPP TS 29.274, 5",
    .fields = kFields,
    .fixed_bytes = 4,
    .follows = kPlaces,
    .lengths = kLengths,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::gtpv2
