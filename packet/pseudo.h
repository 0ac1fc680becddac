// What a header's checksum covers, from the stack it stands in.
#pragma once

#include <span>

#include "packet/frame.h"
#include "packet/layout.h"

namespace spate::packet {

struct Stacked {
  const HeaderSpec* spec = nullptr;
  size_t offset = 0;
  const Layout* layout = nullptr;
};

// The site of `rule` of the header at `index` of `stack` in the frame `bytes`; its end is 0 where
// it covers all of its datagram. The pseudo-header holds the addresses of the nearest network
// header before it (RFC 768, RFC 8200 8.1).
ChecksumSite SiteOf(std::span<const Stacked> stack, size_t index, const ChecksumRule& rule,
                    std::span<const uint8_t> bytes);

}  // namespace spate::packet
