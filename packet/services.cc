#include "packet/services.h"

#include <algorithm>

namespace spate::packet {
namespace {

struct Service {
  uint16_t port;
  bool tcp;
  bool udp;
  std::string_view name;
};

// IANA's registry of service names, as far as traffic in the field shows them.
constexpr Service kServices[] = {
    {21, true, false, "FTP"},          {22, true, false, "SSH"},
    {23, true, false, "TELNET"},       {25, true, false, "SMTP"},
    {53, true, true, "DNS"},           {67, false, true, "DHCP"},
    {68, false, true, "DHCP"},         {69, false, true, "TFTP"},
    {80, true, false, "HTTP"},         {102, true, false, "S7COMM"},
    {110, true, false, "POP"},         {123, false, true, "NTP"},
    {137, false, true, "NBNS"},        {138, false, true, "NBDS"},
    {143, true, false, "IMAP"},        {161, false, true, "SNMP"},
    {162, false, true, "SNMP"},        {179, true, false, "BGP"},
    {319, false, true, "PTPv2"},       {320, false, true, "PTPv2"},
    {389, true, true, "LDAP"},         {443, true, false, "TLS"},
    {443, false, true, "QUIC"},        {445, true, false, "SMB2"},
    {502, true, false, "Modbus/TCP"},  {514, false, true, "Syslog"},
    {546, false, true, "DHCPv6"},      {547, false, true, "DHCPv6"},
    {554, true, false, "RTSP"},        {853, true, false, "TLS"},
    {1883, true, false, "MQTT"},       {1900, false, true, "SSDP"},
    {2152, false, true, "GTP"},        {2404, true, false, "IEC 60870-5-104"},
    {3306, true, false, "MySQL"},      {3389, true, false, "RDP"},
    {4500, false, true, "UDPENCAP"},   {4789, false, true, "VXLAN"},
    {4840, true, false, "OpcUa"},      {5060, true, true, "SIP"},
    {5353, false, true, "MDNS"},       {5355, false, true, "LLMNR"},
    {5432, true, false, "PGSQL"},      {5683, false, true, "CoAP"},
    {6379, true, false, "RESP"},       {8080, true, false, "HTTP"},
    {8883, true, false, "TLS"},        {20000, true, true, "DNP 3.0"},
    {44818, true, false, "ENIP"},      {47808, false, true, "BACnet"},
    {51820, false, true, "WireGuard"},
};

std::string_view NameOf(Transport transport, uint16_t port) {
  const auto it = std::ranges::find_if(kServices, [&](const Service& service) {
    return service.port == port && (transport == Transport::kTcp ? service.tcp : service.udp);
  });
  return it == std::end(kServices) ? std::string_view() : it->name;
}

}  // namespace

std::string_view ServiceName(Transport transport, uint16_t port, uint16_t other_port) {
  const std::string_view name = NameOf(transport, std::min(port, other_port));
  return name.empty() ? NameOf(transport, std::max(port, other_port)) : name;
}

}  // namespace spate::packet
