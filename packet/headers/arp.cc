#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "packet/addresses.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::arp {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "hardware_type", .bit_offset = 0, .bits = 16, .preset = 1, .doc = "1: Ethernet"},
    {.name = "protocol_type",
     .bit_offset = 16,
     .bits = 16,
     .preset = 0x0800,
     .doc = "0x0800: IPv4"},
    {.name = "hardware_length",
     .bit_offset = 32,
     .bits = 8,
     .preset = 6,
     .doc = "bytes of a hardware address"},
    {.name = "protocol_length",
     .bit_offset = 40,
     .bits = 8,
     .preset = 4,
     .doc = "bytes of a protocol address"},
    {.name = "operation", .bit_offset = 48, .bits = 16, .preset = 1, .doc = "1: request, 2: reply"},
    {.name = "sender_hardware_addr",
     .kind = FieldKind::kMac,
     .bit_offset = 64,
     .bits = 48,
     .preset = 0x02'00'00'00'00'01,
     .doc = "MAC address of the sender"},
    {.name = "sender_protocol_addr",
     .kind = FieldKind::kIpv4,
     .bit_offset = 112,
     .bits = 32,
     .preset = 0xc6'12'00'01,
     .doc = "IPv4 address of the sender"},
    {.name = "target_hardware_addr",
     .kind = FieldKind::kMac,
     .bit_offset = 144,
     .bits = 48,
     .doc = "MAC address of the target; zero in a request"},
    {.name = "target_protocol_addr",
     .kind = FieldKind::kIpv4,
     .bit_offset = 192,
     .bits = 32,
     .preset = 0xc6'12'00'02,
     .doc = "IPv4 address of the target"},
};

constexpr Place kPlaces[] = {{Space::kEtherType, 0x0806}};

std::string Info(std::span<const uint8_t> bytes) {
  const uint16_t operation = Get16(bytes.data() + 6);
  const std::string sender = FormatIpv4(bytes.data() + 14);
  const std::string target = FormatIpv4(bytes.data() + 24);
  if (operation == 1 && sender == target) return absl::StrCat("ARP Announcement for ", sender);
  if (operation == 1) return absl::StrCat("Who has ", target, "? Tell ", sender);
  if (operation == 2) return absl::StrCat(sender, " is at ", FormatMac(bytes.data() + 8));
  return absl::StrFormat("ARP operation %d", operation);
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "arp",
    .title = "ARP",
    .doc = "Address Resolution Protocol for IPv4 over Ethernet",
    .source = "RFC 826",
    .fields = kFields,
    .fixed_bytes = 28,
    .follows = kPlaces,
    .carries_payload = false,
    .info = Info,
};

}  // namespace spate::packet::arp
