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
      break;
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

uint64_t Number(const FieldSpec& field, const uint8_t* header) {
  return GetBits(header, field.bit_offset, field.bits);
}

const FieldSpec* FindDerived(const HeaderSpec& spec, Derived derived) {
  const auto it = std::ranges::find(spec.fields, derived, &FieldSpec::derived);
  return it == spec.fields.end() ? nullptr : &*it;
}

// Bytes of the header at `header`, options included; 0 when it is not wholly there.
size_t HeaderBytes(const HeaderSpec& spec, std::span<const uint8_t> header) {
  if (header.size() < spec.fixed_bytes) return 0;
  const FieldSpec* words = FindDerived(spec, Derived::kHeaderLength);
  if (words == nullptr) return spec.fixed_bytes;
  const size_t bytes = Number(*words, header.data()) * 4;
  return bytes < spec.fixed_bytes || bytes > header.size() ? 0 : bytes;
}

// Where the datagram of the header at `offset` ends: its length field says so where it is
// plausible. 0 stands in captures taken before segmentation offload; only in a padded frame is it
// an empty IPv6 packet.
size_t EndOf(const Layer& layer, const uint8_t* data, size_t end, bool padded) {
  const size_t header_end = size_t{layer.offset} + layer.bytes;
  for (const LengthRule& rule : layer.spec->lengths) {
    const size_t length = Number(*layer.spec->Find(rule.field), data + layer.offset);
    const size_t stop = (rule.after_header ? header_end : layer.offset) + length;
    if ((length != 0 || padded) && stop >= header_end) end = std::min(end, stop);
  }
  return layer.spec->carries_payload ? end : header_end;
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
    const FieldSpec* next = FindDerived(*spec, Derived::kNext);
    if (next == nullptr || (spec->opaque != nullptr && spec->opaque(rest))) break;
    spec = FindById(spec, spec->selects, static_cast<uint32_t>(Number(*next, rest.data())));
  }
  result.payload_offset = static_cast<uint32_t>(offset);
  result.payload_bytes = static_cast<uint32_t>(end - offset);
  return result;
}

}  // namespace spate::packet
