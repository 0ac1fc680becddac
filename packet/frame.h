// Encoding: a stack of headers and a payload become the bytes of one frame, plus the places that
// must be kept right when single fields or the size change later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/units.h"
#include "packet/header.h"
#include "packet/seal.h"

namespace spate::packet {

// A field's bytes in network order: ceil(bits / 8) of them, the value right-aligned; for
// fields of variable length any number. No bytes for a checksum: a wrong one ("bad").
struct FieldValue {
  const FieldSpec* field = nullptr;
  std::vector<uint8_t> bytes;
};

struct HeaderValues {
  const HeaderSpec* spec = nullptr;
  std::vector<FieldValue> fields;  // those given; the others take preset or derived values
};

// Where a length stands: a field of `bytes` bytes at `offset` that holds frame bytes - `from`.
struct LengthSite {
  uint16_t offset = 0;
  uint16_t from = 0;
  uint8_t bytes = 2;
  LengthForm form = LengthForm::kBinary;
};

// Where a checksum stands and what it sums: [begin, end) of the frame (end 0: to the frame's
// end) and, for a pseudo-header, the addresses [pseudo_begin, pseudo_end) and, where the final
// destination stands in a routing header, [final_begin, final_end), the upper-layer length (frame
// bytes - begin) and the protocol number. kCrc32c: no pseudo-header, 4 bytes.
struct ChecksumSite {
  uint16_t offset = 0;
  uint16_t begin = 0;
  uint16_t end = 0;
  uint16_t pseudo_begin = 0;
  uint16_t pseudo_end = 0;
  uint16_t final_begin = 0;
  uint16_t final_end = 0;
  uint16_t protocol = 0;
  uint16_t bias = 0;  // added to the sum to make a checksum wrong on purpose
  bool zero_as_ones = false;
  SumKind kind = SumKind::kInternet;

  uint16_t bytes() const { return kind == SumKind::kCrc32c ? 4 : 2; }
};

// Longest frame that Encode makes: what 16-bit length fields and offsets can say.
inline constexpr uint32_t kMaxFrameBytes = 65535;

struct Frame {
  std::vector<uint8_t> bytes;            // without FCS
  std::vector<uint16_t> header_offsets;  // one per header
  uint16_t payload_offset = 0;
  uint16_t data_end = 0;                // end of the payload; link padding follows, which is in
                                        // no length or sum: "frame bytes" above end here
  uint16_t trailer_bytes = 0;           // between payload and data_end
  std::vector<LengthSite> lengths;      // outermost first
  std::vector<ChecksumSite> checksums;  // innermost first: an outer sum covers inner sums
  std::vector<Seal> seals;              // innermost first
  std::vector<uint8_t> clear;           // with seals: `bytes` before the first was applied

