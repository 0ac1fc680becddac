#include "absl/strings/str_format.h"
#include "base/status.h"
#include "packet/bits.h"
#include "packet/checksum.h"
#include "packet/frame.h"

namespace spate::packet {
namespace {

uint64_t NumberIn(const Layer& layer, const FieldSpec& field, const uint8_t* data) {
  const uint8_t* header = data + layer.offset;
  return GetBits(header, layer.spec->BitOffset(field, {header, layer.bytes}), field.bits);
}

// The network header whose addresses make the pseudo-header; nullptr when there is none.
const Layer* NetworkLayer(const Dissection& found, size_t index) {
  for (size_t i = index; i-- > 0;) {
    const HeaderSpec& spec = *found.layers[i].spec;
    if (spec.selects == Space::kIpProtocol && spec.Find("src") != nullptr) return &found.layers[i];
  }
  return nullptr;
}

// Whether the datagram that holds the layer at `index` is only partly in the frame.
bool Partial(const Dissection& found, size_t index, const uint8_t* data, size_t size) {
  for (size_t i = 0; i <= index; ++i) {
    const Layer& layer = found.layers[i];
    const uint8_t* header = data + layer.offset;
    for (const LengthRule& rule : layer.spec->lengths) {
      const FieldSpec* field = layer.spec->Find(rule.field);
      const size_t length = NumberIn(layer, *field, data);
      const size_t from = layer.offset + (rule.after_header ? layer.bytes : 0u);
      if (length == 0 || from + length > size) return true;
    }
    const FieldSpec* more = layer.spec->Find("more_fragments");
    if (more != nullptr && i < index && GetBits(header, more->bit_offset, 1) != 0) return true;
  }
  return false;
}

// The frame check sequence of IEEE 802.15.4, the last two bytes of its frame part.
absl::Status VerifyFcs(const Dissection& found, const uint8_t* data, size_t size) {
  size_t end = size;
  for (const Layer& layer : found.layers) {
    if (layer.spec->seal != SealKind::kFcs16 || end < layer.offset + size_t{kFcs16Bytes}) continue;
    end -= kFcs16Bytes;
    const uint16_t held = static_cast<uint16_t>(data[end] | data[end + 1] << 8);
    const uint16_t right = Fcs16(data + layer.offset, end - layer.offset);
    if (held == right) continue;
    return absl::DataLossError(absl::StrFormat(
        "the frame check sequence at byte %d is 0x%04x, expected 0x%04x", end, held, right));
  }
  return absl::OkStatus();
}

ChecksumSite SiteOf(const Dissection& found, size_t index, const ChecksumRule& rule) {
  const Layer& layer = found.layers[index];
  ChecksumSite site;
  site.offset = static_cast<uint16_t>(layer.offset + layer.spec->Find(rule.field)->bit_offset / 8);
  site.begin = layer.offset;
  if (rule.covers == Covers::kHeader) {
    site.end = static_cast<uint16_t>(layer.offset + layer.bytes);
  }
  site.zero_as_ones = rule.zero_as_ones;
  const Layer* network = NetworkLayer(found, index);
  if (rule.covers != Covers::kPseudoHeaderAndRest || network == nullptr) return site;
  const FieldSpec* src = network->spec->Find("src");
  const FieldSpec* dst = network->spec->Find("dst");
  site.pseudo_begin = static_cast<uint16_t>(network->offset + src->bit_offset / 8);
  site.pseudo_end = static_cast<uint16_t>(network->offset + (dst->bit_offset + dst->bits) / 8);
  site.protocol = static_cast<uint16_t>(layer.spec->In(Space::kIpProtocol)->id);
  return site;
}

}  // namespace

absl::Status VerifyChecksums(const uint8_t* data, size_t size, LinkType link) {
  const Dissection found = Dissect(data, size, link);
  const size_t end = found.payload_offset + size_t{found.payload_bytes};
  for (size_t i = 0; i < found.layers.size(); ++i) {
    const HeaderSpec& spec = *found.layers[i].spec;
    for (const ChecksumRule& rule : spec.checksums) {
      if (rule.covers != Covers::kHeader && Partial(found, i, data, size)) continue;
      const ChecksumSite site = SiteOf(found, i, rule);
      const uint16_t held = Get16(data + site.offset);
      if (held == 0 && rule.zero_as_ones) continue;
      const uint16_t right = FinishChecksum(SumSite({data, end}, site), site.zero_as_ones);
      if (held == right) continue;
      return absl::DataLossError(absl::StrFormat("%s.%s at byte %d is 0x%04x, expected 0x%04x",
                                                 spec.name, rule.field, site.offset, held, right));
    }
  }
  return VerifyFcs(found, data, size);
}

}  // namespace spate::packet
