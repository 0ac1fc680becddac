// The table of all headers: a new one is its file here and one line below.
#include "packet/header.h"

// Of several headers of one number (IGMP, ICMPv6, GTP) the first that matches is found.
#define SPATE_HEADERS(X)     \
  X(kEthernet)               \
  X(kVlan)                   \
  X(kQinq)                   \
  X(kLlc)                    \
  X(kSnap)                   \
  X(kArp)                    \
  X(kMpls)                   \
  X(kIpv4)                   \
  X(kIpv6)                   \
  X(kIpv6HopByHop)           \
  X(kIpv6DestinationOptions) \
  X(kIpv6Routing)            \
  X(kIpv6Fragment)           \
  X(kAh)                     \
  X(kEsp)                    \
  X(kNvgre)                  \
  X(kGre)                    \
  X(kIcmp)                   \
  X(kMldv1)                  \
  X(kMldv2)                  \
  X(kIcmpv6)                 \
  X(kIgmpv1)                 \
  X(kIgmpv2)                 \
  X(kIgmpv3)                 \
  X(kRsvp)                   \
  X(kUdp)                    \
  X(kTcp)                    \
  X(kSctp)                   \
  X(kSctpData)               \
  X(kSctpInit)               \
  X(kVxlan)                  \
  X(kGeneve)                 \
  X(kGtpv1)                  \
  X(kGtpv1c)                 \
  X(kGtpv2)                  \
  X(kL2tp)                   \
  X(kPpp)                    \
  X(kPppoe)                  \
  X(kPppoeDiscovery)         \
  X(kEthernetPause)          \
  X(kPfcPause)               \
  X(kLacp)                   \
  X(kCfm)                    \
  X(kPtp)                    \
  X(kMacsec)                 \
  X(kDns)                    \
  X(kDhcp)                   \
  X(kNtp)                    \
  X(kSnmpv2c)                \
  X(kSip)                    \
  X(kSipResponse)            \
  X(kRtp)                    \
  X(kMqtt)                   \
  X(kCoap)                   \
  X(kModbus)                 \
  X(kModbusResponse)         \
  X(kHttp)                   \
  X(kHttpResponse)           \
  X(kZep)                    \
  X(kIeee802154)             \
  X(kZigbeeNwk)              \
  X(kZigbeeCommand)          \
  X(kZigbeeLinkStatus)       \
  X(kZigbeeAps)              \
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
