#include "score/trace_stats.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/units.h"
#include "capture/capture.h"
#include "packet/addresses.h"
#include "score/tracker.h"

namespace spate::score {
namespace {

constexpr uint32_t kMinEthernetBytes = 60;  // without FCS

std::string AddressText(const Party& party) {
  const std::string& bytes = party.ip.empty() ? party.mac : party.ip;
  const auto* raw = reinterpret_cast<const uint8_t*>(bytes.data());
  if (bytes.size() == 4) return packet::FormatIpv4(raw);
  if (bytes.size() == 16) return packet::FormatIpv6(raw);
  return bytes.size() == 6 ? packet::FormatMac(raw) : "";
}

uint32_t WireBytes(const capture::Packet& p) {
  const uint32_t bytes = std::max(p.original_bytes, static_cast<uint32_t>(p.data.size()));
  if (p.link != packet::LinkType::kEthernet) return bytes;
  return std::max(bytes, kMinEthernetBytes) + kFcsBytes;
}

void Count(const capture::Packet& p, double time_s, bool to_server, ServiceStats& stats) {
  const uint32_t bytes = WireBytes(p);
  if (stats.packets == 0) stats.first_s = time_s;
  stats.first_s = std::min(stats.first_s, time_s);
  stats.last_s = std::max(stats.last_s, time_s);
  ++stats.packets;
  stats.bytes += bytes;
  stats.packets_to_server += to_server ? 1 : 0;
  ++stats.sizes[bytes];
}

// Conversations are known when the capture has been read.
void CountConversations(const Tracker& tracker, TraceStats& trace) {
  for (const Conversation& c : tracker.conversations()) {
    ServiceStats& stats = trace.services[tracker.services()[c.service].name];
    ++stats.conversations;
    stats.clients.insert(AddressText(c.client));
    stats.servers.insert(AddressText(c.server));
  }
}

}  // namespace

absl::StatusOr<TraceStats> ReadTraceStats(const std::string& path) {
  SPATE_ASSIGN_OR_RETURN(const std::unique_ptr<capture::Reader> reader,
                         capture::Reader::Open(path));
  TraceStats trace{.file = path, .services = {}};
  Tracker tracker;
  int64_t first_ns = 0;
  while (true) {
    SPATE_ASSIGN_OR_RETURN(const std::optional<capture::Packet> p, reader->Next());
    if (!p.has_value()) break;
    if (trace.packets == 0) first_ns = p->time_ns;
    const Assigned assigned = tracker.Add(p->time_ns, ReadHeaders(p->data, p->link));
    const uint32_t service = tracker.conversations()[assigned.conversation].service;
    const double time_s = static_cast<double>(p->time_ns - first_ns) * 1e-9;
    Count(*p, time_s, assigned.from_client, trace.services[tracker.services()[service].name]);
    ++trace.packets;
    trace.bytes += WireBytes(*p);
    trace.duration_s = std::max(trace.duration_s, time_s);
  }
  if (trace.packets == 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": the capture holds no packets"));
  }
  CountConversations(tracker, trace);
  return trace;
}

}  // namespace spate::score
