// What a capture's traffic is called: services by protocol and server port.
#pragma once

#include <cstdint>
#include <string>

namespace spate::score {

enum class Protocol : uint8_t { kTcp, kUdp, kArp, kIcmp, kIcmpv6, kOtherIp, kOtherLink };

// "tcp", "udp", "arp", "icmp", "icmpv6", "ip", "link".
const char* ProtocolName(Protocol protocol);

// The name under which a server port is commonly known ("mqtt"; IANA's registry where it has one),
// or nullptr.
const char* WellKnownService(Protocol protocol, uint16_t port);

// A name for people and templates, lower case, usable as part of an identifier: "mqtt", "tcp_8081",
// "arp", "ip_47", "link_88cc". `number`: server port, IP protocol or EtherType.
std::string ServiceName(Protocol protocol, uint16_t number);

}  // namespace spate::score
