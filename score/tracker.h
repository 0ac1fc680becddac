// Assigns the packets of a capture to conversations and services, and tells client from server.
// Streaming: one packet at a time, each decided when it is seen.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "packet/frame.h"
#include "score/services.h"

namespace spate::score {

// One side of a conversation. Addresses are raw bytes: mac 6 (empty without a link layer),
// ip 0, 4 or 16.
struct Party {
  std::string mac;
  std::string ip;
  uint16_t port = 0;  // TCP and UDP

  friend bool operator==(const Party&, const Party&) = default;
};

struct Conversation {
  uint32_t service = 0;  // index into Tracker::services()
  Party client, server;
  int64_t first_ns = 0, last_ns = 0;
  uint64_t packets = 0;
  bool closed = false;  // FIN or RST seen
  bool opened = false;  // its first packet was a SYN
};

// Protocol and server port (other protocols: IP protocol number or EtherType).
struct Service {
  Protocol protocol = Protocol::kOtherLink;
  uint16_t number = 0;
  std::string name;
};

// What the headers of one packet say.
struct Headers {
  packet::Dissection dissection;
  Protocol protocol = Protocol::kOtherLink;
  Party source, destination;
  std::string outer;    // bytes that tell encapsulations apart: VLAN tags, ARP pairs, echo ids
  uint16_t number = 0;  // IP protocol or EtherType
  uint8_t tcp_flags = 0;
  uint32_t content_at = 0;     // first byte above link and network layers
  uint8_t network_layers = 0;  // IPv4 and IPv6 headers; 2 and more: a tunnel
};
Headers ReadHeaders(std::span<const uint8_t> frame, packet::LinkType link);

// TCP flags in network order of bits (RFC 9293).
inline constexpr uint8_t kFin = 1, kSyn = 2, kRst = 4, kPush = 8, kAck = 16;

struct Assigned {
  uint32_t conversation = 0;
  bool from_client = true;
};

// A conversation is the innermost pair of addresses and ports known to packet::Dissect within one
// VLAN stack. A new one begins with a SYN after FIN or RST, after an hour of silence, or after more
// than a minute that is also 100 times its mean gap; of protocols without ports, after a second.
// The server is who answers a SYN, has a well-known port, has the lower port, or did not speak
// first.
class Tracker {
 public:
  Assigned Add(int64_t time_ns, const Headers& headers);

  const std::vector<Service>& services() const { return services_; }
  const std::vector<Conversation>& conversations() const { return conversations_; }

 private:
  uint32_t Begin(int64_t time_ns, const Headers& headers);
  uint32_t ServiceOf(Protocol protocol, uint16_t number);

  std::vector<Service> services_;
  std::vector<Conversation> conversations_;
  absl::flat_hash_map<std::string, uint32_t> open_;        // by key of both parties
  absl::flat_hash_map<uint32_t, uint32_t> service_index_;  // by protocol and number
};

}  // namespace spate::score
