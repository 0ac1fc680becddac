#include "score/tracker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace spate::score {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kLongestSilence = 3600 * kSecond;
constexpr int64_t kLongSilence = 60 * kSecond;
constexpr int64_t kLongSilenceInMeanGaps = 100;
constexpr int64_t kPortlessSilence = kSecond;

bool HasPorts(Protocol protocol) {
  return protocol == Protocol::kTcp || protocol == Protocol::kUdp;
}

// The server's side at the first packet: true when its source is the client.
bool SourceIsClient(const Headers& h) {
  if (h.protocol == Protocol::kTcp && (h.tcp_flags & kSyn)) return !(h.tcp_flags & kAck);
  if (!HasPorts(h.protocol)) return true;
  const bool source_known = WellKnownService(h.protocol, h.source.port) != nullptr;
  const bool destination_known = WellKnownService(h.protocol, h.destination.port) != nullptr;
  if (source_known != destination_known) return destination_known;
  return h.destination.port <= h.source.port;
}

// Equal for both directions.
std::string KeyOf(const Headers& h) {
  const auto party = [](const Party& p) {
    return absl::StrCat(p.ip.empty() ? p.mac : p.ip, "/", p.port);
  };
  std::string a = party(h.source), b = party(h.destination);
  if (b < a) std::swap(a, b);
  return absl::StrCat(static_cast<int>(h.protocol), "/", h.number, "/", a, "/", b, "/", h.outer);
}

bool Ended(const Conversation& c, int64_t time_ns, const Headers& h) {
  if (h.protocol == Protocol::kTcp && (h.tcp_flags & (kSyn | kAck)) == kSyn && c.closed)
    return true;
  const int64_t silence = time_ns - c.last_ns;
  if (!HasPorts(h.protocol)) return silence > kPortlessSilence;
  if (silence > kLongestSilence) return true;
  if (c.packets < 4 || silence <= kLongSilence) return false;
  const int64_t mean_gap = (c.last_ns - c.first_ns) / static_cast<int64_t>(c.packets - 1);
  return silence > kLongSilenceInMeanGaps * mean_gap;
}

}  // namespace

Assigned Tracker::Add(int64_t time_ns, const Headers& headers) {
  const auto [entry, fresh] = open_.try_emplace(KeyOf(headers), 0);
  if (fresh || Ended(conversations_[entry->second], time_ns, headers)) {
    entry->second = Begin(time_ns, headers);
  }
  Conversation& c = conversations_[entry->second];
  c.last_ns = std::max(c.last_ns, time_ns);
  ++c.packets;
  c.closed =
      c.closed || (headers.protocol == Protocol::kTcp && (headers.tcp_flags & (kFin | kRst)));
  const bool same_address =
      headers.source.ip == c.client.ip && headers.source.port == c.client.port;
  const bool from_client =
      headers.source.ip.empty() ? headers.source.mac == c.client.mac : same_address;
  return {entry->second, from_client};
}

uint32_t Tracker::Begin(int64_t time_ns, const Headers& h) {
  const bool forward = SourceIsClient(h);
  Conversation c{.client = forward ? h.source : h.destination,
                 .server = forward ? h.destination : h.source,
                 .first_ns = time_ns,
                 .last_ns = time_ns};
  c.opened = h.protocol == Protocol::kTcp && (h.tcp_flags & kSyn);
  c.service = ServiceOf(h.protocol, HasPorts(h.protocol) ? c.server.port : h.number);
  conversations_.push_back(std::move(c));
  return static_cast<uint32_t>(conversations_.size() - 1);
}

uint32_t Tracker::ServiceOf(Protocol protocol, uint16_t number) {
  const uint32_t key = static_cast<uint32_t>(protocol) << 16 | number;
  const auto [entry, fresh] =
      service_index_.try_emplace(key, static_cast<uint32_t>(services_.size()));
  if (fresh) services_.push_back({protocol, number, ServiceName(protocol, number)});
  return entry->second;
}

}  // namespace spate::score
