#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::gre {
namespace {

constexpr When kChecksumPresent = {.byte = 0, .mask = 0x80};
constexpr When kKeyPresent = {.byte = 0, .mask = 0x20};
constexpr When kSequencePresent = {.byte = 0, .mask = 0x10};

constexpr FieldSpec kFields[] = {
    {.name = "checksum_present", .bit_offset = 0, .bits = 1, .doc = "set by giving `checksum`"},
    {.name = "routing_present", .bit_offset = 1, .bits = 1, .doc = "0"},
    {.name = "key_present", .bit_offset = 2, .bits = 1, .doc = "set by giving `key`"},
    {.name = "sequence_present",
     .bit_offset = 3,
     .bits = 1,
     .doc = "set by giving `sequence_number`"},
    {.name = "reserved0", .bit_offset = 4, .bits = 9, .doc = "0"},
    {.name = "version", .bit_offset = 13, .bits = 3, .doc = "0"},
    {.name = "protocol",
     .bit_offset = 16,
     .bits = 16,
     .derived = Derived::kNext,
     .preset = 0x88b5,
     .doc = "ether type of what follows; 0x6558 for Ethernet frames"},
    {.name = "checksum",
     .bits = 16,
     .derived = Derived::kChecksum,
     .doc = "of the header and all that follows",
     .part = Part::kTail,
     .when = kChecksumPresent},
    {.name = "reserved1",
     .bits = 16,
     .doc = "0; with the checksum",
     .part = Part::kTail,
     .when = kChecksumPresent},
    {.name = "key",
     .bits = 32,
     .doc = "tells tunnels apart (RFC 2890)",
     .part = Part::kTail,
     .when = kKeyPresent},
    {.name = "sequence_number",
     .bits = 32,
     .doc = "counts packets (RFC 2890)",
     .part = Part::kTail,
     .when = kSequencePresent},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 47}};
constexpr ChecksumRule kChecksums[] = {{.field = "checksum", .covers = Covers::kHeaderAndRest}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("Encapsulated 0x%04x", Get16(bytes.data() + 2));
}

bool Opaque(std::span<const uint8_t> bytes) { return (bytes[0] & 0x40) != 0; }

bool Matches(std::span<const uint8_t> bytes) { return (bytes[1] & 7) == 0; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "gre",
    .title = "GRE",
    .doc = "Generic Routing Encapsulation with checksum, key and sequence number as given",
    .source = "RFC 2784, RFC 2890",
    .fields = kFields,
    .fixed_bytes = 4,
    .follows = kPlaces,
    .selects = Space::kEtherType,
    .checksums = kChecksums,
    .info = Info,
    .opaque = Opaque,
    .matches = Matches,
};

}  // namespace spate::packet::gre
