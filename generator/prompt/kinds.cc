#include "generator/prompt/kinds.h"

#include <array>
#include <map>
#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace spate::generator {
namespace {

constexpr size_t kManyKinds = 8;  // of one sender in one service

// ARP operations (RFC 826) and ICMP types (RFC 792, RFC 4443) that have a name.
std::string PortlessKind(const Sample& sample, const SamplePacket& p, Protocol protocol) {
  const auto frame = sample.Frame(p);
  const auto byte = [&](size_t at) { return at < frame.size() ? frame[at] : uint8_t{0}; };
  if (protocol == Protocol::kArp) {
    const uint8_t operation = byte(p.content_at + 7u);
    return operation == 1 ? "request" : operation == 2 ? "reply" : absl::StrCat("op", operation);
  }
  const uint8_t type = byte(p.content_at);
  if (protocol == Protocol::kIcmp) {
    return type == 8 ? "echo" : type == 0 ? "echo_reply" : absl::StrCat("type", type);
  }
  if (protocol == Protocol::kIcmpv6) {
    return type == 128 ? "echo" : type == 129 ? "echo_reply" : absl::StrCat("type", type);
  }
  return "packet";
}

std::string PlainKind(const Sample& sample, const SamplePacket& p) {
  const SampleService& service = sample.services[sample.conversations[p.conversation].service];
  const bool tcp = service.protocol == Protocol::kTcp;
  if (!tcp && service.protocol != Protocol::kUdp) return PortlessKind(sample, p, service.protocol);
  const std::string_view flags =
      tcp ? TcpKind(p.tcp_flags, p.payload_bytes) : std::string_view("data");
  if (p.payload_bytes == 0 || flags != "data") return std::string(flags);
  std::string hint = PayloadHint(service.name, sample.Payload(p), p.from_client);
  return hint.empty() ? "data" : hint;
}

using Sides = std::array<std::set<std::string>, 2>;  // kinds by sender: server, client

// "query_broker_a" → "query".
void Shorten(std::string& kind) { kind.resize(std::min(kind.find('_'), kind.size())); }

}  // namespace

std::vector<std::string> NameKinds(const Sample& sample) {
  std::vector<std::string> kinds;
  std::vector<Sides> sides(sample.services.size());
  const auto sides_of = [&](const SamplePacket& p) -> Sides& {
    return sides[sample.conversations[p.conversation].service];
  };
  for (const SamplePacket& p : sample.packets) {
    kinds.push_back(PlainKind(sample, p));
    sides_of(p)[p.from_client].insert(kinds.back());
  }
  std::vector<Sides> names(sample.services.size());
  for (size_t i = 0; i < kinds.size(); ++i) {
    const SamplePacket& p = sample.packets[i];
    const bool hinted =
        p.payload_bytes > 0 && TcpKind(p.tcp_flags, p.payload_bytes) == std::string_view("data");
    if (hinted && sides_of(p)[p.from_client].size() > kManyKinds) Shorten(kinds[i]);
    names[sample.conversations[p.conversation].service][p.from_client].insert(kinds[i]);
  }
  for (size_t i = 0; i < kinds.size(); ++i) {
    const SamplePacket& p = sample.packets[i];
    const Sides& used = names[sample.conversations[p.conversation].service];
    if (used[!p.from_client].contains(kinds[i])) {
      kinds[i].insert(0, p.from_client ? "client_" : "server_");
    }
  }
  return kinds;
}

}  // namespace spate::generator
