#include "packet/pseudo.h"

#include "packet/bits.h"

namespace spate::packet {
namespace {

// Packets on their way to a segment of a routing header are summed for the last one.
void TakeFinalDestination(const Stacked& header, std::span<const uint8_t> bytes,
                          ChecksumSite& site) {
  const FieldSpec* left = header.spec->Find("segments_left");
  const auto list = header.layout->PlaceOf(*header.spec->Find(header.spec->final_destination));
  const bool on_its_way = GetBits(bytes.data() + header.offset, left->bit_offset, left->bits) != 0;
  if (!on_its_way || !list || list->bits < 128) return;
  site.final_begin = static_cast<uint16_t>(header.offset + list->bit / 8);
  site.final_end = static_cast<uint16_t>(site.final_begin + 16);
}

void AddPseudoHeader(std::span<const Stacked> stack, size_t index, std::span<const uint8_t> bytes,
                     ChecksumSite& site) {
  for (size_t i = index; i-- > 0;) {
    const Stacked& header = stack[i];
    if (!header.spec->final_destination.empty()) TakeFinalDestination(header, bytes, site);
    const FieldSpec* src = header.spec->Find("src");
    const FieldSpec* dst = header.spec->Find("dst");
    if (header.spec->selects != Space::kIpProtocol || src == nullptr || dst == nullptr) continue;
    const unsigned end = site.final_end != 0 ? dst->bit_offset : dst->bit_offset + dst->bits;
    site.pseudo_begin = static_cast<uint16_t>(header.offset + src->bit_offset / 8u);
    site.pseudo_end = static_cast<uint16_t>(header.offset + end / 8);
    site.protocol = static_cast<uint16_t>(stack[index].spec->In(Space::kIpProtocol)->id);
    return;
  }
  site.final_begin = site.final_end = 0;
}

}  // namespace

ChecksumSite SiteOf(std::span<const Stacked> stack, size_t index, const ChecksumRule& rule,
                    std::span<const uint8_t> bytes) {
  const Stacked& header = stack[index];
  const auto place = header.layout->PlaceOf(*header.spec->Find(rule.field));
  ChecksumSite site;
  site.offset = static_cast<uint16_t>(header.offset + (place ? place->bit / 8 : 0));
  site.begin = static_cast<uint16_t>(header.offset);
  if (rule.covers == Covers::kHeader) {
    site.end = static_cast<uint16_t>(header.offset + header.layout->bytes);
  }
  site.zero_as_ones = rule.zero_as_ones;
  site.kind = rule.kind;
  if (rule.covers == Covers::kPseudoHeaderAndRest) AddPseudoHeader(stack, index, bytes, site);
  return site;
}

}  // namespace spate::packet
