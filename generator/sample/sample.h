// A capture as the generator sees it: read once, its packets as compact records grouped into
// conversations and services, its endpoints with the roles that they play. Input of the fit and of
// the model's digest.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "packet/frame.h"
#include "score/services.h"

namespace spate::generator {

using score::Protocol;

// An address pair seen in the capture. Texts as packet::FormatField writes them.
struct Endpoint {
  std::string mac;
  std::string ip;  // "" for traffic without IP addresses
  bool ipv6 = false;
  // "dns client", "mqtt server", …: every part that it plays, in order of appearance.
  std::vector<std::string> roles;
};

struct SamplePacket {
  int64_t time_ns = 0;  // since the sample's first packet
  uint32_t conversation = 0;
  bool from_client = true;
  uint8_t tcp_flags = 0;       // RFC 9293 order of bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16 …
  uint8_t network_layers = 0;  // IP headers; 2 and more: a tunnel
  uint16_t content_at = 0;     // where what stands above link and network headers begins
  uint16_t payload_at = 0;     // where the payload begins
  uint32_t frame_bytes = 0;    // on the wire, without FCS; at least the link's minimum
  uint32_t payload_bytes = 0;  // on the wire
  uint32_t kept_bytes = 0;     // of the frame, in Sample::bytes …
  uint64_t kept_at = 0;        // … from here
};

struct SampleConversation {
  uint32_t service = 0;
  uint32_t client = 0, server = 0;            // endpoints
  uint16_t client_port = 0, server_port = 0;  // TCP and UDP
  bool opened = false;                        // TCP: begins with a SYN
  std::vector<uint32_t> packets;              // in order of time
};

struct SampleService {
  // "mqtt", "tcp_8081", "arp", or "tcp_other" for many unknown ports: unique within the sample.
  std::string name;
  Protocol protocol = Protocol::kTcp;
  uint16_t number = 0;              // server port (0: several), IP protocol or EtherType
  uint64_t packets = 0, bytes = 0;  // bytes of frames without FCS
  std::vector<uint32_t> conversations;
};

struct Sample {
  std::string file;
  int64_t duration_ns = 0;                        // from the first packet to the last
  int64_t cut_ns = 0;                             // silence left out, see SampleOptions::longest_ns
  uint64_t skipped = 0;                           // packets beyond SampleOptions::max_packets
  std::vector<SamplePacket> packets;              // in order of time
  std::vector<SampleConversation> conversations;  // in order of their first packets
  std::vector<SampleService> services;            // by packets, most first
  std::vector<Endpoint> endpoints;
  std::vector<uint8_t> bytes;

  std::span<const uint8_t> Frame(const SamplePacket& p) const {
    return std::span(bytes).subspan(p.kept_at, p.kept_bytes);
  }
  // As far as it was kept.
  std::span<const uint8_t> Payload(const SamplePacket& p) const;
};

struct SampleOptions {
  uint64_t max_packets = 1'000'000;      // those beyond are only counted
  uint32_t max_frame_bytes = 2048;       // kept of each frame …
  uint64_t max_kept_bytes = 256u << 20;  // … until all of them take this much, then 160
  // Captures that last longer are put together from several: silences above an hour become an hour.
  int64_t longest_ns = int64_t{30} * 86'400 * 1'000'000'000;
};

// Errors: the capture's own (capture/capture.h), no packets at all, a link type other than
// Ethernet.
absl::StatusOr<Sample> ReadSample(const std::string& path, const SampleOptions& options = {});

// A short word for what a payload says, usable in identifiers: "publish", "get", "query_broker";
// "" when nothing is known. `service` as in SampleService::name.
std::string PayloadHint(std::string_view service, std::span<const uint8_t> payload,
                        bool from_client);

// Whether payloads of one service, hint and length mean the same.
bool HintTellsAll(std::string_view service);

// The kind of TCP packet by its flags: "syn", "syn_ack", "ack", "fin", "rst", "data".
const char* TcpKind(uint8_t flags, uint32_t payload_bytes);

}  // namespace spate::generator
