#include "base/text.h"
#include "packet/header.h"
#include "packet/layout.h"

namespace spate::packet::rsvp {

extern const HeaderSpec kSpec;

namespace {

using std::string_view_literals::operator""sv;

constexpr FieldSpec kFields[] = {
    {.name = "version", .bit_offset = 0, .bits = 4, .preset = 1, .doc = "1"},
    {.name = "flags", .bit_offset = 4, .bits = 4, .doc = "0"},
    {.name = "message_type",
     .bit_offset = 8,
     .bits = 8,
     .preset = 1,
     .doc = "1: PATH, 2: RESV, 3, 4: errors, 5, 6: tear"},
    {.name = "checksum",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "of the message"},
    {.name = "time_to_live", .bit_offset = 32, .bits = 8, .preset = 64, .doc = "as sent"},
    {.name = "reserved", .bit_offset = 40, .bits = 8, .doc = "0"},
    {.name = "length",
     .bit_offset = 48,
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "of the message"},
    {.name = "session_destination",
     .kind = FieldKind::kIpv4,
     .bits = 32,
     .preset = 0xc6'12'00'02,
     .doc = "object SESSION: destination",
     .part = Part::kTail,
     .optional = true,
     .usual = true,
     .prefix = "\x00\x0c\x01\x01"sv},
    {.name = "session_protocol",
     .bits = 8,
     .preset = 17,
     .doc = "object SESSION: IP protocol",
     .part = Part::kTail,
     .with_previous = true},
    {.name = "session_flags",
     .bits = 8,
     .doc = "object SESSION",
     .part = Part::kTail,
     .with_previous = true},
    {.name = "session_port",
     .bits = 16,
     .preset = 9,
     .doc = "object SESSION: destination port",
     .part = Part::kTail,
     .with_previous = true},
    {.name = "hop_address",
     .kind = FieldKind::kIpv4,
     .bits = 32,
     .preset = 0xc6'12'00'01,
     .doc = "object RSVP_HOP: previous hop",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x00\x0c\x03\x01"sv},
    {.name = "hop_interface",
     .bits = 32,
     .doc = "object RSVP_HOP: logical interface",
     .part = Part::kTail,
     .with_previous = true},
    {.name = "refresh_period",
     .bits = 32,
     .preset = 30000,
     .doc = "object TIME_VALUES, in ms",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x00\x08\x05\x01"sv},
    {.name = "sender_address",
     .kind = FieldKind::kIpv4,
     .bits = 32,
     .preset = 0xc6'12'00'01,
     .doc = "object SENDER_TEMPLATE",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x00\x0c\x0b\x01"sv},
    {.name = "sender_reserved",
     .bits = 16,
     .doc = "object SENDER_TEMPLATE: 0",
     .part = Part::kTail,
     .with_previous = true},
    {.name = "sender_port",
     .bits = 16,
     .preset = 9,
     .doc = "object SENDER_TEMPLATE",
     .part = Part::kTail,
     .with_previous = true},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 46}};
constexpr LengthRule kLengths[] = {{.field = "length"}};
constexpr ChecksumRule kChecksums[] = {{.field = "checksum", .covers = Covers::kHeaderAndRest}};

std::string Info(std::span<const uint8_t> bytes) {
  constexpr std::string_view kTypes[] = {"RSVP",       "PATH",      "RESV",      "PATH ERROR",
                                         "RESV ERROR", "PATH TEAR", "RESV TEAR", "RESV CONFIRM"};
  const std::string session = FieldText(kSpec, "session_destination", bytes);
  return Concat(kTypes[bytes[1] < 8 ? bytes[1] : 0], " Message. SESSION: IPv4, Destination ",
                session, ", Protocol ", FieldNumber(kSpec, "session_protocol", bytes), ", Port ",
                FieldNumber(kSpec, "session_port", bytes));
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "rsvp",
    .title = "RSVP",
    .doc = "Resource Reservation Protocol message with its usual objects; further ones are payload",
    .source = "RFC 2205, 3",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .lengths = kLengths,
    .checksums = kChecksums,
    .info = Info,
};

}  // namespace spate::packet::rsvp
