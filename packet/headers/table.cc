// The table of all headers: a new one is its file here and one line below.
#include "packet/header.h"

// Of several headers of one number (IGMP, ICMPv6, GTP) the first that matches is found.
#define SPATE_HEADERS(X)      \
  X(ethernet)                 \
  X(vlan)                     \
  X(qinq)                     \
  X(llc)                      \
  X(snap)                     \
  X(arp)                      \
  X(mpls)                     \
  X(ipv4)                     \
  X(ipv6)                     \
  X(ipv6_hop_by_hop)          \
  X(ipv6_destination_options) \
  X(ipv6_routing)             \
  X(ipv6_fragment)            \
  X(ah)                       \
  X(esp)                      \
  X(nvgre)                    \
  X(gre)                      \
  X(icmp)                     \
  X(mldv1)                    \
  X(mldv2)                    \
  X(icmpv6)                   \
  X(igmpv1)                   \
  X(igmpv2)                   \
  X(igmpv3)                   \
  X(rsvp)                     \
  X(udp)                      \
  X(tcp)                      \
  X(sctp)                     \
  X(sctp_data)                \
  X(sctp_init)                \
  X(vxlan)                    \
  X(geneve)                   \
  X(gtpv1)                    \
  X(gtpv1c)                   \
  X(gtpv2)                    \
  X(l2tp)                     \
  X(ppp)                      \
  X(pppoe)                    \
  X(pppoe_discovery)          \
  X(ethernetpause)            \
  X(pfcpause)                 \
  X(lacp)                     \
  X(cfm)                      \
  X(ptp)                      \
  X(macsec)                   \
  X(dns)                      \
  X(dhcp)                     \
  X(ntp)                      \
  X(snmpv2c)                  \
  X(sip)                      \
  X(sip_response)             \
  X(rtp)                      \
  X(mqtt)                     \
  X(coap)                     \
  X(modbus)                   \
  X(modbus_response)          \
  X(http)                     \
  X(http_response)            \
  X(zep)                      \
  X(ieee802154)               \
  X(zigbee_nwk)               \
  X(zigbee_command)           \
  X(zigbee_link_status)       \
  X(zigbee_aps)               \
  X(zigbee_zcl)

namespace spate::packet {

#define SPATE_DECLARE(name)      \
  namespace name {               \
  extern const HeaderSpec kSpec; \
  }
SPATE_HEADERS(SPATE_DECLARE)
#undef SPATE_DECLARE

std::span<const HeaderSpec* const> Headers() {
#define SPATE_ADDRESS(name) &name::kSpec,
  static constexpr const HeaderSpec* kTable[] = {SPATE_HEADERS(SPATE_ADDRESS)};
#undef SPATE_ADDRESS
  return kTable;
}

}  // namespace spate::packet
