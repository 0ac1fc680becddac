#include <algorithm>
#include <optional>

#include "absl/strings/str_format.h"
#include "base/status.h"
#include "packet/bits.h"
#include "packet/frame.h"
#include "packet/layout.h"
#include "packet/pseudo.h"

namespace spate::packet {
namespace {

// Whether the datagram that holds the layer at `index` is only partly in the frame.
bool Partial(const std::vector<Layer>& layers, const std::vector<Layout>& layouts, size_t index,
             std::span<const uint8_t> frame) {
  for (size_t i = 0; i <= index; ++i) {
    const Layer& layer = layers[i];
    const uint8_t* header = frame.data() + layer.offset;
    for (const LengthRule& rule : layer.spec->lengths) {
      const auto place = layouts[i].PlaceOf(*layer.spec->Find(rule.field));
      if (rule.form != LengthForm::kBinary || !place) continue;
      const size_t length = GetBits(header, place->bit, place->bits);
      const size_t from = layer.offset + LengthStart(*layer.spec, rule, layouts[i]);
      if (length == 0 || from + length > frame.size()) return true;
    }
    const FieldSpec* more = layer.spec->Find("more_fragments");
    if (more != nullptr && i < index && GetBits(header, more->bit_offset, 1) != 0) return true;
  }
  return false;
}

// Whether the checksum at `site` is right; else what it should be.
std::optional<std::string> Fault(std::span<const uint8_t> data, const ChecksumSite& site) {
  std::vector<uint8_t> right(data.begin(), data.end());
  SetChecksum(right, site);
  const std::span<const uint8_t> held = data.subspan(site.offset, site.bytes());
  const std::span<const uint8_t> wanted(right.data() + site.offset, site.bytes());
  const auto hex = [](std::span<const uint8_t> bytes) {
    std::string text = "0x";
    for (uint8_t byte : bytes) absl::StrAppendFormat(&text, "%02x", byte);
    return text;
  };
  if (std::ranges::equal(held, wanted)) return std::nullopt;
  return absl::StrFormat("at byte %d is %s, expected %s", site.offset, hex(held), hex(wanted));
}

// The frame check sequence of IEEE 802.15.4 that closes the layer's frame.
absl::Status VerifyFcs(const Layer& layer, const uint8_t* data) {
  const size_t end = layer.end - size_t{kFcs16Bytes};
  const auto held = static_cast<uint16_t>(data[end] | data[end + 1] << 8);
  const uint16_t right = Fcs16(data + layer.offset, end - layer.offset);
  if (held == right) return absl::OkStatus();
  return absl::DataLossError(absl::StrFormat("%s.fcs at byte %d is 0x%04x, expected 0x%04x",
                                             layer.spec->name, end, held, right));
}

}  // namespace

absl::Status VerifyChecksums(const uint8_t* data, size_t size, LinkType link) {
  const Dissection found = Dissect(data, size, link);
  std::vector<Layout> layouts;
  std::vector<Stacked> stack;
  layouts.reserve(found.layers.size());
  for (const Layer& layer : found.layers) {
    layouts.push_back(Parse(*layer.spec, {data + layer.offset, layer.bytes}).value_or(Layout{}));
    stack.push_back({layer.spec, layer.offset, &layouts.back()});
  }
  for (size_t i = 0; i < found.layers.size(); ++i) {
    const HeaderSpec& spec = *found.layers[i].spec;
    for (const ChecksumRule& rule : spec.checksums) {
      if (rule.covers != Covers::kHeader && Partial(found.layers, layouts, i, {data, size}))
        continue;
      if (!layouts[i].PlaceOf(*spec.Find(rule.field))) continue;
      const std::span<const uint8_t> datagram(data, found.layers[i].end);
      const ChecksumSite site = SiteOf(stack, i, rule, datagram);
      if (site.offset + size_t{site.bytes()} > found.layers[i].end) continue;
      if (rule.zero_as_ones && Get16(data + site.offset) == 0) continue;
      const std::optional<std::string> fault = Fault(datagram, site);
      if (!fault) continue;
      return absl::DataLossError(absl::StrFormat("%s.%s %s", spec.name, rule.field, *fault));
    }
    const bool closed = found.layers[i].end >= found.layers[i].offset + found.layers[i].bytes + 2u;
    if (spec.seal == SealKind::kFcs16 && closed) {
      SPATE_RETURN_IF_ERROR(VerifyFcs(found.layers[i], data));
    }
  }
  return absl::OkStatus();
}

}  // namespace spate::packet
