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

enum class FieldKind : uint8_t {
  kUint,
  kMac,
  kIpv4,
  kIpv6,
  kFlags,
  kBytes,
  kShort,  // 16-bit address of a radio network
  kEui64,  // its 64-bit one
  kKey,    // a secret that seals the frame and stands nowhere in it
};

// Fields that the encoder fills in itself unless the user gives a value.
// kHeaderLength: (bytes - less) / unit, of the whole header or of its field `of`.
enum class Derived : uint8_t { kNo, kLength, kHeaderLength, kNext, kChecksum };

// On what the presence of a field hangs: any bit of `mask` in the header's byte `byte` is set.
// mask 0: the field is always there. Giving such a field sets the bits.
struct When {
  uint8_t byte = 0;
  uint8_t mask = 0;
};

// The parts of a header: a fixed part, in which each field stands at its bit_offset; a tail, whose
// fields follow one another in the order of the table as far as they are there; and a trailer
// behind the payload.
enum class Part : uint8_t { kFixed, kTail, kTrailer };

struct FieldSpec {
  std::string_view name;  // the Open Traffic Generator model's name where it has the field
  FieldKind kind = FieldKind::kUint;
  uint16_t bit_offset = 0;  // from the header's first bit, network order
  uint16_t bits = 0;        // 0: variable-length bytes after the fixed part (`options`)
  Derived derived = Derived::kNo;
  uint64_t preset = 0;  // default value; a kNext field has it when no header follows
  std::string_view doc = {};
  std::string_view letters = {};  // kFlags: one letter a bit, lowest bit first ("FSRPAUEC")
  uint64_t preset_high = 0;       // kIpv6, kKey: the upper 64 bits of the default
  Part part = Part::kFixed;
  When when = {};              // of fields outside the fixed part
  bool little_endian = false;  // whole bytes, the lowest first
  std::string_view of = {};    // kHeaderLength: the field that is measured
  uint8_t unit = 4;            // kHeaderLength
  uint8_t less = 0;            // kHeaderLength

  bool tail() const { return part == Part::kTail || bits == 0; }
};

// Number spaces in which a header names what follows it.
enum class Space : uint8_t {
  kNone,
  kLink,
  kEtherType,
  kIpProtocol,
  kIeee802154,     // 0: what a data frame carries
  kZigbeeFrame,    // frame type of the network layer
  kZigbeeCommand,  // commands of the network layer
  kZigbeeAps,      // 0: what a data frame of the application sublayer carries
};

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

// What makes the trailer of a header when all that it covers, from the header on, is final. kFcs16:
// the frame check sequence of IEEE 802.15.4. kCcmMic: the integrity code of Zigbee's network layer,
// whose making encrypts what follows the header (packet/seal.h).
enum class SealKind : uint8_t { kNone, kFcs16, kCcmMic };

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
  // The id in `selects` of what follows, where no kNext field says it; kNothing: payload.
  uint32_t (*next)(std::span<const uint8_t> bytes) = nullptr;
  static constexpr uint32_t kNothing = ~uint32_t{0};
  bool carries_payload = true;  // bytes may follow without a further header
  uint16_t shortest_frame = 0;  // of links: shorter frames are padded to it; without FCS
  std::span<const LengthRule> lengths = {};
  std::span<const ChecksumRule> checksums = {};
  SealKind seal = SealKind::kNone;  // of its kTrailer field
  // One-line text for people ("53 → 40001 Len=12"). `bytes` begin at the header (at least its
  // fixed part is there) and go on to the end of its payload.
  std::string (*info)(std::span<const uint8_t> bytes) = nullptr;
  // `info` takes the bytes from the header before this one on.
  bool info_from_previous = false;
  // Whether what follows the header at `bytes` is something else than its kNext field says
  // (the rest of a fragmented datagram).
  bool (*opaque)(std::span<const uint8_t> bytes) = nullptr;

  const FieldSpec* Find(std::string_view field) const;
  const FieldSpec* First(Derived derived) const;
  // Where `field`, of the fixed part or the tail, begins in the header at the begin of `bytes`,
  // counted in bits; for fields that are not there, where they would.
  uint32_t BitOffset(const FieldSpec& field, std::span<const uint8_t> bytes) const;
  // Bytes of the fields of `part` that are there in the header at the begin of `bytes`; fields of
  // variable length left out.
  uint32_t PartBytes(Part part, std::span<const uint8_t> bytes) const;
  // The id by which a predecessor names this header in `space`; nullptr where it can't.
  const Place* In(Space space) const;
};

// All headers, in the order of the table.
std::span<const HeaderSpec* const> Headers();
// nullptr when there is no such header.
const HeaderSpec* FindHeader(std::string_view name);
// Whether `next` may stand directly after `previous` (nullptr: may `next` begin a frame).
bool MayFollow(const HeaderSpec* previous, const HeaderSpec& next);

// Whether a field that hangs on `when` is there in the header at the begin of `bytes`.
constexpr bool Met(const When& when, std::span<const uint8_t> bytes) {
  return when.mask == 0 || (when.byte < bytes.size() && (bytes[when.byte] & when.mask) != 0);
}

}  // namespace spate::packet
