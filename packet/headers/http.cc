#include <algorithm>

#include "base/text.h"
#include "packet/header.h"
#include "packet/layout.h"

namespace spate::packet {

extern const HeaderSpec kHttp;

namespace {

constexpr FieldSpec kFields[] = {
    {.name = "method",
     .kind = FieldKind::kText,
     .doc = "GET, POST, PUT, HEAD, DELETE …",
     .suffix = " ",
     .preset_bytes = "GET"},
    {.name = "uri",
     .kind = FieldKind::kText,
     .doc = "what is asked for",
     .suffix = " ",
     .preset_bytes = "/"},
    {.name = "version",
     .kind = FieldKind::kText,
     .doc = "of the protocol",
     .suffix = "\r\n",
     .preset_bytes = "HTTP/1.1"},
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
     .preset_bytes = "Host: 198.18.0.2"},
};

constexpr Place kPlaces[] = {{Space::kTcpPort, 80}, {Space::kTcpPort, 8080}};
constexpr LengthRule kLengths[] = {
    {.field = "content_length", .after_header = true, .form = LengthForm::kDecimal}};

std::string Info(std::span<const uint8_t> bytes) {
  return Concat(FieldText(kHttp, "method", bytes), " ", FieldText(kHttp, "uri", bytes), " ",
                FieldText(kHttp, "version", bytes));
}

bool Matches(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  constexpr std::string_view kMethods[] = {"GET ",     "POST ",  "PUT ",     "HEAD ", "DELETE ",
                                           "OPTIONS ", "PATCH ", "CONNECT ", "TRACE "};
  const bool method = std::ranges::any_of(
      kMethods, [&](std::string_view known) { return text.starts_with(known); });
  return method && Parse(kHttp, bytes).has_value();
}

}  // namespace

extern constinit const HeaderSpec kHttp{
    .name = "http",
    .title = "HTTP",
    .doc = "HTTP/1 request; its body is the payload",
    .source = "RFC 9112, 3",
    .fields = kFields,
    .fixed_bytes = 0,
    .follows = kPlaces,
    .lengths = kLengths,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet
