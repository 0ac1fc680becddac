#include "generator/fit/hosts.h"

#include <algorithm>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "generator/fit/law.h"
#include "packet/frame.h"

namespace spate::generator {
namespace {

constexpr size_t kHostsMostPairs = 4096;
constexpr size_t kMostOrdered = 16;  // conversations whose pairs are listed one by one

struct ColumnKind {
  const char* name;
  const char* header;  // whose field has such values
  const char* field;
};
constexpr ColumnKind kMac{"mac", "ethernet", "src"};
constexpr ColumnKind kIpv4{"ipv4", "ipv4", "src"};
constexpr ColumnKind kIpv6{"ipv6", "ipv6", "src"};

// The address as a number modulo 2^64; the carry out of an IPv6 address's lower half does not
// matter to a pool of some thousands.
uint64_t NumberOf(const ColumnKind& kind, const std::string& text) {
  const auto bytes = packet::ParseField(*packet::FindHeader(kind.header)->Find(kind.field), text);
  uint64_t number = 0;
  if (!bytes.ok()) return number;
  for (uint8_t b : *bytes) number = number << 8 | b;
  return number;
}

// From each address to the next; 0 when it is not always the same.
uint64_t StepOf(const ColumnKind& kind, const std::vector<std::string>& texts) {
  const uint64_t first = NumberOf(kind, texts[0]), second = NumberOf(kind, texts[1]);
  if (second <= first) return 0;
  for (size_t i = 2; i < texts.size(); ++i) {
    if (NumberOf(kind, texts[i]) - first != i * (second - first)) return 0;
  }
  return second - first;
}

// A constant, a counter where the addresses are regular, else the list.
void AddColumn(const ColumnKind& kind, const std::vector<std::string>& texts, tmpl::HostSet& set) {
  if (texts.empty() || texts.front().empty()) return;
  std::vector<tmpl::Literal> values(texts.begin(), texts.end());
  tmpl::ValueLaw law = ListedValues(values, std::nullopt);
  const uint64_t step = texts.size() > 2 ? StepOf(kind, texts) : 0;
  if (step > 0) {
    law = {};
    law.kind = tmpl::ValueLaw::Kind::kIncrement;
    law.start = texts[0];
    law.step = static_cast<int64_t>(step);
    law.count = texts.size();
  }
  set.columns.emplace_back(kind.name, std::move(law));
}

bool Uneven(const std::vector<double>& weights) {
  const auto [least, most] = std::minmax_element(weights.begin(), weights.end());
  return weights.size() > 1 && *most > 1.5 * *least;
}

std::string UniqueName(const std::string& base, const tmpl::Named<tmpl::HostSet>& sets) {
  const auto taken = [&](const std::string& name) {
    return std::any_of(sets.begin(), sets.end(), [&](const auto& s) { return s.first == name; });
  };
  if (!taken(base)) return base;
  int n = 2;
  while (taken(absl::StrCat(base, "_", n))) ++n;
  return absl::StrCat(base, "_", n);
}

}  // namespace

std::string HostPool::SetOf(const std::string& name, std::vector<Host> hosts,
                            std::vector<double> weights) {
  const bool same =
      std::all_of(hosts.begin(), hosts.end(), [&](const Host& h) { return h == hosts[0]; });
  if (same) hosts.resize(1);
  const std::string base = absl::StrCat(name, hosts.size() > 1 ? "s" : "");
  std::string content = absl::StrJoin(weights, ",");
  std::vector<std::string> macs, ips;
  std::vector<tmpl::Literal> ports;
  for (const Host& h : hosts) {
    absl::StrAppend(&content, "/", h.endpoint, ":", h.port);
    macs.push_back(sample_.endpoints[h.endpoint].mac);
    ips.push_back(sample_.endpoints[h.endpoint].ip);
    if (h.port != 0) ports.emplace_back(static_cast<int64_t>(h.port));
  }
  for (size_t i = 0; i < contents_.size(); ++i) {
    if (contents_[i] == std::pair(base, content)) return sets_[i].first;
  }
  tmpl::HostSet set;
  AddColumn(kMac, macs, set);
  AddColumn(sample_.endpoints[hosts[0].endpoint].ipv6 ? kIpv6 : kIpv4, ips, set);
  if (!ports.empty())
    set.columns.emplace_back("port", ListedValues(std::move(ports), std::nullopt));
  if (!weights.empty()) {
    set.pick = "weights";
    set.weights = std::move(weights);
  }
  contents_.emplace_back(base, content);
  sets_.emplace_back(UniqueName(base, sets_), std::move(set));
  return sets_.back().first;
}

bool HostPool::Single(const std::string& set) const {
  for (const auto& [name, hosts] : sets_) {
    if (name != set) continue;
    return std::all_of(hosts.columns.begin(), hosts.columns.end(), [](const auto& column) {
      return column.second.kind == tmpl::ValueLaw::Kind::kConstant;
    });
  }
  return false;
}

std::pair<std::string, std::string> HostPool::SetsFor(uint32_t service,
                                                      const std::vector<uint32_t>& conversations,
                                                      const Arrivals& arrivals) {
  const bool pooled = sample_.services[service].number == 0;
  const auto hosts_of = [&](uint32_t c) {
    const SampleConversation& conversation = sample_.conversations[c];
    return std::pair(Host{conversation.client, 0},
                     Host{conversation.server, pooled ? conversation.server_port : uint16_t{0}});
  };
  std::vector<Host> clients, servers;  // by distinct pair, in order of appearance
  std::vector<double> weights;
  absl::flat_hash_map<std::tuple<uint32_t, uint32_t, uint16_t>, size_t> seen;
  for (uint32_t c : conversations) {
    const auto [client, server] = hosts_of(c);
    const auto [entry, fresh] =
        seen.try_emplace({client.endpoint, server.endpoint, server.port}, clients.size());
    if (fresh) {
      clients.push_back(client);
      servers.push_back(server);
      weights.push_back(0);
    }
    weights[entry->second] += 1;
  }
  if (clients.size() > kHostsMostPairs)
    clients.resize(kHostsMostPairs), servers.resize(kHostsMostPairs);
  weights.resize(clients.size());
  const bool one_server =
      std::all_of(servers.begin(), servers.end(), [&](const Host& h) { return h == servers[0]; });
  const bool by_turn = arrivals.passes > 1 || arrivals.instances > 1;
  if (!by_turn || !one_server || !Uneven(weights)) {
    if (!one_server && Uneven(weights) && conversations.size() <= kMostOrdered) {
      clients.clear(), servers.clear();  // the very order keeps the pairs' shares
      for (uint32_t c : conversations) {
        const auto [client, server] = hosts_of(c);
        clients.push_back(client);
        servers.push_back(server);
      }
    }
    weights.clear();
  }
  const std::string& name = sample_.services[service].name;
  return {SetOf(name + "_client", clients, weights), SetOf(name + "_server", servers, {})};
}

}  // namespace spate::generator
