// Everything that reads frames, on any bytes; the first byte chooses the link type.
#include <cstdint>

#include "packet/frame.h"

namespace {

using spate::packet::LinkType;

constexpr LinkType kLinks[] = {LinkType::kEthernet, LinkType::kRawIp, LinkType::kNull,
                               LinkType::kLinuxSll, LinkType::kIeee802154};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const LinkType link = kLinks[data[0] % std::size(kLinks)];
  const uint8_t* frame = data + 1;
  const size_t bytes = size - 1;
  const auto found = spate::packet::Dissect(frame, bytes, link);
  if (size_t{found.payload_offset} + found.payload_bytes > bytes) __builtin_trap();
  for (const auto& layer : found.layers) {
    const std::span<const uint8_t> header(frame + layer.offset, layer.bytes);
    for (const auto& field : layer.spec->fields) {
      spate::packet::FormatField(field, spate::packet::ReadField(*layer.spec, field, header));
    }
  }
  spate::packet::Summarize(frame, bytes, link);
  spate::packet::VerifyChecksums(frame, bytes, link).IgnoreError();
  return 0;
}
