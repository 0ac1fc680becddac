// The table of all headers: a new one is its file here and one line below.
#include "packet/header.h"

#define SPATE_HEADERS(X) \
  X(kEthernet)           \
  X(kVlan)               \
  X(kArp)                \
  X(kIpv4)               \
  X(kIpv6)               \
  X(kIcmp)               \
  X(kIcmpv6)             \
  X(kUdp)                \
  X(kTcp)                \
  X(kIeee802154)         \
  X(kZigbeeNwk)          \
  X(kZigbeeCommand)      \
  X(kZigbeeLinkStatus)   \
  X(kZigbeeAps)          \
  X(kZigbeeZcl)

namespace spate::packet {

#define SPATE_DECLARE(name) extern const HeaderSpec name;
SPATE_HEADERS(SPATE_DECLARE)
#undef SPATE_DECLARE

std::span<const HeaderSpec* const> Headers() {
#define SPATE_ADDRESS(name) &name,
  static constexpr const HeaderSpec* kTable[] = {SPATE_HEADERS(SPATE_ADDRESS)};
#undef SPATE_ADDRESS
  return kTable;
}

}  // namespace spate::packet
