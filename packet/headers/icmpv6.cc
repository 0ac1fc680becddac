#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "packet/addresses.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "type",
     .bit_offset = 0,
     .bits = 8,
     .preset = 128,
     .doc = "128: echo request, 129: reply, 135: neighbour solicitation, 136: advertisement"},
    {.name = "code", .bit_offset = 8, .bits = 8, .doc = "0 in most messages"},
    {.name = "checksum",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "of the whole message and a pseudo-header"},
    {.name = "rest",
     .bit_offset = 32,
     .bits = 32,
     .doc = "by type: identifier and sequence number of echoes, flags of neighbour discovery; what "
            "follows is payload (the target address of neighbour discovery)"},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 58}};
constexpr ChecksumRule kChecksums[] = {
    {.field = "checksum", .covers = Covers::kPseudoHeaderAndRest}};

constexpr struct {
  uint8_t type;
  std::string_view text;
} kTypes[] = {
    {1, "Destination Unreachable"},
    {2, "Packet Too Big"},
    {3, "Time Exceeded"},
    {4, "Parameter Problem"},
    {130, "Multicast Listener Query"},
    {131, "Multicast Listener Report"},
    {133, "Router Solicitation"},
    {134, "Router Advertisement"},
    {143, "Multicast Listener Report Message v2"},
};

std::string Info(std::span<const uint8_t> bytes) {
  const uint8_t type = bytes[0];
  if (type == 128 || type == 129) {
    return absl::StrFormat("Echo (ping) %s id=0x%04x, seq=%d", type == 128 ? "request" : "reply",
                           Get16(bytes.data() + 4), Get16(bytes.data() + 6));
  }
  if ((type == 135 || type == 136) && bytes.size() >= 24) {
    return absl::StrCat(type == 135 ? "Neighbor Solicitation for " : "Neighbor Advertisement ",
                        FormatIpv6(bytes.data() + 8));
  }
  for (const auto& known : kTypes) {
    if (known.type == type) return std::string(known.text);
  }
  return absl::StrFormat("Type %d code %d", type, bytes[1]);
}

}  // namespace

extern constinit const HeaderSpec kIcmpv6{
    .name = "icmpv6",
    .title = "ICMPv6",
    .doc = "Internet Control Message Protocol for IPv6",
    .source = "RFC 4443",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .only_after = "ipv6",
    .checksums = kChecksums,
    .info = Info,
};

}  // namespace spate::packet
