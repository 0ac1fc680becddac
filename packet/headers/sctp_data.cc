#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::sctp_data {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "type", .bit_offset = 0, .bits = 8, .doc = "0"},
    {.name = "flags",
     .bit_offset = 8,
     .bits = 8,
     .preset = 3,
     .doc = "3: a whole message in order; 4: out of order"},
    {.name = "length",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "of the chunk without its padding"},
    {.name = "tsn",
     .bit_offset = 32,
     .bits = 32,
     .preset = 1,
     .doc = "transmission sequence number"},
    {.name = "stream_id", .bit_offset = 64, .bits = 16, .doc = "of the stream"},
    {.name = "stream_sequence_number", .bit_offset = 80, .bits = 16, .doc = "of the message"},
    {.name = "payload_protocol",
     .bit_offset = 96,
     .bits = 32,
     .doc = "what the data is; 0: not said"},
};

constexpr Place kPlaces[] = {{Space::kSctpChunk, 0}};
constexpr LengthRule kLengths[] = {{.field = "length"}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("DATA (TSN=%u)", Get32(bytes.data() + 4));
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "sctp_data",
    .title = "SCTP",
    .doc = "SCTP chunk with user data, padded to 4 bytes",
    .source = "RFC 9260, 3.3.1",
    .fields = kFields,
    .fixed_bytes = 16,
    .follows = kPlaces,
    .lengths = kLengths,
    .info = Info,
    .align = 4,
};

}  // namespace spate::packet::sctp_data
