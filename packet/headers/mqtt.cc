#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "packet/header.h"
#include "packet/layout.h"

namespace spate::packet::mqtt {

extern const HeaderSpec kSpec;

namespace {

constexpr When Type(std::string_view values) { return {.mask = 0xf0, .values = values}; }
constexpr When kConnect = Type("\x10");
constexpr When kConnack = Type("\x20");
constexpr When kPublish = Type("\x30");
// Publications with a quality of service, and all that acknowledges or subscribes; flags as due.
constexpr When kNumbered = {.mask = 0xf6, .values = "\x32\x34\x40\x50\x62\x70\x82\x90\xa2\xb0"};

constexpr FieldSpec kFields[] = {
    {.name = "type",
     .bit_offset = 0,
     .bits = 4,
     .preset = 3,
     .doc = "1: connect, 2: its acknowledgement, 3: publish, 4: its acknowledgement, 8: subscribe, "
            "9: its acknowledgement, 12: ping, 13: its answer, 14: disconnect; other fields imply "
            "the type they belong to"},
    {.name = "dup", .bit_offset = 4, .bits = 1, .doc = "sent again"},
    {.name = "qos", .bit_offset = 5, .bits = 2, .doc = "quality of service, 0 to 2"},
    {.name = "retain", .bit_offset = 7, .bits = 1, .doc = "the broker keeps it for later"},
    {.name = "remaining_length",
     .bits = 32,
     .derived = Derived::kLength,
     .doc = "bytes that follow it; as many bytes as it needs at the message's largest size",
     .part = Part::kTail},
    {.name = "topic",
     .kind = FieldKind::kText,
     .doc = "of a publication, whose content is the payload",
     .when = kPublish,
     .own_length = 2,
     .preset_bytes = "spate"},
    {.name = "packet_identifier",
     .bits = 16,
     .preset = 1,
     .doc = "joins message and acknowledgement; with qos 1 and 2, and in acknowledgements and "
            "subscriptions",
     .part = Part::kTail,
     .when = kNumbered},
    {.name = "topic_filter",
     .kind = FieldKind::kText,
     .doc = "of a subscription",
     .when = {.mask = 0xff, .values = "\x82\xa2"},
     .own_length = 2,
     .preset_bytes = "#"},
    {.name = "requested_qos",
     .bits = 8,
     .doc = "of a subscription",
     .part = Part::kTail,
     .when = {.mask = 0xff, .values = "\x82"}},
    {.name = "granted_qos",
     .bits = 8,
     .doc = "in the answer to a subscription; 128: refused",
     .part = Part::kTail,
     .when = Type("\x90")},
    {.name = "protocol_name",
     .kind = FieldKind::kText,
     .doc = "of a connect",
     .when = kConnect,
     .own_length = 2,
     .preset_bytes = "MQTT"},
    {.name = "protocol_level",
     .bits = 8,
     .preset = 4,
     .doc = "of a connect; 4: MQTT 3.1.1",
     .part = Part::kTail,
     .when = kConnect},
    {.name = "connect_flags",
     .bits = 8,
     .preset = 2,
     .doc = "of a connect; 2: a clean session; what further flags ask for stands in the payload",
     .part = Part::kTail,
     .when = kConnect},
    {.name = "keep_alive",
     .bits = 16,
     .preset = 60,
     .doc = "of a connect: longest silence in seconds",
     .part = Part::kTail,
     .when = kConnect},
    {.name = "client_id",
     .kind = FieldKind::kText,
     .doc = "of a connect",
     .when = kConnect,
     .own_length = 2,
     .preset_bytes = "spate"},
    {.name = "session_present",
     .bits = 8,
     .doc = "in the answer to a connect",
     .part = Part::kTail,
     .when = kConnack},
    {.name = "return_code",
     .bits = 8,
     .doc = "in the answer to a connect; 0: accepted",
     .part = Part::kTail,
     .when = kConnack},
};

constexpr Place kPlaces[] = {{Space::kTcpPort, 1883}};
constexpr LengthRule kLengths[] = {
    {.field = "remaining_length", .after_field = true, .form = LengthForm::kVarint}};

constexpr std::string_view kTypes[] = {
    "Reserved",          "Connect Command",  "Connect Ack",         "Publish Message",
    "Publish Ack",       "Publish Received", "Publish Release",     "Publish Complete",
    "Subscribe Request", "Subscribe Ack",    "Unsubscribe Request", "Unsubscribe Ack",
    "Ping Request",      "Ping Response",    "Disconnect Req",      "Reserved"};

std::string Info(std::span<const uint8_t> bytes) {
  std::string text(kTypes[bytes[0] >> 4]);
  const std::string id = FieldText(kSpec, "packet_identifier", bytes);
  if (!id.empty()) Append(&text, " (id=", id, ")");
  for (std::string_view field : {"topic", "topic_filter"}) {
    const std::string topic = FieldText(kSpec, field, bytes);
    if (!topic.empty()) Append(&text, " [", topic, "]");
  }
  return text;
}

// A type, flags as due, and a length that is true for what is there (several messages may share a
// segment).
bool Matches(std::span<const uint8_t> bytes) {
  const int type = bytes[0] >> 4, flags = bytes[0] & 0xf;
  const bool marked = type == 6 || type == 8 || type == 10;
  if (type < 1 || type > 14 || (type != 3 && flags != (marked ? 2 : 0))) return false;
  const auto layout = Parse(kSpec, bytes);
  if (!layout) return false;
  const size_t begin = (layout->tail[0].bit + layout->tail[0].bits) / 8;
  const size_t end = begin + FieldNumber(kSpec, "remaining_length", bytes);
  return layout->bytes <= end && end <= bytes.size();
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "mqtt",
    .title = "MQTT",
    .doc = "Message Queuing Telemetry Transport control packet",
    .source = "MQTT 3.1.1, 2",
    .fields = kFields,
    .fixed_bytes = 1,
    .follows = kPlaces,
    .lengths = kLengths,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::mqtt
