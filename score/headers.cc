#include <algorithm>
#include <string_view>

#include "score/tracker.h"

namespace spate::score {
namespace {

using packet::Layer;

uint16_t Read16(const uint8_t* p) { return static_cast<uint16_t>(p[0] << 8 | p[1]); }

std::string Bytes(const uint8_t* p, size_t n) {
  return std::string(reinterpret_cast<const char*>(p), n);
}

void ReadEthernet(const uint8_t* p, Headers& h) {
  h.destination.mac = Bytes(p, 6);
  h.source.mac = Bytes(p + 6, 6);
  h.number = Read16(p + 12);
}

void ReadTag(const uint8_t* p, Headers& h) {
  h.outer += Bytes(p, 2);
  h.number = Read16(p + 2);
}

// Returns whether the packet is a fragment, above which no header can be trusted.
bool ReadIpv4(const uint8_t* p, Headers& h) {
  h.source.ip = Bytes(p + 12, 4);
  h.destination.ip = Bytes(p + 16, 4);
  h.number = p[9];
  h.protocol = Protocol::kOtherIp;
  constexpr uint16_t kMoreFragmentsAndOffset = 0x3fff;
  return (Read16(p + 6) & kMoreFragmentsAndOffset) != 0;
}

void ReadIpv6(const uint8_t* p, Headers& h) {
  h.source.ip = Bytes(p + 8, 16);
  h.destination.ip = Bytes(p + 24, 16);
  h.number = p[6];
  h.protocol = Protocol::kOtherIp;
}

// Who asks for whom is a conversation, whatever the link-layer destination of the answer.
void ReadArp(const uint8_t* p, Headers& h) {
  h.protocol = Protocol::kArp;
  h.source.ip = Bytes(p + 14, 4);
  h.destination.ip = Bytes(p + 24, 4);
}

void ReadIcmp(const uint8_t* p, Protocol protocol, Headers& h) {
  h.protocol = protocol;
  const uint8_t type = p[0];
  const bool echo =
      protocol == Protocol::kIcmp ? type == 0 || type == 8 : type == 128 || type == 129;
  if (echo) h.outer += Bytes(p + 4, 2);
}

void ReadPorts(const uint8_t* p, Protocol protocol, Headers& h) {
  h.protocol = protocol;
  h.source.port = Read16(p);
  h.destination.port = Read16(p + 2);
  if (protocol == Protocol::kTcp) h.tcp_flags = p[13];
}

// Returns false when nothing above this layer counts.
bool ReadLayer(const Layer& layer, const uint8_t* p, Headers& h) {
  const std::string_view name = layer.spec->name;
  const bool network = name == "ipv4" || name == "ipv6";
  const bool tag = name == "vlan" || name == "qinq";
  if (network || name == "ethernet" || tag) h.content_at = layer.offset + layer.bytes;
  if (network) ++h.network_layers;
  // A tunnel inside a tunnel is told apart by the outer addresses.
  if (h.network_layers > 1 && network) {
    h.outer += std::min(h.source.ip, h.destination.ip) + std::max(h.source.ip, h.destination.ip);
  }
  if (name == "ethernet") return ReadEthernet(p, h), true;
  if (tag) return ReadTag(p, h), true;
  if (name == "ipv4") return !ReadIpv4(p, h);
  if (name == "ipv6") return ReadIpv6(p, h), true;
  if (name == "arp") return ReadArp(p, h), false;
  if (name == "tcp") return ReadPorts(p, Protocol::kTcp, h), false;
  if (name == "udp") return ReadPorts(p, Protocol::kUdp, h), false;
  if (name == "icmp") return ReadIcmp(p, Protocol::kIcmp, h), false;
  if (name == "icmpv6") return ReadIcmp(p, Protocol::kIcmpv6, h), false;
  return true;
}

// Forgets the layers after `last`: they become payload.
void CutAfter(size_t last, packet::Dissection& d) {
  const uint32_t end = d.layers[last].offset + d.layers[last].bytes;
  d.payload_bytes += d.payload_offset - end;
  d.payload_offset = end;
  d.layers.resize(last + 1);
}

}  // namespace

Headers ReadHeaders(std::span<const uint8_t> frame, packet::LinkType link) {
  Headers h;
  h.dissection = packet::Dissect(frame.data(), frame.size(), link);
  const std::vector<Layer>& layers = h.dissection.layers;
  for (size_t i = 0; i < layers.size(); ++i) {
    if (ReadLayer(layers[i], frame.data() + layers[i].offset, h)) continue;
    CutAfter(i, h.dissection);
    break;
  }
  return h;
}

}  // namespace spate::score
