#include <algorithm>

#include "absl/strings/str_format.h"
#include "packet/bits.h"
#include "packet/header.h"

namespace spate::packet::esp {
namespace {

constexpr size_t kHeaderBytes = 8, kTrailerBytes = 2;

constexpr FieldSpec kFields[] = {
    {.name = "spi", .bit_offset = 0, .bits = 32, .preset = 256, .doc = "security association"},
    {.name = "sequence_number", .bit_offset = 32, .bits = 32, .preset = 1, .doc = "counts up"},
    {.name = "pad_length",
     .bits = 8,
     .derived = Derived::kPadding,
     .doc = "of the padding in front of it",
     .part = Part::kTrailer},
    {.name = "next_header",
     .bits = 8,
     .derived = Derived::kNext,
     .preset = 59,
     .doc = "behind the payload: what it is; 59: nothing",
     .part = Part::kTrailer},
    {.name = "icv",
     .kind = FieldKind::kBytes,
     .doc = "integrity check value, as given; of 0, 12 or 16 bytes it is found again",
     .part = Part::kTrailer},
};

constexpr Place kPlaces[] = {{Space::kIpProtocol, 50}};
constexpr size_t kIcvSizes[] = {0, 12, 16};

// Whether a trailer with this check value makes sense: padding counts up, and a known header
// follows.
bool Plausible(std::span<const uint8_t> bytes, size_t icv) {
  if (bytes.size() < kHeaderBytes + kTrailerBytes + icv) return false;
  const size_t end = bytes.size() - icv;
  const size_t padding = bytes[end - 2];
  if (padding + kHeaderBytes + kTrailerBytes > end) return false;
  for (size_t i = 0; i < padding; ++i) {
    if (bytes[end - kTrailerBytes - padding + i] != i + 1) return false;
  }
  constexpr uint8_t kKnown[] = {1, 4, 6, 17, 41, 47, 50, 51, 58, 59, 132};
  return std::ranges::find(kKnown, bytes[end - 1]) != std::end(kKnown);
}

const size_t* IcvOf(std::span<const uint8_t> bytes) {
  const size_t* found =
      std::ranges::find_if(kIcvSizes, [&](size_t icv) { return Plausible(bytes, icv); });
  return found == std::end(kIcvSizes) ? nullptr : found;
}

size_t TrailerBytes(std::span<const uint8_t> bytes) {
  const size_t* icv = IcvOf(bytes);
  if (icv == nullptr) return 0;
  return bytes[bytes.size() - *icv - 2] + kTrailerBytes + *icv;
}

uint32_t Next(std::span<const uint8_t> bytes) {
  const size_t* icv = IcvOf(bytes);
  return icv == nullptr ? HeaderSpec::kNothing : bytes[bytes.size() - *icv - 1];
}

std::string Info(std::span<const uint8_t> bytes) {
  return absl::StrFormat("ESP (SPI=0x%08x)", Get32(bytes.data()));
}

}  // namespace

extern constinit const HeaderSpec kSpec{
    .name = "esp",
    .title = "ESP",
    .doc =
        "IP encapsulating security payload without encryption: what it carries stands in the clear",
    .source = "RFC 4303, RFC 2410",
    .fields = kFields,
    .fixed_bytes = 8,
    .follows = kPlaces,
    .only_after =
        "ipv4 ipv6 ipv6_hop_by_hop ipv6_destination_options ipv6_routing ipv6_fragment ah",
    .selects = Space::kIpProtocol,
    .info = Info,
    .next = Next,
    .align = 4,
    .trailer = TrailerBytes,
};

}  // namespace spate::packet::esp
