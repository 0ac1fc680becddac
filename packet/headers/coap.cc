#include "absl/strings/str_format.h"
#include "base/text.h"
#include "packet/bits.h"
#include "packet/header.h"
#include "packet/layout.h"

namespace spate::packet::coap {

extern const HeaderSpec kSpec;

namespace {

using std::string_view_literals::operator""sv;

constexpr FieldSpec kFields[] = {
    {.name = "version", .bit_offset = 0, .bits = 2, .preset = 1, .doc = "1"},
    {.name = "type",
     .bit_offset = 2,
     .bits = 2,
     .doc = "0: confirmable, 1: not, 2: acknowledgement, 3: reset"},
    {.name = "token_length",
     .bit_offset = 4,
     .bits = 4,
     .derived = Derived::kHeaderLength,
     .doc = "bytes of the token",
     .of = "token",
     .unit = 1},
    {.name = "code",
     .bit_offset = 8,
     .bits = 8,
     .preset = 1,
     .doc = "1: GET, 2: POST, 3: PUT, 4: DELETE, 69: 2.05 content"},
    {.name = "message_id", .bit_offset = 16, .bits = 16, .doc = "finds duplicates"},
    {.name = "token", .kind = FieldKind::kBytes, .doc = "joins answer and request; up to 8 bytes"},
    {.name = "uri_path",
     .kind = FieldKind::kText,
     .doc = "option: first part of the path, up to 12 bytes",
     .optional = true,
     .prefix = "\xb0",
     .nibble_length = true},
    {.name = "uri_path2",
     .kind = FieldKind::kText,
     .doc = "option: second part of the path, up to 12 bytes",
     .optional = true,
     .prefix = "\0"sv,
     .nibble_length = true},
    {.name = "payload_marker",
     .kind = FieldKind::kMark,
     .doc = "there when a payload follows",
     .optional = true,
     .with_payload = true,
     .prefix = "\xff"},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 5683}};

constexpr std::string_view kTypes[] = {"CON", "NON", "ACK", "RST"};
constexpr std::string_view kMethods[] = {"Empty Message", "GET", "POST", "PUT", "DELETE"};

std::string Info(std::span<const uint8_t> bytes) {
  const uint8_t code = bytes[1];
  std::string text =
      absl::StrFormat("%s, MID:%d, ", kTypes[bytes[0] >> 4 & 3], Get16(bytes.data() + 2));
  text += code < 5 ? std::string(kMethods[code]) : absl::StrFormat("%d.%02d", code >> 5, code & 31);
  for (std::string_view field : {"uri_path", "uri_path2"}) {
    const std::string part = FieldText(kSpec, field, bytes);
    if (!part.empty()) Append(&text, field == "uri_path" ? ", /" : "/", part);
  }
  return text;
}

bool Matches(std::span<const uint8_t> bytes) { return bytes[0] >> 6 == 1 && (bytes[0] & 0xf) <= 8; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "coap",
    .title = "CoAP",
    .doc = "Constrained Application Protocol message",
    .source = "RFC 7252, 3",
    .fields = kFields,
    .fixed_bytes = 4,
    .follows = kPlaces,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::coap
