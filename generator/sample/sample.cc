#include "generator/sample/sample.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "capture/capture.h"
#include "packet/addresses.h"
#include "score/tracker.h"

namespace spate::generator {
namespace {

constexpr uint32_t kMinFrameBytes = 60;  // without FCS (IEEE 802.3)
constexpr uint32_t kHeadersOnlyBytes = 160;

const uint8_t* Raw(const std::string& bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

class Builder {
 public:
  explicit Builder(const SampleOptions& options) : options_(options) {}

  absl::Status Add(const capture::Packet& p) {
    if (p.link != packet::LinkType::kEthernet) {
      return absl::InvalidArgumentError(absl::StrCat(
          "packet ", sample_.packets.size() + 1, " has link type ", static_cast<int>(p.link),
          ", expected 1 (Ethernet): the fit knows no other link"));
    }
    if (sample_.packets.size() >= options_.max_packets) {
      ++sample_.skipped;
      return absl::OkStatus();
    }
    if (sample_.packets.empty()) first_ns_ = p.time_ns;
    const score::Headers headers = score::ReadHeaders(p.data, p.link);
    Append(p, headers);
    return absl::OkStatus();
  }

  Sample Finish() {
    SortByTime();
    MakeConversations();
    MakeServices();
    NameRoles();
    return std::move(sample_);
  }

 private:
  void Append(const capture::Packet& p, const score::Headers& headers) {
    const score::Assigned assigned = tracker_.Add(p.time_ns, headers);
    if (!headers.source.ip.empty()) macs_.try_emplace(headers.source.ip, headers.source.mac);
    const uint32_t limit = sample_.bytes.size() < options_.max_kept_bytes
                               ? options_.max_frame_bytes
                               : std::min(options_.max_frame_bytes, kHeadersOnlyBytes);
    const packet::Dissection& d = headers.dissection;
    const uint32_t captured = static_cast<uint32_t>(p.data.size());
    const uint32_t missing = p.original_bytes > captured ? p.original_bytes - captured : 0;
    SamplePacket record{.time_ns = p.time_ns - first_ns_,
                        .conversation = assigned.conversation,
                        .from_client = assigned.from_client,
                        .tcp_flags = headers.tcp_flags,
                        .network_layers = headers.network_layers,
                        .content_at = static_cast<uint16_t>(std::min(headers.content_at, 0xffffu)),
                        .payload_at = static_cast<uint16_t>(std::min(d.payload_offset, 0xffffu)),
                        .frame_bytes = std::max({p.original_bytes, captured, kMinFrameBytes}),
                        .payload_bytes = d.payload_bytes + missing,
                        .kept_bytes = std::min(captured, limit),
                        .kept_at = sample_.bytes.size()};
    sample_.bytes.insert(sample_.bytes.end(), p.data.begin(), p.data.begin() + record.kept_bytes);
    sample_.packets.push_back(record);
  }

  // Stamps of several capturing cores may be slightly out of order.
  void SortByTime() {
    std::stable_sort(
        sample_.packets.begin(), sample_.packets.end(),
        [](const SamplePacket& a, const SamplePacket& b) { return a.time_ns < b.time_ns; });
    const int64_t first = sample_.packets.front().time_ns;
    for (SamplePacket& p : sample_.packets) p.time_ns -= first;
    if (sample_.packets.back().time_ns > options_.longest_ns) CutSilences();
    sample_.duration_ns = sample_.packets.back().time_ns;
  }

  void CutSilences() {
    constexpr int64_t kHour = int64_t{3600} * 1'000'000'000;
    int64_t last = 0;
    for (SamplePacket& p : sample_.packets) {
      const int64_t silence = p.time_ns - last;
      last = p.time_ns;
      sample_.cut_ns += std::max<int64_t>(0, silence - kHour);
      p.time_ns -= sample_.cut_ns;
    }
  }

  // Whom a broadcast asks for (ARP) is known by the address that it speaks from itself.
  score::Party Resolved(const score::Party& party) const {
    const bool to_many = !party.mac.empty() && (party.mac[0] & 1);
    const auto known = to_many ? macs_.find(party.ip) : macs_.end();
    return known == macs_.end() ? party : score::Party{known->second, party.ip, party.port};
  }

  uint32_t EndpointOf(const score::Party& seen) {
    const score::Party party = Resolved(seen);
    const auto [entry, fresh] = endpoints_.try_emplace(
        absl::StrCat(party.mac, party.ip), static_cast<uint32_t>(sample_.endpoints.size()));
    if (fresh) {
      Endpoint e;
      e.ipv6 = party.ip.size() == 16;
      if (party.mac.size() == 6) e.mac = packet::FormatMac(Raw(party.mac));
      if (party.ip.size() == 4) e.ip = packet::FormatIpv4(Raw(party.ip));
      if (party.ip.size() == 16) e.ip = packet::FormatIpv6(Raw(party.ip));
      sample_.endpoints.push_back(std::move(e));
    }
    return entry->second;
  }

  // Conversations get new numbers: by first packet after sorting.
  void MakeConversations() {
    std::vector<uint32_t> number(tracker_.conversations().size(), UINT32_MAX);
    for (uint32_t i = 0; i < sample_.packets.size(); ++i) {
      SamplePacket& p = sample_.packets[i];
      uint32_t& n = number[p.conversation];
      if (n == UINT32_MAX) {
        n = static_cast<uint32_t>(sample_.conversations.size());
        const score::Conversation& c = tracker_.conversations()[p.conversation];
        sample_.conversations.push_back({.service = c.service,
                                         .client = EndpointOf(c.client),
                                         .server = EndpointOf(c.server),
                                         .client_port = c.client.port,
                                         .server_port = c.server.port,
                                         .opened = c.opened,
                                         .packets = {}});
      }
      p.conversation = n;
      sample_.conversations[n].packets.push_back(i);
    }
  }

  // Most packets first; one name may stand for several (SIP over UDP and over TCP).
  void MakeServices() {
    std::vector<SampleService> all = CountServices();
    const std::vector<uint32_t> target = MergeMinor(all);
    std::vector<uint32_t> order, place(all.size());
    for (uint32_t i = 0; i < all.size(); ++i) {
      if (all[i].packets > 0) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](uint32_t a, uint32_t b) { return all[a].packets > all[b].packets; });
    absl::flat_hash_map<std::string, int> used;
    for (uint32_t i : order) {
      place[i] = static_cast<uint32_t>(sample_.services.size());
      if (used[all[i].name]++ > 0) {
        absl::StrAppend(&all[i].name, "_", score::ProtocolName(all[i].protocol));
        if (used[all[i].name]++ > 0) absl::StrAppend(&all[i].name, "_", all[i].number);
      }
      sample_.services.push_back(std::move(all[i]));
    }
    for (uint32_t i = 0; i < sample_.conversations.size(); ++i) {
      SampleConversation& c = sample_.conversations[i];
      c.service = place[target[c.service]];
      sample_.services[c.service].conversations.push_back(i);
    }
  }

  std::vector<SampleService> CountServices() const {
    std::vector<SampleService> all;
    for (const score::Service& s : tracker_.services()) {
      all.push_back(
          {.name = s.name, .protocol = s.protocol, .number = s.number, .conversations = {}});
    }
    for (const SamplePacket& p : sample_.packets) {
      SampleService& s = all[sample_.conversations[p.conversation].service];
      ++s.packets;
      s.bytes += p.frame_bytes;
    }
    return all;
  }

  // Ports without a name and with hardly a packet, when they are many (scans, media streams), are
  // one service of their protocol. Returns where each service went.
  std::vector<uint32_t> MergeMinor(std::vector<SampleService>& all) const {
    constexpr size_t kMany = 8;
    constexpr uint64_t kMinorShare = 50;  // one in so many packets
    std::vector<uint32_t> target(all.size());
    std::iota(target.begin(), target.end(), 0u);
    for (const Protocol protocol : {Protocol::kTcp, Protocol::kUdp}) {
      std::vector<uint32_t> minor;
      for (uint32_t i = 0; i < target.size(); ++i) {
        const SampleService& s = all[i];
        const bool named = score::WellKnownService(protocol, s.number) != nullptr;
        if (s.protocol == protocol && !named && kMinorShare * s.packets < sample_.packets.size()) {
          minor.push_back(i);
        }
      }
      if (minor.size() <= kMany) continue;
      SampleService other{.name = absl::StrCat(score::ProtocolName(protocol), "_other"),
                          .protocol = protocol,
                          .conversations = {}};
      for (uint32_t i : minor) {
        target[i] = static_cast<uint32_t>(all.size());
        other.packets += std::exchange(all[i].packets, 0);
        other.bytes += all[i].bytes;
      }
      all.push_back(std::move(other));
    }
    return target;
  }

  void NameRoles() {
    const auto add = [&](uint32_t endpoint, const std::string& role) {
      std::vector<std::string>& roles = sample_.endpoints[endpoint].roles;
      if (std::find(roles.begin(), roles.end(), role) == roles.end()) roles.push_back(role);
    };
    for (const SampleConversation& c : sample_.conversations) {
      const std::string& service = sample_.services[c.service].name;
      add(c.client, service + " client");
      add(c.server, service + " server");
    }
  }

  SampleOptions options_;
  int64_t first_ns_ = 0;
  score::Tracker tracker_;
  Sample sample_;
  absl::flat_hash_map<std::string, uint32_t> endpoints_;
  absl::flat_hash_map<std::string, std::string> macs_;  // of those who spoke, by IP address
};

}  // namespace

std::span<const uint8_t> Sample::Payload(const SamplePacket& p) const {
  const uint32_t begin = std::min<uint32_t>(p.payload_at, p.kept_bytes);
  const uint32_t kept = std::min(p.kept_bytes - begin, p.payload_bytes);
  return Frame(p).subspan(begin, kept);
}

absl::StatusOr<Sample> ReadSample(const std::string& path, const SampleOptions& options) {
  SPATE_ASSIGN_OR_RETURN(std::unique_ptr<capture::Reader> reader, capture::Reader::Open(path));
  Builder builder(options);
  uint64_t packets = 0;
  while (true) {
    SPATE_ASSIGN_OR_RETURN(const std::optional<capture::Packet> packet, reader->Next());
    if (!packet.has_value()) break;
    ++packets;
    if (absl::Status status = builder.Add(*packet); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
    }
  }
  if (packets == 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": the capture holds no packets"));
  }
  Sample sample = builder.Finish();
  sample.file = path;
  return sample;
}

}  // namespace spate::generator
