#include "base/text.h"
#include "packet/header.h"
#include "packet/layout.h"

namespace spate::packet {

extern const HeaderSpec kSipResponse;

namespace {

constexpr FieldSpec kFields[] = {
    {.name = "version",
     .kind = FieldKind::kText,
     .doc = "of the protocol",
     .suffix = " ",
     .preset_bytes = "SIP/2.0"},
    {.name = "status_code",
     .kind = FieldKind::kText,
     .doc = "100, 180, 200, 404 …",
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
     .preset_bytes = "Via: SIP/2.0/UDP 198.18.0.1:5060;branch=z9hG4bK1\r\n"
                     "From: <sip:a@198.18.0.1>;tag=1\r\nTo: <sip:b@198.18.0.2>;tag=2\r\n"
                     "Call-ID: 1@198.18.0.1\r\nCSeq: 1 OPTIONS"},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 5060}, {Space::kTcpPort, 5060}};
constexpr LengthRule kLengths[] = {
    {.field = "content_length", .after_header = true, .form = LengthForm::kDecimal}};

std::string Info(std::span<const uint8_t> bytes) {
  return Concat("Status: ", FieldText(kSipResponse, "status_code", bytes), " ",
                FieldText(kSipResponse, "reason", bytes));
}

bool Matches(std::span<const uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.starts_with("SIP/2.0 ") && Parse(kSipResponse, bytes).has_value();
}

}  // namespace

extern constinit const HeaderSpec kSipResponse{
    .name = "sip_response",
    .title = "SIP",
    .doc = "Session Initiation Protocol response; its body (SDP) is the payload",
    .source = "RFC 3261, 7.2",
    .fields = kFields,
    .fixed_bytes = 0,
    .follows = kPlaces,
    .lengths = kLengths,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet
