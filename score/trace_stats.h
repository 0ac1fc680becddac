// What a capture holds, service by service: the figures in which two captures are compared.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"

namespace spate::score {

// Sizes are those on the wire: at least 64 bytes on Ethernet, with FCS, whatever a capture taken
// inside a host shows.
struct ServiceStats {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t packets_to_server = 0;
  uint64_t conversations = 0;
  double first_s = 0, last_s = 0;          // since the capture's first packet
  std::map<uint32_t, uint64_t> sizes;      // frame size → packets
  std::set<std::string> clients, servers;  // addresses: IP where there is one, else MAC

  double mean_size() const {
    return packets > 0 ? static_cast<double>(bytes) / static_cast<double>(packets) : 0;
  }
  // Mean time from one packet of the service to the next; 0 with fewer than two.
  double mean_gap_s() const {
    return packets > 1 ? (last_s - first_s) / static_cast<double>(packets - 1) : 0;
  }
};

struct TraceStats {
  std::string file;
  uint64_t packets = 0;
  uint64_t bytes = 0;
  double duration_s = 0;
  std::map<std::string, ServiceStats> services;  // by name: "mqtt", "udp_9999", "arp"
};

// Reads a capture once, streaming. Errors: those of capture/capture.h, no packets.
absl::StatusOr<TraceStats> ReadTraceStats(const std::string& path);

}  // namespace spate::score
