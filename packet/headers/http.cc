#include <algorithm>

#include "base/text.h"
#include "packet/header.h"
#include "packet/headers/start_line.h"
#include "packet/layout.h"

namespace spate::packet::http {

extern const HeaderSpec kSpec;

namespace {

constexpr auto kFields =
    RequestFields("GET, POST, PUT, HEAD, DELETE …", "GET", {"uri", "what is asked for", "/"},
                  "HTTP/1.1", "Host: 198.18.0.2");

constexpr Place kPlaces[] = {{Space::kTcpPort, 80}, {Space::kTcpPort, 8080}};

std::string Info(std::span<const uint8_t> bytes) {
  return Concat(FieldText(kSpec, "method", bytes), " ", FieldText(kSpec, "uri", bytes), " ",
                FieldText(kSpec, "version", bytes));
}

bool Matches(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  constexpr std::string_view kMethods[] = {"GET ",     "POST ",  "PUT ",     "HEAD ", "DELETE ",
                                           "OPTIONS ", "PATCH ", "CONNECT ", "TRACE "};
  const bool method = std::ranges::any_of(
      kMethods, [&](std::string_view known) { return text.starts_with(known); });
  return method && Parse(kSpec, bytes).has_value();
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "http",
    .title = "HTTP",
    .doc = "HTTP/1 request; its body is the payload",
    .source = "RFC 9112, 3",
    .fields = kFields,
    .fixed_bytes = 0,
    .follows = kPlaces,
    .lengths = kBodyLength,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::http
