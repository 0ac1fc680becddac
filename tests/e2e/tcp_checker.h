// An independent judge of TCP conversations in a capture: sequence and acknowledgement numbers,
// windows, segment sizes, handshakes and ends, as a receiver would see them. It knows nothing of
// how spate makes them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/e2e/captures.h"

namespace spate::testing {

// One direction of a conversation.
struct TcpSide {
  bool syn = false, fin = false, rst = false;
  uint64_t data = 0;             // bytes said, each once
  uint64_t segments = 0;         // with data
  uint64_t retransmissions = 0;  // segments and SYNs that were there already
  uint64_t duplicate_acks = 0;
  uint64_t sacks = 0;  // duplicate acknowledgements with a block
  uint64_t pure_acks = 0;
  uint64_t stamps = 0;           // packets with a timestamp
  bool all_acknowledged = true;  // by the other side, SYN and FIN too
};

struct TcpConversation {
  TcpSide client, server;  // the client sent the first packet
};

struct TcpVerdict {
  std::vector<std::string> faults;
  std::map<std::string, TcpConversation> conversations;  // by addresses, ports and number
  uint64_t packets = 0;
};

// All TCP packets of the frames: Ethernet, VLANs, IPv4 or IPv6, or these in UDP to port 4789.
TcpVerdict JudgeTcp(const std::vector<Bytes>& frames);

}  // namespace spate::testing
