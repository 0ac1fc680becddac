// Checksums at their sites.
#include "packet/bits.h"
#include "packet/checksum.h"
#include "packet/crc32c.h"
#include "packet/frame.h"

namespace spate::packet {

uint64_t SumSite(std::span<const uint8_t> bytes, const ChecksumSite& site) {
  const uint8_t* data = bytes.data();
  const size_t end = site.end != 0 ? site.end : bytes.size();
  uint64_t sum = SumBytes(data + site.begin, site.offset - site.begin) +
                 SumBytes(data + site.offset + 2, end - site.offset - 2u) + site.bias;
  if (site.pseudo_end != 0) {
    sum += SumBytes(data + site.pseudo_begin, site.pseudo_end - site.pseudo_begin);
    sum += SumBytes(data + site.final_begin, site.final_end - site.final_begin);
    sum += (end - site.begin) + uint64_t{site.protocol};
  }
  return sum;
}

void SetChecksum(std::span<uint8_t> bytes, const ChecksumSite& site) {
  if (site.kind == SumKind::kCrc32c) {
    const size_t end = site.end != 0 ? site.end : bytes.size();
    const uint32_t crc =
        Crc32cAround(bytes.data() + site.begin, end - site.begin, site.offset - site.begin);
    return PutCrc32c(bytes.data() + site.offset, crc ^ site.bias);
  }
  Put16(bytes.data() + site.offset, FinishChecksum(SumSite(bytes, site), site.zero_as_ones));
}

}  // namespace spate::packet
