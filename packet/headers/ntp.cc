#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::ntp {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "leap", .bit_offset = 0, .bits = 2, .doc = "leap second warning; 3: not synchronised"},
    {.name = "version", .bit_offset = 2, .bits = 3, .preset = 4, .doc = "4"},
    {.name = "mode", .bit_offset = 5, .bits = 3, .preset = 3, .doc = "3: client, 4: server"},
    {.name = "stratum", .bit_offset = 8, .bits = 8, .doc = "distance from the reference clock"},
    {.name = "poll", .bit_offset = 16, .bits = 8, .preset = 6, .doc = "interval, log2 seconds"},
    {.name = "precision", .bit_offset = 24, .bits = 8, .preset = 0xe9, .doc = "log2 seconds"},
    {.name = "root_delay", .bit_offset = 32, .bits = 32, .doc = "2^-16 s"},
    {.name = "root_dispersion", .bit_offset = 64, .bits = 32, .doc = "2^-16 s"},
    {.name = "reference_id", .bit_offset = 96, .bits = 32, .doc = "of the server's own source"},
    {.name = "reference_timestamp", .bit_offset = 128, .bits = 64, .doc = "2^-32 s since 1900"},
    {.name = "origin_timestamp", .bit_offset = 192, .bits = 64, .doc = "2^-32 s since 1900"},
    {.name = "receive_timestamp", .bit_offset = 256, .bits = 64, .doc = "2^-32 s since 1900"},
    {.name = "transmit_timestamp", .bit_offset = 320, .bits = 64, .doc = "2^-32 s since 1900"},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 123}};

constexpr std::string_view kModes[] = {"reserved", "symmetric active", "symmetric passive",
                                       "client",   "server",           "broadcast",
                                       "control",  "private"};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("NTP Version %d, %s", bytes[0] >> 3 & 7, kModes[bytes[0] & 7]);
}

bool Matches(std::span<const uint8_t> bytes) {
  const int version = bytes[0] >> 3 & 7;
  const int mode = bytes[0] & 7;
  return version >= 1 && version <= 4 && mode >= 1 && mode <= 5;
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "ntp",
    .title = "NTP",
    .doc = "Network Time Protocol",
    .source = "RFC 5905, 7.3",
    .fields = kFields,
    .fixed_bytes = 48,
    .follows = kPlaces,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::ntp
