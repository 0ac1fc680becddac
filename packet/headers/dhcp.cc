#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"
#include "packet/layout.h"

namespace spate::packet::dhcp {

extern const HeaderSpec kSpec;

namespace {

constexpr FieldSpec kFields[] = {
    {.name = "op", .bit_offset = 0, .bits = 8, .preset = 1, .doc = "1: request, 2: reply"},
    {.name = "hardware_type", .bit_offset = 8, .bits = 8, .preset = 1, .doc = "1: Ethernet"},
    {.name = "hardware_length", .bit_offset = 16, .bits = 8, .preset = 6, .doc = "of an address"},
    {.name = "hops", .bit_offset = 24, .bits = 8, .doc = "relays passed"},
    {.name = "transaction_id", .bit_offset = 32, .bits = 32, .preset = 1, .doc = "of the exchange"},
    {.name = "seconds", .bit_offset = 64, .bits = 16, .doc = "since the client began"},
    {.name = "flags", .bit_offset = 80, .bits = 16, .doc = "0x8000: answer by broadcast"},
    {.name = "client_address",
     .kind = FieldKind::kIpv4,
     .bit_offset = 96,
     .bits = 32,
     .doc = "held"},
    {.name = "your_address",
     .kind = FieldKind::kIpv4,
     .bit_offset = 128,
     .bits = 32,
     .doc = "given by the server"},
    {.name = "server_address",
     .kind = FieldKind::kIpv4,
     .bit_offset = 160,
     .bits = 32,
     .doc = "from which to boot"},
    {.name = "relay_address",
     .kind = FieldKind::kIpv4,
     .bit_offset = 192,
     .bits = 32,
     .doc = "of the first relay"},
    {.name = "client_mac",
     .kind = FieldKind::kMac,
     .bit_offset = 224,
     .bits = 48,
     .preset = 0x02'00'00'00'00'01,
     .doc = "hardware address"},
    {.name = "cookie",
     .bit_offset = 1888,
     .bits = 32,
     .preset = 0x63825363,
     .doc = "options follow (RFC 2132, 2)"},
    {.name = "message_type",
     .bits = 8,
     .preset = 1,
     .doc = "1: discover, 2: offer, 3: request, 4: decline, 5: ack, 6: nak, 7: release",
     .part = Part::kTail,
     .optional = true,
     .usual = true,
     .prefix = "\x35\x01"},
    {.name = "server_id",
     .kind = FieldKind::kIpv4,
     .bits = 32,
     .doc = "option: the server meant",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x36\x04"},
    {.name = "requested_address",
     .kind = FieldKind::kIpv4,
     .bits = 32,
     .doc = "option: the address that the client wants",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x32\x04"},
    {.name = "lease_time",
     .bits = 32,
     .doc = "option: in seconds",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x33\x04"},
    {.name = "subnet_mask",
     .kind = FieldKind::kIpv4,
     .bits = 32,
     .doc = "option",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x01\x04"},
    {.name = "router",
     .kind = FieldKind::kIpv4,
     .bits = 32,
     .doc = "option",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x03\x04"},
    {.name = "dns_server",
     .kind = FieldKind::kIpv4,
     .bits = 32,
     .doc = "option",
     .part = Part::kTail,
     .optional = true,
     .prefix = "\x06\x04"},
    {.name = "host_name",
     .kind = FieldKind::kText,
     .doc = "option: the client's",
     .optional = true,
     .prefix = "\x0c",
     .own_length = 1},
    {.name = "parameter_list",
     .kind = FieldKind::kBytes,
     .doc = "option: numbers of the options wanted",
     .optional = true,
     .prefix = "\x37",
     .own_length = 1},
    {.name = "end",
     .kind = FieldKind::kMark,
     .doc = "ends the options",
     .optional = true,
     .usual = true,
     .prefix = "\xff"},
};

constexpr Place kPlaces[] = {{Space::kUdpPort, 67}, {Space::kUdpPort, 68}};

constexpr std::string_view kTypes[] = {"BOOTP", "Discover", "Offer",   "Request", "Decline",
                                       "ACK",   "NAK",      "Release", "Inform"};

std::string Info(std::span<const uint8_t> bytes) {
  const uint64_t type = FieldNumber(kSpec, "message_type", bytes);
  return absl::StrFormat("DHCP %-8s - Transaction ID 0x%x", kTypes[type < 9 ? type : 0],
                         Get32(bytes.data() + 4));
}

bool Matches(std::span<const uint8_t> bytes) {
  return (bytes[0] == 1 || bytes[0] == 2) && Get32(bytes.data() + 236) == 0x63825363;
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "dhcp",
    .title = "DHCP",
    .doc = "Dynamic Host Configuration Protocol for IPv4; replies go to port 68",
    .source = "RFC 2131, 2; RFC 2132",
    .fields = kFields,
    .fixed_bytes = 240,
    .follows = kPlaces,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::dhcp
