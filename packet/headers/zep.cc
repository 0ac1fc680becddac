#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::zep {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "preamble", .bit_offset = 0, .bits = 16, .preset = 0x4558, .doc = "\"EX\""},
    {.name = "version", .bit_offset = 16, .bits = 8, .preset = 2, .doc = "2"},
    {.name = "type", .bit_offset = 24, .bits = 8, .preset = 1, .doc = "1: data"},
    {.name = "channel",
     .bit_offset = 32,
     .bits = 8,
     .preset = 15,
     .doc = "radio channel of the frame, 11 to 26 at 2.4 GHz"},
    {.name = "device", .bit_offset = 40, .bits = 16, .preset = 1, .doc = "number of the sniffer"},
    {.name = "crc_mode",
     .bit_offset = 56,
     .bits = 8,
     .preset = 1,
     .doc = "1: the frame ends with its check sequence"},
    {.name = "lqi",
     .bit_offset = 64,
     .bits = 8,
     .preset = 255,
     .doc = "quality of the link, 255: the best"},
    {.name = "timestamp",
     .bit_offset = 72,
     .bits = 64,
     .doc = "when the frame was heard: seconds since 1900 in the upper half, their fraction in the "
            "lower one (NTP)"},
    {.name = "sequence", .bit_offset = 136, .bits = 32, .doc = "counts the packets of the sniffer"},
    {.name = "reserved", .kind = FieldKind::kBytes, .bit_offset = 168, .bits = 80, .doc = "0"},
    {.name = "length",
     .bit_offset = 248,
     .bits = 8,
     .derived = Derived::kLength,
     .doc = "bytes of the frame"},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 17754}};
constexpr LengthRule kLengths[] = {{.field = "length", .after_header = true}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("Encapsulated ZigBee Packet [Channel]=%d [Length]=%d", bytes[4],
                         bytes[31]);
}

bool Matches(std::span<const uint8_t> bytes) {
  return Get16(bytes.data()) == 0x4558 && bytes[2] == 2 && bytes[3] == 1;
}

uint32_t Next(std::span<const uint8_t> bytes) { return bytes[7] == 1 ? 0 : HeaderSpec::kNothing; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "zep",
    .title = "ZEP",
    .doc = "ZigBee Encapsulation Protocol, version 2: a radio frame as a sniffer sends it on",
    .source = "Exegin, ZEP version 2",
    .fields = kFields,
    .fixed_bytes = 32,
    .follows = kPlaces,
    .selects = Space::kZep,
    .lengths = kLengths,
    .info = Info,
    .matches = Matches,
    .next = Next,
};

}  // namespace spate::packet::zep
