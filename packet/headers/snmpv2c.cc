#include "packet/header.h"
#include "packet/layout.h"

namespace spate::packet::snmpv2c {

extern const HeaderSpec kSpec;

namespace {

using std::string_view_literals::operator""sv;

constexpr FieldSpec kFields[] = {
    {.name = "message_length",
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "of all that follows",
     .part = Part::kTail,
     .prefix = "\x30\x82"},
    {.name = "version",
     .bits = 8,
     .preset = 1,
     .doc = "1: version 2c",
     .part = Part::kTail,
     .prefix = "\x02\x01"},
    {.name = "community",
     .kind = FieldKind::kText,
     .doc = "password in the clear",
     .prefix = "\x04",
     .own_length = 1,
     .preset_bytes = "public"},
    {.name = "pdu_type",
     .bits = 8,
     .preset = 0xa0,
     .doc = "0xa0: get, 0xa1: get next, 0xa2: response, 0xa3: set, 0xa5: get bulk, 0xa7: trap",
     .part = Part::kTail},
    {.name = "pdu_length",
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "of all that follows",
     .part = Part::kTail,
     .prefix = "\x82"},
    {.name = "request_id",
     .bits = 32,
     .preset = 1,
     .doc = "joins answer and request",
     .part = Part::kTail,
     .prefix = "\x02\x04"},
    {.name = "error_status",
     .bits = 8,
     .doc = "0: none; get bulk: non-repeaters",
     .part = Part::kTail,
     .prefix = "\x02\x01"},
    {.name = "error_index",
     .bits = 8,
     .doc = "variable at fault; get bulk: repetitions",
     .part = Part::kTail,
     .prefix = "\x02\x01"},
    {.name = "variable_bindings",
     .kind = FieldKind::kBytes,
     .doc = "in BER; the default asks for sysUpTime.0",
     .prefix = "\x30\x82",
     .own_length = 2,
     .preset_bytes = "\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x03\x00\x05\x00"sv},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 161}, {Space::kUdpPort, 162}};
constexpr LengthRule kLengths[] = {{.field = "message_length", .after_field = true},
                                   {.field = "pdu_length", .after_field = true}};

std::string Info(std::span<const uint8_t> bytes) {
  constexpr std::string_view kTypes[] = {
      "get-request",    "get-next-request", "get-response", "set-request", "trap",
      "getBulkRequest", "informRequest",    "snmpV2-trap",  "report"};
  const uint64_t type = FieldNumber(kSpec, "pdu_type", bytes) & 0x1f;
  return std::string(type < std::size(kTypes) ? kTypes[type] : "SNMP");
}

// Others' lengths are mostly in the short form, which is left unread.
bool Matches(std::span<const uint8_t> bytes) { return Parse(kSpec, bytes).has_value(); }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "snmpv2c",
    .title = "SNMP",
    .doc =
        "Simple Network Management Protocol, version 2 with communities; lengths in the long form "
        "of BER",
    .source = "RFC 1901, RFC 3416",
    .fields = kFields,
    .fixed_bytes = 0,
    .follows = kPlaces,
    .carries_payload = false,
    .lengths = kLengths,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::snmpv2c
