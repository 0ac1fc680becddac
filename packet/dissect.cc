#include <algorithm>
#include <optional>

#include "packet/bits.h"
#include "packet/frame.h"
#include "packet/layout.h"

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
constexpr uint32_t kLeastEtherType = 1536;  // below: lengths (IEEE 802.3, 3.2.6)
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

const HeaderSpec* FindById(const HeaderSpec* previous, Space space, uint32_t id,
                           std::span<const uint8_t> rest) {
  for (const HeaderSpec* header : Headers()) {
    if (previous != nullptr && !MayFollow(previous, *header)) continue;
    for (const Place& place : header->follows) {
      if (place.space != space || place.id != id) continue;
      if (rest.size() < header->fixed_bytes) continue;
      if (header->matches == nullptr || (!rest.empty() && header->matches(rest))) return header;
    }
  }
  return nullptr;
}

uint64_t NumberAt(const FieldSpec& field, const uint8_t* header) {
  return GetBits(header, field.bit_offset, field.bits);
}

// What stands at `rest` behind the header `spec` at `header`.
const HeaderSpec* NextOf(const HeaderSpec& spec, std::span<const uint8_t> header,
                         std::span<const uint8_t> rest) {
  if (spec.selects == Space::kNone) return nullptr;
  if (spec.next != nullptr) return FindById(&spec, spec.selects, spec.next(header), rest);
  const FieldSpec* next = spec.First(Derived::kNext);
  if (next == nullptr || (spec.opaque != nullptr && spec.opaque(header))) return nullptr;
  auto id = static_cast<uint32_t>(FieldNumber(spec, next->name, header));
  if (spec.selects == Space::kEtherType && id < kLeastEtherType) id = kByLength;
  const HeaderSpec* found = FindById(&spec, spec.selects, id, rest);
  if (found != nullptr || spec.also_selects.empty()) return found;
  const FieldSpec* also = spec.Find(spec.also_selects);
  return FindById(&spec, spec.selects, static_cast<uint32_t>(NumberAt(*also, header.data())), rest);
}

// Where the datagram of the header at `offset` ends: its length field says so where it is
// plausible. 0 stands in captures taken before segmentation offload; only in a padded frame is it
// an empty IPv6 packet.
size_t EndOf(const Layer& layer, const Layout& layout, const uint8_t* data, size_t end,
             bool padded) {
  const size_t header_end = size_t{layer.offset} + layer.bytes;
  for (const LengthRule& rule : layer.spec->lengths) {
    const auto place = layout.PlaceOf(*layer.spec->Find(rule.field));
    if (rule.form != LengthForm::kBinary || !place) continue;
    const size_t length = GetBits(data + layer.offset, place->bit, place->bits);
    const size_t stop = layer.offset + LengthStart(*layer.spec, rule, layout) + length;
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
  const HeaderSpec* spec =
      FindById(nullptr, start->space, start->id, {data + offset, size - offset});
  while (spec != nullptr && offset <= kMaxFrameBytes) {
    const std::span<const uint8_t> rest(data + offset, end - offset);
    const std::optional<Layout> layout = Parse(*spec, rest);
    if (!layout || layout->bytes > kMaxFrameBytes) break;
    Layer layer{spec, static_cast<uint16_t>(offset), static_cast<uint16_t>(layout->bytes), 0};
    const HeaderSpec* link_header = result.layers.empty() ? spec : result.layers.front().spec;
    const bool padded = size <= link_header->shortest_frame;
    end = EndOf(layer, *layout, data, end, padded);
    layer.end = static_cast<uint32_t>(end);
    result.layers.push_back(layer);
    offset += layout->bytes;
    const std::span<const uint8_t> datagram = rest.first(end - layer.offset);
    if (spec->trailer != nullptr) end -= std::min(end - offset, spec->trailer(datagram));
    const HeaderSpec* next = NextOf(*spec, datagram, {data + offset, end - offset});
    // IEEE 802.3: the type field was the length of what follows.
    const Place* place = next != nullptr ? next->In(spec->selects) : nullptr;
    if (place != nullptr && place->id == kByLength) {
      const FieldSpec* length = spec->First(Derived::kNext);
      end = std::min<size_t>(end, offset + NumberAt(*length, data + layer.offset));
    }
    spec = next;
  }
  result.payload_offset = static_cast<uint32_t>(offset);
  result.payload_bytes = static_cast<uint32_t>(end - offset);
  return result;
}

std::vector<uint8_t> Unseal(const uint8_t* data, size_t size, LinkType link,
                            std::span<const Key> keys) {
  std::vector<uint8_t> frame(data, data + size);
  const Dissection found = Dissect(data, size, link);
  // What is sealed hides the headers behind it, so it is the last one.
  if (found.layers.empty() || found.layers.back().spec->seal != SealKind::kCcmMic) return frame;
  const Layer& last = found.layers.back();
  if (last.end - found.payload_offset - found.payload_bytes != kCcmMicBytes) return frame;
  Seal seal{.kind = SealKind::kCcmMic,
            .begin = last.offset,
            .clear_end = static_cast<uint16_t>(last.offset + last.bytes),
            .behind = static_cast<uint16_t>(std::min<size_t>(size - last.end, UINT16_MAX))};
  for (const Key& key : keys) {
    seal.key = key;
    const auto sealer = Sealer::Create(seal);
    if (sealer.ok() && sealer->Open(frame.data(), size)) break;
  }
  return frame;
}

}  // namespace spate::packet
