#include "base/text.h"
#include "packet/header.h"
#include "packet/headers/start_line.h"
#include "packet/layout.h"

namespace spate::packet::http_response {

extern const HeaderSpec kSpec;

namespace {

constexpr auto kFields = ResponseFields("HTTP/1.1", "200, 304, 404 …", "Content-Type: text/plain");

constexpr Place kPlaces[] = {{Space::kTcpPort, 80}, {Space::kTcpPort, 8080}};

std::string Info(std::span<const uint8_t> bytes) {
  return Concat(FieldText(kSpec, "version", bytes), " ", FieldText(kSpec, "status_code", bytes),
                " ", FieldText(kSpec, "reason", bytes));
}

bool Matches(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.starts_with("HTTP/1.") && Parse(kSpec, bytes).has_value();
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "http_response",
    .title = "HTTP",
    .doc = "HTTP/1 response; its body is the payload",
    .source = "RFC 9112, 4",
    .fields = kFields,
    .fixed_bytes = 0,
    .follows = kPlaces,
    .lengths = kBodyLength,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::http_response
