#include "base/text.h"
#include "packet/header.h"
#include "packet/headers/start_line.h"
#include "packet/layout.h"

namespace spate::packet::sip_response {

extern const HeaderSpec kSpec;

namespace {

constexpr auto kFields =
    ResponseFields("SIP/2.0", "100, 180, 200, 404 …",
                   "Via: SIP/2.0/UDP 198.18.0.1:5060;branch=z9hG4bK1\r\n"
                   "From: <sip:a@198.18.0.1>;tag=1\r\nTo: <sip:b@198.18.0.2>;tag=2\r\n"
                   "Call-ID: 1@198.18.0.1\r\nCSeq: 1 OPTIONS");

constexpr Place kPlaces[] = {{Space::kUdpPort, 5060}, {Space::kTcpPort, 5060}};

std::string Info(std::span<const uint8_t> bytes) {
  return Concat("Status: ", FieldText(kSpec, "status_code", bytes), " ",
                FieldText(kSpec, "reason", bytes));
}

bool Matches(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.starts_with("SIP/2.0 ") && Parse(kSpec, bytes).has_value();
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "sip_response",
    .title = "SIP",
    .doc = "Session Initiation Protocol response; its body (SDP) is the payload",
    .source = "RFC 3261, 7.2",
    .fields = kFields,
    .fixed_bytes = 0,
    .follows = kPlaces,
    .lengths = kBodyLength,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::sip_response
