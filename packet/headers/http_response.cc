#include "base/text.h"
#include "packet/header.h"
#include "packet/layout.h"

namespace spate::packet {

extern const HeaderSpec kHttpResponse;

namespace {

constexpr FieldSpec kFields[] = {
    {.name = "version",
     .kind = FieldKind::kText,
     .doc = "of the protocol",
     .suffix = " ",
     .preset_bytes = "HTTP/1.1"},
    {.name = "status_code",
     .kind = FieldKind::kText,
     .doc = "200, 304, 404 …",
     .suffix = " ",
     .preset_bytes = "200"},
    {.name = "reason",
     .kind = FieldKind::kText,
     .doc = "the status in words",
     .suffix = "\r\n",
     .preset_bytes = "OK"},
    {.name = "content_length",
     .bits = 32,
     .derived = Derived::kLength,
     .doc = "bytes of the body; there when something follows",
     .part = Part::kTail,
     .optional = true,
     .with_payload = true,
     .prefix = "Content-Length: ",
     .suffix = "\r\n"},
    {.name = "headers",
     .kind = FieldKind::kText,
     .doc = "the other header lines, joined by \\r\\n",
     .suffix = "\r\n\r\n",
     .preset_bytes = "Content-Type: text/plain"},
};

constexpr Place kPlaces[] = {{Space::kTcpPort, 80}, {Space::kTcpPort, 8080}};
constexpr LengthRule kLengths[] = {
    {.field = "content_length", .after_header = true, .form = LengthForm::kDecimal}};

std::string Info(std::span<const uint8_t> bytes) {
  return Concat(FieldText(kHttpResponse, "version", bytes), " ",
                FieldText(kHttpResponse, "status_code", bytes), " ",
                FieldText(kHttpResponse, "reason", bytes));
}

bool Matches(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.starts_with("HTTP/1.") && Parse(kHttpResponse, bytes).has_value();
}

}  // namespace

extern constinit const HeaderSpec kHttpResponse{
    .name = "http_response",
    .title = "HTTP",
    .doc = "HTTP/1 response; its body is the payload",
    .source = "RFC 9112, 4",
    .fields = kFields,
    .fixed_bytes = 0,
    .follows = kPlaces,
    .lengths = kLengths,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet
