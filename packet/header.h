// What a protocol header is to spate: a table of fields plus the rules by which lengths,
// next-protocol ids and checksums follow from the stack it stands in. One header = one file in
// packet/headers/ and one line in packet/headers/table.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace spate::packet {

enum class FieldKind : uint8_t { kUint, kMac, kIpv4, kIpv6, kFlags, kBytes };

// Fields that the encoder fills in itself unless the user gives a value.
// kHeaderLength counts 32-bit words.
enum class Derived : uint8_t { kNo, kLength, kHeaderLength, kNext, kChecksum };

struct FieldSpec {
  std::string_view name;  // the Open Traffic Generator model's name where it has the field
  FieldKind kind = FieldKind::kUint;
  uint16_t bit_offset = 0;  // from the header's first bit, network order
  uint16_t bits = 0;        // 0: variable-length bytes after the fixed part (`options`)
  Derived derived = Derived::kNo;
  uint64_t preset = 0;  // default value; a kNext field has it when no header follows
  std::string_view doc = {};
  std::string_view letters = {};  // kFlags: one letter a bit, lowest bit first ("FSRPAUEC")
  uint64_t preset_high = 0;       // kIpv6: the upper 64 bits of the default
};

// Number spaces in which a header names what follows it.
enum class Space : uint8_t { kNone, kLink, kEtherType, kIpProtocol };

// How predecessors name a header: its id in one of these spaces.
struct Place {
  Space space = Space::kNone;
  uint32_t id = 0;
};

// field = bytes from the header's start (or end) to the end of the frame.
struct LengthRule {
  std::string_view field;
  bool after_header = false;  // count from the end of the header (IPv6 payload length)
};

enum class Covers : uint8_t { kHeader, kHeaderAndRest, kPseudoHeaderAndRest };

// Internet checksum (RFC 1071). zero_as_ones: a result of 0 is sent as 0xffff (RFC 768).
struct ChecksumRule {
  std::string_view field;
  Covers covers = Covers::kHeader;
  bool zero_as_ones = false;
};

struct HeaderSpec {
  std::string_view name;   // as written in templates: "ipv4"
  std::string_view title;  // as people write it: "IPv4"
  std::string_view doc;
  std::string_view source;  // "RFC 791"
  std::span<const FieldSpec> fields;
  uint16_t fixed_bytes = 0;
  // Where it may stand. Of several ids in one space the first is written, all are recognised.
  std::span<const Place> follows;
  // The one predecessor allowed, where the ids alone would allow more (ICMPv6 over IPv4); empty:
  // any.
  std::string_view only_after = {};
  Space selects = Space::kNone;  // the space of this header's own kNext field
  bool carries_payload = true;   // bytes may follow without a further header
  uint16_t shortest_frame = 0;   // of links: shorter frames are padded to it; without FCS
  std::span<const LengthRule> lengths = {};
  std::span<const ChecksumRule> checksums = {};
  // One-line text for people ("53 → 40001 Len=12"). `bytes` begin at the header (at least its
  // fixed part is there) and go on to the end of its payload.
  std::string (*info)(std::span<const uint8_t> bytes) = nullptr;
  // Whether what follows the header at `bytes` is something else than its kNext field says
  // (the rest of a fragmented datagram).
  bool (*opaque)(std::span<const uint8_t> bytes) = nullptr;

  const FieldSpec* Find(std::string_view field) const;
  // The id by which a predecessor names this header in `space`; nullptr where it can't.
  const Place* In(Space space) const;
};

// All headers, in the order of the table.
std::span<const HeaderSpec* const> Headers();
// nullptr when there is no such header.
const HeaderSpec* FindHeader(std::string_view name);
// Whether `next` may stand directly after `previous` (nullptr: may `next` begin a frame).
bool MayFollow(const HeaderSpec* previous, const HeaderSpec& next);

}  // namespace spate::packet
