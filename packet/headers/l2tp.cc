#include "base/text.h"
#include "packet/header.h"
#include "packet/layout.h"

namespace spate::packet::l2tp {

extern const HeaderSpec kSpec;

namespace {

constexpr FieldSpec kFields[] = {
    {.name = "control",
     .bit_offset = 0,
     .bits = 1,
     .doc = "a control message; its attributes are payload"},
    {.name = "length_present", .bit_offset = 1, .bits = 1, .doc = "set by giving `length`"},
    {.name = "reserved", .bit_offset = 2, .bits = 2, .doc = "0"},
    {.name = "sequence_present", .bit_offset = 4, .bits = 1, .doc = "set by giving `ns` or `nr`"},
    {.name = "reserved2", .bit_offset = 5, .bits = 1, .doc = "0"},
    {.name = "offset_present", .bit_offset = 6, .bits = 1, .doc = "set by giving `offset_size`"},
    {.name = "priority", .bit_offset = 7, .bits = 1, .doc = "prefer it"},
    {.name = "reserved3", .bit_offset = 8, .bits = 4, .doc = "0"},
    {.name = "version", .bit_offset = 12, .bits = 4, .preset = 2, .doc = "2"},
    {.name = "length",
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "of the message; with length_present",
     .part = Part::kTail,
     .when = {.mask = 0x40}},
    {.name = "tunnel_id", .bits = 16, .preset = 1, .doc = "of the receiver", .part = Part::kTail},
    {.name = "session_id", .bits = 16, .preset = 1, .doc = "of the receiver", .part = Part::kTail},
    {.name = "ns",
     .bits = 16,
     .doc = "number of this message",
     .part = Part::kTail,
     .when = {.mask = 0x08}},
    {.name = "nr",
     .bits = 16,
     .doc = "number of the next one expected",
     .part = Part::kTail,
     .when = {.mask = 0x08}},
    {.name = "offset_size",
     .bits = 16,
     .doc = "bytes between header and payload, which are payload here",
     .part = Part::kTail,
     .when = {.mask = 0x02}},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 1701}};
constexpr LengthRule kLengths[] = {{.field = "length"}};

uint32_t Next(std::span<const uint8_t> bytes) {
  const bool plain = (bytes[0] & 0x82) == 0;
  return plain ? 2 : HeaderSpec::kNothing;
}

std::string Info(std::span<const uint8_t> bytes) {
  return Concat((bytes[0] & 0x80) != 0 ? "Control Message" : "Data Message",
                " (tunnel id=", FieldNumber(kSpec, "tunnel_id", bytes),
                ", session id=", FieldNumber(kSpec, "session_id", bytes), ")");
}

bool Matches(std::span<const uint8_t> bytes) { return (bytes[1] & 0xf) == 2; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "l2tp",
    .title = "L2TP",
    .doc = "Layer Two Tunnelling Protocol, version 2: PPP frames over UDP",
    .source = "RFC 2661, 3.1",
    .fields = kFields,
    .fixed_bytes = 2,
    .follows = kPlaces,
    .selects = Space::kFrame,
    .lengths = kLengths,
    .info = Info,
    .matches = Matches,
    .next = Next,
};

}  // namespace spate::packet::l2tp
