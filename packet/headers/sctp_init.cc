#include "packet/header.h"

namespace spate::packet::sctp_init {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "type", .bit_offset = 0, .bits = 8, .preset = 1, .doc = "1: INIT, 2: INIT ACK"},
    {.name = "flags", .bit_offset = 8, .bits = 8, .doc = "0"},
    {.name = "length",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "of the chunk"},
    {.name = "initiate_tag",
     .bit_offset = 32,
     .bits = 32,
     .preset = 1,
     .doc = "the verification tag of answers"},
    {.name = "window", .bit_offset = 64, .bits = 32, .preset = 65536, .doc = "bytes it will take"},
    {.name = "outbound_streams",
     .bit_offset = 96,
     .bits = 16,
     .preset = 10,
     .doc = "streams wanted"},
    {.name = "inbound_streams",
     .bit_offset = 112,
     .bits = 16,
     .preset = 10,
     .doc = "streams allowed"},
    {.name = "initial_tsn",
     .bit_offset = 128,
     .bits = 32,
     .preset = 1,
     .doc = "first transmission sequence number"},
};

constexpr Place kPlaces[] = {{Space::kSctpChunk, 1}, {Space::kSctpChunk, 2}};
constexpr LengthRule kLengths[] = {{.field = "length"}};

std::string Info(std::span<const uint8_t> bytes) { return bytes[0] == 1 ? "INIT" : "INIT_ACK"; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "sctp_init",
    .title = "SCTP",
    .doc = "SCTP chunk that opens an association; its parameters are payload",
    .source = "RFC 9260, 3.3.2",
    .fields = kFields,
    .fixed_bytes = 20,
    .follows = kPlaces,
    .lengths = kLengths,
    .info = Info,
};

}  // namespace spate::packet::sctp_init
