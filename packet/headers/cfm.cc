#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::cfm {
namespace {

constexpr FieldSpec kFields[] = {
    {.name = "md_level", .bit_offset = 0, .bits = 3, .doc = "maintenance domain level"},
    {.name = "version", .bit_offset = 3, .bits = 5, .doc = "0"},
    {.name = "op_code", .bit_offset = 8, .bits = 8, .preset = 1, .doc = "1: continuity check"},
    {.name = "rdi", .bit_offset = 16, .bits = 1, .doc = "remote defect"},
    {.name = "reserved", .bit_offset = 17, .bits = 4, .doc = "0"},
    {.name = "interval",
     .bit_offset = 21,
     .bits = 3,
     .preset = 4,
     .doc = "between checks: 1: 3.3 ms, 2: 10 ms, 3: 100 ms, 4: 1 s, 5: 10 s, 6: 1 min, 7: 10 min"},
    {.name = "first_tlv_offset", .bit_offset = 24, .bits = 8, .preset = 70, .doc = "70"},
    {.name = "sequence_number", .bit_offset = 32, .bits = 32, .doc = "counts checks"},
    {.name = "mep_id", .bit_offset = 64, .bits = 16, .preset = 1, .doc = "maintenance end point"},
    {.name = "md_name_format",
     .bit_offset = 80,
     .bits = 8,
     .preset = 1,
     .doc = "1: no domain name"},
    {.name = "ma_name_format", .bit_offset = 88, .bits = 8, .preset = 3, .doc = "3: a number"},
    {.name = "ma_name_length", .bit_offset = 96, .bits = 8, .preset = 2, .doc = "of the name"},
    {.name = "ma_name",
     .bit_offset = 104,
     .bits = 16,
     .preset = 1,
     .doc = "maintenance association"},
    {.name = "end", .bit_offset = 592, .bits = 8, .doc = "end of the TLVs"},
};

constexpr Place kPlaces[] = {{Space::kEtherType, 0x8902}};

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("Type Continuity Check Message (CCM), Sequence Number %d, MEP %d",
                         Get32(bytes.data() + 4), Get16(bytes.data() + 8));
}

bool Matches(std::span<const uint8_t> bytes) { return bytes[1] == 1; }

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "cfm",
    .title = "CFM",
    .doc = "connectivity fault management: a continuity check message",
    .source = "IEEE 802.1Q-2022, 21.6",
    .fields = kFields,
    .fixed_bytes = 75,
    .follows = kPlaces,
    .only_after = "ethernet vlan qinq",
    .carries_payload = false,
    .info = Info,
    .matches = Matches,
};

}  // namespace spate::packet::cfm
