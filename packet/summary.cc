#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "packet/addresses.h"
#include "packet/bits.h"
#include "packet/frame.h"
#include "packet/layout.h"
#include "packet/services.h"

namespace spate::packet {
namespace {

// The text of an address field; empty when the header has no such field.
std::string AddressText(const Layer& layer, std::string_view field, const uint8_t* data) {
  const FieldSpec* spec = layer.spec->Find(field);
  if (spec == nullptr) return "";
  const std::string text = FieldText(*layer.spec, field, {data + layer.offset, layer.bytes});
  // Radio networks have several broadcast addresses (Zigbee 05-3474-23, 3.6.5).
  const bool radio = spec->kind == FieldKind::kShort && text >= "0xfff8";
  return radio || text == "ff:ff:ff:ff:ff:ff" ? "Broadcast" : text;
}

// The innermost addresses count: those between which the payload travels.
void NameEnds(const Dissection& found, const uint8_t* data, Summary& summary) {
  for (const Layer& layer : found.layers) {
    const std::string source = AddressText(layer, "src", data);
    if (source.empty()) continue;
    summary.source = source;
    summary.destination = AddressText(layer, "dst", data);
  }
}

std::string ProtocolOf(const Dissection& found, const uint8_t* data) {
  const Layer& last = found.layers.back();
  const uint8_t* header = data + last.offset;
  const FieldSpec* src_port = last.spec->Find("src_port");
  if (src_port != nullptr && found.payload_bytes > 0) {
    const auto transport = last.spec->name == "tcp" ? Transport::kTcp : Transport::kUdp;
    const std::string_view service = ServiceName(transport, Get16(header), Get16(header + 2));
    if (!service.empty()) return std::string(service);
  }
  if (last.spec->selects != Space::kEtherType) return std::string(last.spec->title);
  // A type that no header here has: analysers name the type itself.
  const FieldSpec* next = last.spec->First(Derived::kNext);
  if (next == nullptr || next->bits != 16) return std::string(last.spec->title);
  const uint64_t type = FieldNumber(*last.spec, next->name, {header, last.bytes});
  return type < 1536 ? "LLC" : absl::StrFormat("0x%04x", type);
}

}  // namespace

std::string LinkName(LinkType link) {
  switch (link) {
    case LinkType::kNull:
      return "Loopback";
    case LinkType::kEthernet:
      return "Ethernet";
    case LinkType::kRawIp:
      return "IP";
    case LinkType::kLinuxSll:
      return "Linux cooked";
    case LinkType::kIeee802154:
      return "IEEE 802.15.4";
  }
  return absl::StrCat("Link type ", static_cast<uint16_t>(link));
}

Summary Summarize(const uint8_t* sealed, size_t size, LinkType link, std::span<const Key> keys) {
  const std::vector<uint8_t> frame = Unseal(sealed, size, link, keys);
  const uint8_t* const data = frame.data();
  const Dissection found = Dissect(data, size, link);
  Summary summary;
  if (found.layers.empty()) {
    summary.protocol = LinkName(link);
    summary.info = absl::StrCat(size, " bytes");
    return summary;
  }
  NameEnds(found, data, summary);
  summary.protocol = ProtocolOf(found, data);
  const Layer& last = found.layers.back();
  const bool wider = last.spec->info_from_previous && found.layers.size() > 1;
  const size_t from = wider ? found.layers[found.layers.size() - 2].offset : last.offset;
  const size_t end = size_t{found.payload_offset} + found.payload_bytes;
  summary.info = last.spec->info({data + from, end - from});
  return summary;
}

}  // namespace spate::packet
