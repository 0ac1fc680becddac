#include "absl/strings/str_format.h"
#include "packet/header.h"

namespace spate::packet {

namespace {

constexpr When kPeerDelay = {.mask = 0x0f, .values = "\x02"};
constexpr When kResponse = {.mask = 0x0f, .values = "\x09\x03\x0a"};
constexpr When kAnnounce = {.mask = 0x0f, .values = "\x0b"};

constexpr FieldSpec kFields[] = {
    {.name = "transport_specific", .bit_offset = 0, .bits = 4, .doc = "0; 1: IEEE 802.1AS"},
    {.name = "message_type",
     .bit_offset = 4,
     .bits = 4,
     .doc = "0: sync, 1: delay request, 2, 3: peer delay, 8: follow up, 9: delay response, 10: "
            "peer follow up, 11: announce"},
    {.name = "minor_version", .bit_offset = 8, .bits = 4, .doc = "0"},
    {.name = "version", .bit_offset = 12, .bits = 4, .preset = 2, .doc = "2"},
    {.name = "length",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kLength,
     .doc = "of the message"},
    {.name = "domain", .bit_offset = 32, .bits = 8, .doc = "of the clocks"},
    {.name = "minor_sdo_id", .bit_offset = 40, .bits = 8, .doc = "0"},
    {.name = "flags", .bit_offset = 48, .bits = 16, .doc = "0x0200: two steps, 0x0400: unicast"},
    {.name = "correction", .bit_offset = 64, .bits = 64, .doc = "2^-16 ns"},
    {.name = "message_specific", .bit_offset = 128, .bits = 32, .doc = "0"},
    {.name = "clock_identity",
     .bit_offset = 160,
     .bits = 64,
     .preset = 0x0200'00ff'fe00'0001,
     .doc = "of the sender"},
    {.name = "port_number", .bit_offset = 224, .bits = 16, .preset = 1, .doc = "of the sender"},
    {.name = "sequence_id", .bit_offset = 240, .bits = 16, .doc = "joins messages"},
    {.name = "control",
     .bit_offset = 256,
     .bits = 8,
     .doc =
         "by message type: 0: sync, 1: delay request, 2: follow up, 3: delay response, 5: others"},
    {.name = "log_interval", .bit_offset = 264, .bits = 8, .doc = "log2 seconds"},
    {.name = "seconds", .bits = 48, .doc = "of the time stamp", .part = Part::kTail},
    {.name = "nanoseconds", .bits = 32, .doc = "of the time stamp", .part = Part::kTail},
    {.name = "reserved",
     .bits = 64,
     .doc = "of peer delay requests: 0",
     .part = Part::kTail,
     .when = kPeerDelay},
    {.name = "reserved2",
     .bits = 16,
     .doc = "of peer delay requests: 0",
     .part = Part::kTail,
     .when = kPeerDelay},
    {.name = "requesting_clock",
     .bits = 64,
     .doc = "of responses: whom they answer",
     .part = Part::kTail,
     .when = kResponse},
    {.name = "requesting_port",
     .bits = 16,
     .doc = "of responses: whom they answer",
     .part = Part::kTail,
     .when = kResponse},
    {.name = "utc_offset",
     .bits = 16,
     .preset = 37,
     .doc = "of an announce, in seconds",
     .part = Part::kTail,
     .when = kAnnounce},
    {.name = "announce_reserved",
     .bits = 8,
     .doc = "of an announce: 0",
     .part = Part::kTail,
     .when = kAnnounce},
    {.name = "priority1",
     .bits = 8,
     .preset = 128,
     .doc = "of an announce",
     .part = Part::kTail,
     .when = kAnnounce},
    {.name = "clock_class",
     .bits = 8,
     .preset = 248,
     .doc = "of an announce",
     .part = Part::kTail,
     .when = kAnnounce},
    {.name = "clock_accuracy",
     .bits = 8,
     .preset = 0xfe,
     .doc = "of an announce; 0xfe: unknown",
     .part = Part::kTail,
     .when = kAnnounce},
    {.name = "clock_variance",
     .bits = 16,
     .preset = 0xffff,
     .doc = "of an announce",
     .part = Part::kTail,
     .when = kAnnounce},
    {.name = "priority2",
     .bits = 8,
     .preset = 128,
     .doc = "of an announce",
     .part = Part::kTail,
     .when = kAnnounce},
    {.name = "grandmaster_identity",
     .bits = 64,
     .preset = 0x0200'00ff'fe00'0001,
     .doc = "of an announce",
     .part = Part::kTail,
     .when = kAnnounce},
    {.name = "steps_removed",
     .bits = 16,
     .doc = "of an announce",
     .part = Part::kTail,
     .when = kAnnounce},
    {.name = "time_source",
     .bits = 8,
     .preset = 0xa0,
     .doc = "of an announce; 0xa0: an internal oscillator",
     .part = Part::kTail,
     .when = kAnnounce},
};

constexpr Place kPlaces[] = {
    {Space::kEtherType, 0x88f7}, {Space::kUdpPort, 319}, {Space::kUdpPort, 320}};
constexpr LengthRule kLengths[] = {{.field = "length"}};

std::string Info(std::span<const uint8_t> bytes) {
  constexpr std::string_view kTypes[] = {"Sync",
                                         "Delay_Req",
                                         "Path_Delay_Req",
                                         "Path_Delay_Resp",
                                         "",
                                         "",
                                         "",
                                         "",
                                         "Follow_Up",
                                         "Delay_Resp",
                                         "Path_Delay_Resp_Follow_Up",
                                         "Announce",
                                         "Signalling",
                                         "Management",
                                         "",
                                         ""};
  return absl::StrFormat("%s Message", kTypes[bytes[0] & 0xf]);
}

bool Matches(std::span<const uint8_t> bytes) { return (bytes[1] & 0xf) == 2; }

}  // namespace

extern constinit const HeaderSpec kPtp{
    .name = "ptp",
    .title = "PTPv2",
    .doc = "Precision Time Protocol; over UDP event messages go to port 319, others to 320",
    .source = "IEEE 1588-2019, 13",
    .fields = kFields,
    .fixed_bytes = 34,
    .follows = kPlaces,
    .lengths = kLengths,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet
