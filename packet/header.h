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
  kBytes,  // written as pairs of hex digits
  kText,   // written as it is
  kName,   // a domain name, as labels (RFC 1035, 3.1)
  kMark,   // nothing but being there (TCP's "SACK permitted"); written as 1
  kShort,  // 16-bit address of a radio network
  kEui64,  // its 64-bit one
  kKey,    // a secret that seals the frame
};

// Fields that the encoder fills in itself unless the user gives a value. kHeaderLength:
// (bytes − less) / unit, of the whole header or of its field `of`.
enum class Derived : uint8_t { kNo, kLength, kHeaderLength, kNext, kChecksum, kPadding };

// On what the presence of a field hangs: the bits `mask` of the header's byte `byte` must have one
// of `values` (none listed: not be all 0). mask 0: the field is always there. Giving such a field
// sets these bits to `sets` (0: the first of `values`, or `mask`).
struct When {
  uint8_t byte = 0;
  uint8_t mask = 0;
  std::string_view values = {};
  uint8_t sets = 0;
};

// The parts of a header: a fixed part, in which each field stands at its bit_offset; a tail, whose
// fields follow one another in the order of the table as far as they are present; and a trailer
// behind the payload (ESP). kOutside: what is needed to make the frame but stands nowhere in it.
enum class Part : uint8_t { kFixed, kTail, kTrailer, kOutside };

struct FieldSpec {
  std::string_view name;  // the Open Traffic Generator model's name where it has the field
  FieldKind kind = FieldKind::kUint;
  uint16_t bit_offset = 0;  // kFixed: from the header's first bit, network order
  uint16_t bits = 0;        // 0: of variable length, always in the tail; of kIpv4 and kIpv6 a list
  Derived derived = Derived::kNo;
  uint64_t preset = 0;  // default value; a kNext field has it when no header follows
  std::string_view doc = {};
  std::string_view letters = {};  // kFlags: one letter a bit, lowest bit first ("FSRPAUEC")
  uint64_t preset_high = 0;       // kIpv6, kKey: the upper 64 bits of the default
  Part part = Part::kFixed;
  When when = {};                      // of fields behind the fixed part
  bool optional = false;               // only there when given; found again by its prefix
  bool usual = false;                  // of optional ones: there even when not given
  bool with_payload = false;           // of optional ones: there when something follows the header
  bool with_previous = false;          // there when the field before it in the table is
  std::string_view prefix = {};        // constant bytes before the value (an option's head)
  uint8_t own_length = 0;              // bytes before a variable value that hold its length …
  uint8_t length_adds = 0;             // … plus this
  bool nibble_length = false;          // its length is in the lower half of its prefix's last byte
  std::string_view suffix = {};        // constant bytes that end a variable value ("\r\n")
  std::string_view preset_bytes = {};  // the default of a variable value
  bool little_endian = false;          // whole bytes, the lowest first
  std::string_view of = {};            // kHeaderLength: the field that is measured
  uint8_t unit = 4;                    // kHeaderLength
  uint8_t less = 0;                    // kHeaderLength

  bool variable() const { return bits == 0; }
  bool tail() const { return part == Part::kTail || (variable() && part == Part::kFixed); }
};

// Number spaces in which a header names what follows it.
enum class Space : uint8_t {
  kNone,
  kLink,
  kEtherType,
  kIpProtocol,
  kUdpPort,
  kTcpPort,
  kMpls,  // first nibble of the payload << 1 | bottom of stack
  kPpp,
  kSap,            // IEEE 802.2 service access points
  kSctpChunk,      // chunk types
  kFrame,          // of tunnels that carry one kind of frame: 1 Ethernet, 2 PPP
  kGtp,            // first nibble of a G-PDU's payload
  kZep,            // 0: the radio frame in a ZEP packet
  kIeee802154,     // 0: what a data frame carries
  kZigbeeFrame,    // frame types of the network layer
  kZigbeeCommand,  // commands of the network layer
  kZigbeeAps,      // 0: what a data frame of the application sublayer carries
};

// The id in kEtherType of what follows a length instead of a type (IEEE 802.3, 3.2.6).
inline constexpr uint32_t kByLength = 0x10000;

// How predecessors name a header: its id in one of these spaces; of an id as wide as its field
// does not fit the lowest bits are written.
struct Place {
  Space space = Space::kNone;
  uint32_t id = 0;
};

enum class LengthForm : uint8_t {
  kBinary,   // big-endian, 1 to 4 bytes
  kVarint,   // 7 bits a byte, least first, 0x80: more follow (MQTT 5.0, 1.5.5)
  kDecimal,  // digits, as many as the longest frame needs (Content-Length, RFC 9110, 8.6)
};

// field = bytes from the header's start + skip (or from another point) to the end of its datagram.
// Fields whose width varies (kVarint, kDecimal) count from their own end, or the header's.
struct LengthRule {
  std::string_view field;
  bool after_header = false;  // count from the end of the header (IPv6 payload length)
  bool after_field = false;   // count from the end of the field itself
  uint8_t skip = 0;
  LengthForm form = LengthForm::kBinary;
};

enum class Covers : uint8_t { kHeader, kHeaderAndRest, kPseudoHeaderAndRest };

enum class SumKind : uint8_t {
  kInternet,  // RFC 1071, 16 bits
  kCrc32c,    // RFC 9260, appendix A: 32 bits, least byte first
};

// zero_as_ones: a result of 0 is sent as 0xffff (RFC 768).
struct ChecksumRule {
  std::string_view field;
  Covers covers = Covers::kHeader;
  bool zero_as_ones = false;
  SumKind kind = SumKind::kInternet;
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
  // The only predecessors allowed, joined by blanks, where the ids alone would allow more (ICMPv6
  // over IPv4); empty: any.
  std::string_view only_after = {};
  Space selects = Space::kNone;  // the space of this header's own kNext field
  bool carries_payload = true;   // bytes may follow without a further header
  uint16_t shortest_frame = 0;   // of links: shorter frames are padded to it; without FCS
  std::span<const LengthRule> lengths = {};
  std::span<const ChecksumRule> checksums = {};
  SealKind seal = SealKind::kNone;  // of its trailer
  // One-line text for people ("53 → 40001 Len=12"). `bytes` begin at the header (at least its
  // fixed part is there) and go on to the end of its payload.
  std::string (*info)(std::span<const uint8_t> bytes) = nullptr;
  bool info_from_previous = false;  // `info` takes the bytes from the header before this one on
  // Whether what follows the header at `bytes` is something else than its kNext field says
  // (the rest of a fragmented datagram).
  bool (*opaque)(std::span<const uint8_t> bytes) = nullptr;
  // Whether `bytes` may begin with this header, where the number alone does not tell (several
  // headers of one number, ports that anybody may use).
  bool (*matches)(std::span<const uint8_t> bytes) = nullptr;
  // The id in `selects` of what follows, where no kNext field says it by itself; kNothing: payload.
  uint32_t (*next)(std::span<const uint8_t> bytes) = nullptr;
  static constexpr uint32_t kNothing = ~uint32_t{0};
  std::string_view also_selects = {};  // the field that is asked next (a UDP source port)
  uint8_t align = 0;                   // the payload is padded to a multiple of it; see LengthRule
  bool pads_with_options = false;  // the header's own padding is PadN (RFC 8200, 4.2), not zeros
  // Bytes at the end of `bytes` that are this header's trailer and padding.
  size_t (*trailer)(std::span<const uint8_t> bytes) = nullptr;
  // The list of addresses whose first one is the final destination (RFC 8200, 8.1).
  std::string_view final_destination = {};

  const FieldSpec* Find(std::string_view field) const;
  const LengthRule* LengthOf(const FieldSpec& field) const;
  const FieldSpec* First(Derived derived) const;
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
