#include "packet/header.h"

namespace spate::packet::pppoe_discovery {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "version", .bit_offset = 0, .bits = 4, .preset = 1, .doc = "1"},
    {.name = "type", .bit_offset = 4, .bits = 4, .preset = 1, .doc = "1"},
    {.name = "code",
     .bit_offset = 8,
     .bits = 8,
     .preset = 9,
     .doc = "9: PADI, 7: PADO, 0x19: PADR, 0x65: PADS, 0xa7: PADT"},
    {.name = "session_id", .bit_offset = 16, .bits = 16, .doc = "0 until the session is confirmed"},
    {.name = "length",
     .bit_offset = 32,
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "bytes after it"},
    {.name = "service_name",
     .kind = FieldKind::kText,
     .doc = "tag: service wanted; empty: any",
     .optional = true,
     .usual = true,
     .prefix = "\x01\x01",
     .own_length = 2},
    {.name = "host_uniq",
     .kind = FieldKind::kBytes,
     .doc = "tag: comes back in the answer",
     .optional = true,
     .prefix = "\x01\x03",
     .own_length = 2},
    {.name = "ac_name",
     .kind = FieldKind::kText,
     .doc = "tag: name of the concentrator",
     .optional = true,
     .prefix = "\x01\x02",
     .own_length = 2},
    {.name = "ac_cookie",
     .kind = FieldKind::kBytes,
     .doc = "tag: comes back in the request",
     .optional = true,
     .prefix = "\x01\x04",
     .own_length = 2},
};

constexpr Place kPlaces[] = {{Space::kEtherType, 0x8863}};
constexpr LengthRule kLengths[] = {{.field = "length", .skip = 6}};

std::string Info(std::span<const uint8_t> bytes) {
  switch (bytes[1]) {
    case 0x09:
      return "Active Discovery Initiation (PADI)";
    case 0x07:
      return "Active Discovery Offer (PADO)";
    case 0x19:
      return "Active Discovery Request (PADR)";
    case 0x65:
      return "Active Discovery Session-confirmation (PADS)";
    case 0xa7:
      return "Active Discovery Terminate (PADT)";
    default:
      return "Active Discovery";
  }
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "pppoe_discovery",
    .title = "PPPoED",
    .doc = "PPP over Ethernet, discovery stage; further tags are payload",
    .source = "RFC 2516, 5",
    .fields = kFields,
    .fixed_bytes = 6,
    .follows = kPlaces,
    .lengths = kLengths,
    .info = Info,
};

}  // namespace spate::packet::pppoe_discovery
