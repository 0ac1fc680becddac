#include <algorithm>
#include <optional>

#include "packet/bits.h"
#include "packet/frame.h"

namespace spate::packet {
namespace {

// Where the first header is and by which number it goes.
struct Start {
  size_t offset;
  Space space;
  uint32_t id;
};

constexpr uint32_t kEtherTypeIpv4 = 0x0800;
constexpr uint32_t kEtherTypeIpv6 = 0x86dd;
constexpr size_t kNullBytes = 4;
constexpr size_t kSllBytes = 16;

// BSD loopback: the address family as a 32-bit number in the byte order of the capturing
// machine (pcap-linktype(7)); the families of IPv6 differ between systems.
std::optional<Start> NullStart(const uint8_t* data, size_t size) {
  if (size < kNullBytes) return std::nullopt;
  const uint32_t family = data[0] != 0 ? data[0] : data[3];
  if (family == 2) return Start{kNullBytes, Space::kEtherType, kEtherTypeIpv4};
  if (family == 10 || family == 24 || family == 28 || family == 30) {
    return Start{kNullBytes, Space::kEtherType, kEtherTypeIpv6};
  }
  return std::nullopt;
}

std::optional<Start> StartOf(const uint8_t* data, size_t size, LinkType link) {
  switch (link) {
    case LinkType::kEthernet:
      return Start{0, Space::kLink, 1};
    case LinkType::kNull:
      return NullStart(data, size);
    case LinkType::kRawIp:
      if (size == 0) return std::nullopt;
      return Start{0, Space::kEtherType, data[0] >> 4 == 6 ? kEtherTypeIpv6 : kEtherTypeIpv4};
    case LinkType::kLinuxSll:
      if (size < kSllBytes) return std::nullopt;
      return Start{kSllBytes, Space::kEtherType, Get16(data + 14)};
    case LinkType::kIeee802154:
      return Start{0, Space::kLink, static_cast<uint32_t>(link)};
  }
  return std::nullopt;
}

const HeaderSpec* FindById(const HeaderSpec* previous, Space space, uint32_t id) {
  for (const HeaderSpec* header : Headers()) {
    if (previous != nullptr && !MayFollow(previous, *header)) continue;
    for (const Place& place : header->follows) {
      if (place.space == space && place.id == id) return header;
    }
  }
  return nullptr;
}

uint64_t Number(const HeaderSpec& spec, const FieldSpec& field, std::span<const uint8_t> header) {
  const uint64_t value = GetBits(header.data(), spec.BitOffset(field, header), field.bits);
  return field.little_endian ? SwapBytes(value, field.bits / 8u) : value;
}

// Bytes of the header at `header`, options included; 0 when it is not wholly there.
size_t HeaderBytes(const HeaderSpec& spec, std::span<const uint8_t> header) {
  if (header.size() < spec.fixed_bytes) return 0;
  const size_t least = spec.fixed_bytes + size_t{spec.PartBytes(Part::kTail, header)};
  const FieldSpec* count = spec.First(Derived::kHeaderLength);
  if (count == nullptr) return least > header.size() ? 0 : least;
  const FieldSpec* of = spec.Find(count->of);
  const size_t begin = of == nullptr ? 0 : spec.BitOffset(*of, header) / 8;
  const size_t bytes = begin + Number(spec, *count, header) * count->unit + count->less;
  return bytes < least || bytes > header.size() ? 0 : bytes;
}

// Where the datagram of the header at `offset` ends: its length field says so where it is
// plausible. 0 stands in captures taken before segmentation offload; only in a padded frame is it
// an empty IPv6 packet.
size_t EndOf(const Layer& layer, const uint8_t* data, size_t end, bool padded) {
  const size_t header_end = size_t{layer.offset} + layer.bytes;
  for (const LengthRule& rule : layer.spec->lengths) {
    const size_t length =
        Number(*layer.spec, *layer.spec->Find(rule.field), {data + layer.offset, layer.bytes});
    const size_t stop = (rule.after_header ? header_end : layer.offset) + length;
    if ((length != 0 || padded) && stop >= header_end) end = std::min(end, stop);
  }
  const size_t trailer = layer.spec->PartBytes(Part::kTrailer, {data + layer.offset, layer.bytes});
  end = std::max(header_end, end - std::min(end, trailer));
  return layer.spec->carries_payload ? end : header_end;
}

// The header behind the one whose bytes begin `rest`; nullptr: none that is known.
const HeaderSpec* NextOf(const HeaderSpec& spec, std::span<const uint8_t> rest) {
  if (spec.opaque != nullptr && spec.opaque(rest)) return nullptr;
  if (spec.next != nullptr) return FindById(&spec, spec.selects, spec.next(rest));
  const FieldSpec* next = spec.First(Derived::kNext);
  if (next == nullptr) return nullptr;
  return FindById(&spec, spec.selects, static_cast<uint32_t>(Number(spec, *next, rest)));
}

}  // namespace

Dissection Dissect(const uint8_t* data, size_t size, LinkType link) {
  Dissection result;
  result.payload_bytes = static_cast<uint32_t>(size);
  const std::optional<Start> start = StartOf(data, size, link);
  if (!start) return result;
  size_t offset = start->offset;
  size_t end = size;
  const HeaderSpec* spec = FindById(nullptr, start->space, start->id);
  while (spec != nullptr && offset <= kMaxFrameBytes) {
    const std::span<const uint8_t> rest(data + offset, end - offset);
    const size_t bytes = HeaderBytes(*spec, rest);
    if (bytes == 0) break;
    result.layers.push_back({spec, static_cast<uint16_t>(offset), static_cast<uint16_t>(bytes)});
    const bool padded = size <= result.layers.front().spec->shortest_frame;
    end = EndOf(result.layers.back(), data, end, padded);
    offset += bytes;
    spec = NextOf(*spec, rest);
  }
  result.payload_offset = static_cast<uint32_t>(offset);
  result.payload_bytes = static_cast<uint32_t>(end - offset);
  return result;
}

std::vector<uint8_t> Unseal(const uint8_t* data, size_t size, LinkType link,
                            std::span<const Key> keys) {
  std::vector<uint8_t> frame(data, data + size);
  const Dissection found = Dissect(data, size, link);
  if (keys.empty() || found.layers.empty()) return frame;
  // What is sealed hides the headers behind it, so it is the last one.
  const Layer& last = found.layers.back();
  const bool sealed =
      last.spec->seal == SealKind::kCcmMic &&
      last.spec->PartBytes(Part::kTrailer, {data + last.offset, last.bytes}) == kCcmMicBytes;
  const size_t end = size_t{found.payload_offset} + found.payload_bytes + kCcmMicBytes;
  if (!sealed || end > size) return frame;
  Seal seal{.kind = SealKind::kCcmMic,
            .begin = last.offset,
            .clear_end = static_cast<uint16_t>(last.offset + last.bytes),
            .behind = static_cast<uint16_t>(std::min<size_t>(size - end, UINT16_MAX))};
  for (const Key& key : keys) {
    seal.key = key;
    const auto sealer = Sealer::Create(seal);
    if (sealer.ok() && sealer->Open(frame.data(), size)) break;
  }
  return frame;
}

}  // namespace spate::packet