  // Whether the payload may be cut without encoding anew: seals are made wherever the frame ends,
  // other trailers (ESP's) are not.
  bool resizable() const { return trailer_bytes == SealBytes(seals); }
};

// The unfolded sum (packet/checksum.h) of all that `site` covers in the frame `bytes` (up to its
// data_end), the checksum field counted as zero. kInternet only.
uint64_t SumSite(std::span<const uint8_t> bytes, const ChecksumSite& site);

// Sets the checksum at `site` to what it must be in the frame `bytes` (up to its data_end).
void SetChecksum(std::span<uint8_t> bytes, const ChecksumSite& site);

// Writes `value` in the form of `site` at `at`; leading zeros fill it up.
void PutLength(uint8_t* at, const LengthSite& site, uint32_t value);

// Encodes `stack` + `payload`. `size` is the frame's length without FCS: the payload is cut or
// extended with zeros to it; 0 = as long as stack and payload are. Lengths, next-protocol ids
// and checksums not given in `stack` are derived and correct. Frames shorter than the link's
// minimum (60 bytes on Ethernet) are padded with zeros after the innermost datagram, outside its
// lengths.
// Errors: a header that cannot follow its predecessor, a size below the headers' own, a value
// wider than its field; the message names header and field.
absl::StatusOr<Frame> Encode(const std::vector<HeaderValues>& stack,
                             const std::vector<uint8_t>& payload, uint32_t size);

// Bytes of all headers and trailers of `stack` in a frame of `size` bytes without FCS (0: with
// `payload_bytes` of payload). Errors as Encode's.
absl::StatusOr<uint32_t> HeaderBytes(const std::vector<HeaderValues>& stack, size_t payload_bytes,
                                     uint32_t size);

// The first bit of the value of `field` of header number `index` of `stack` in its frame; nullopt
// where it is not present, stands behind the payload or has no fixed width.
std::optional<uint32_t> FieldBit(const std::vector<HeaderValues>& stack, size_t index,
                                 const FieldSpec& field, const Frame& frame);

// Parses `text` ("02:00:00:00:00:01", "198.18.0.1", "2001:2::1", "0x800", "80", "SA" …) as a value
// of `field`; bytes as in FieldValue. The error is what was
// expected ("a number from 0 to 7").
absl::StatusOr<std::vector<uint8_t>> ParseField(const FieldSpec& field, std::string_view text);
std::string FormatField(const FieldSpec& field, const std::vector<uint8_t>& bytes);

// The value of `field` in the header whose bytes are `header` (options included); as in FieldValue.
// Empty where the field is not present in them.
std::vector<uint8_t> ReadField(const HeaderSpec& spec, const FieldSpec& field,
                               std::span<const uint8_t> header);

// What `spate show` prints of a packet: LLM-NTG's columns.
struct Summary {
  std::string source, destination, protocol, info;
};

// Link types as in capture files (pcap-linktype(7)). Frames of kIeee802154 end with their FCS.
enum class LinkType : uint16_t {
  kNull = 0,
  kEthernet = 1,
  kRawIp = 101,
  kLinuxSll = 113,
  kIeee802154 = 195,
};

// As people know it: "Ethernet", "IEEE 802.15.4".
std::string LinkName(LinkType link);

// Bytes that a frame has on its medium beyond those that ports are handed: the check sequence (part
// of a frame's size), and around it what counts as layer 1: preamble, delimiter, gap or length.
struct Framing {
  uint32_t fcs_bytes = kFcsBytes;
  uint32_t l1_bytes = kL1OverheadBytes;
};
// IEEE 802.15.4-2020, 12.1: preamble 4, delimiter 1, length 1; the FCS is in the frames themselves.
constexpr Framing FramingOf(LinkType link) {
  return link == LinkType::kIeee802154 ? Framing{0, 6} : Framing{};
}

// Decodes what spate writes (and most of what captures hold); total on any bytes. `keys` open
// sealed frames.
Summary Summarize(const uint8_t* data, size_t size, LinkType link, std::span<const Key> keys = {});

// One layer found by Dissect: which header, where.
struct Layer {
  const HeaderSpec* spec = nullptr;
  uint16_t offset = 0;
  uint16_t bytes = 0;
  uint32_t end = 0;  // of its datagram, its trailer included
};
// The headers of a frame, outermost first, as far as spate knows them; stops at the first
// unknown or truncated header. Payload = what is left after the last layer, bounded by the
// innermost length field (link padding is not payload).
struct Dissection {
  std::vector<Layer> layers;
  uint32_t payload_offset = 0;
  uint32_t payload_bytes = 0;
};
Dissection Dissect(const uint8_t* data, size_t size, LinkType link);

// Opens what is sealed in a copy of the frame with the first of `keys` that fits; the copy then
// dissects to its end. Frames that are not sealed, or by other keys, come back as they are.
std::vector<uint8_t> Unseal(const uint8_t* data, size_t size, LinkType link,
                            std::span<const Key> keys);

// Whether all Internet checksums of the frame's headers are right; the error names header, offset,
// found and expected. A UDP checksum of 0 over IPv4 is none (RFC 768) and right; so are the sums of
// datagrams that are not wholly in the frame (fragments, cut captures). Frame check sequences of
// IEEE 802.15.4 are checked too.
absl::Status VerifyChecksums(const uint8_t* data, size_t size, LinkType link);

}  // namespace spate::packet
