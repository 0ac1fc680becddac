#include "score/services.h"

#include "absl/strings/str_cat.h"

namespace spate::score {
namespace {

struct Entry {
  uint16_t port;
  const char* tcp;  // nullptr: the port means nothing there
  const char* udp;
};

constexpr Entry kServices[] = {
    {20, "ftp_data", nullptr},     {21, "ftp", nullptr},          {22, "ssh", nullptr},
    {23, "telnet", nullptr},       {25, "smtp", nullptr},         {53, "dns", "dns"},
    {67, nullptr, "dhcp"},         {69, nullptr, "tftp"},         {80, "http", nullptr},
    {102, "s7comm", nullptr},      {110, "pop3", nullptr},        {123, nullptr, "ntp"},
    {137, nullptr, "netbios_ns"},  {138, nullptr, "netbios_dgm"}, {143, "imap", nullptr},
    {161, nullptr, "snmp"},        {162, nullptr, "snmp_trap"},   {179, "bgp", nullptr},
    {319, nullptr, "ptp_event"},   {320, nullptr, "ptp_general"}, {389, "ldap", "ldap"},
    {443, "tls", "quic"},          {445, "smb", nullptr},         {502, "modbus", nullptr},
    {514, nullptr, "syslog"},      {546, nullptr, "dhcpv6"},      {547, nullptr, "dhcpv6"},
    {554, "rtsp", nullptr},        {853, "dot", nullptr},         {1883, "mqtt", nullptr},
    {1900, nullptr, "ssdp"},       {2152, nullptr, "gtp_u"},      {2404, "iec104", nullptr},
    {3306, "mysql", nullptr},      {3389, "rdp", nullptr},        {3478, nullptr, "stun"},
    {4789, nullptr, "vxlan"},      {5060, "sip", "sip"},          {5353, nullptr, "mdns"},
    {5355, nullptr, "llmnr"},      {5432, "postgresql", nullptr}, {5683, nullptr, "coap"},
    {6379, "redis", nullptr},      {8080, "http_8080", nullptr},  {8883, "mqtts", nullptr},
    {20000, "dnp3", "dnp3"},       {44818, "enip", "enip"},       {47808, nullptr, "bacnet"},
    {51820, nullptr, "wireguard"},
};

}  // namespace

const char* ProtocolName(Protocol protocol) {
  switch (protocol) {
    case Protocol::kTcp:
      return "tcp";
    case Protocol::kUdp:
      return "udp";
    case Protocol::kArp:
      return "arp";
    case Protocol::kIcmp:
      return "icmp";
    case Protocol::kIcmpv6:
      return "icmpv6";
    case Protocol::kOtherIp:
      return "ip";
    case Protocol::kOtherLink:
      return "link";
  }
  return "";
}

const char* WellKnownService(Protocol protocol, uint16_t port) {
  for (const Entry& entry : kServices) {
    if (entry.port != port) continue;
    if (protocol == Protocol::kTcp) return entry.tcp;
    if (protocol == Protocol::kUdp) return entry.udp;
  }
  return nullptr;
}

std::string ServiceName(Protocol protocol, uint16_t number) {
  if (const char* known = WellKnownService(protocol, number)) return known;
  switch (protocol) {
    case Protocol::kTcp:
    case Protocol::kUdp:
    case Protocol::kOtherIp:
      return absl::StrCat(ProtocolName(protocol), "_", number);
    case Protocol::kOtherLink:
      return absl::StrCat("link_", absl::Hex(number, absl::kZeroPad4));
    default:
      return ProtocolName(protocol);
  }
}

}  // namespace spate::score
