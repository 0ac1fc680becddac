#include "generator/fit/messages.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/units.h"
#include "generator/fit/law.h"
#include "generator/fit/stack.h"
#include "score/tracker.h"

namespace spate::generator {
namespace {

constexpr size_t kOpaqueBytes = 32;   // of payloads that say nothing to people …
constexpr size_t kOpaqueBeyond = 64;  // … when they are longer than this
constexpr size_t kMostSizes = 8;      // of a type that pools several

// The key with the highest count; the default for an empty map.
template <class K>
K CommonestMessages(const std::map<K, uint64_t>& counts) {
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? K() : most->first;
}

bool IsText(std::span<const uint8_t> payload) {
  return std::all_of(payload.begin(), payload.end(), [](uint8_t b) {
    return (b >= 0x20 && b < 0x7f) || b == '\r' || b == '\n' || b == '\t';
  });
}

// Beyond their first records these are ciphertext.
bool IsCiphertext(std::string_view service, std::span<const uint8_t> payload) {
  if (service == "wireguard") return true;
  if (payload.size() < 6) return false;
  if (service == "tls" || service == "mqtts") return payload[0] == 23 && payload[1] == 3;
  constexpr uint8_t kLeastKexMessage = 20, kMostKexMessage = 49;  // RFC 4253, 12
  const bool clear =
      payload[0] == 'S' || (payload[5] >= kLeastKexMessage && payload[5] <= kMostKexMessage &&
                            payload[0] == 0 && payload[1] == 0);
  return service == "ssh" && !clear;
}

const char* IcmpWord(Protocol protocol, uint8_t type) {
  if (protocol == Protocol::kIcmp) {
    if (type == 8) return "echo_request";
    if (type == 0) return "echo_reply";
    if (type == 3) return "unreachable";
    return "";
  }
  switch (type) {
    case 128:
      return "echo_request";
    case 129:
      return "echo_reply";
    case 133:
      return "router_solicitation";
    case 134:
      return "router_advertisement";
    case 135:
      return "neighbor_solicitation";
    case 136:
      return "neighbor_advertisement";
    case 143:
      return "multicast_listener_report";
    default:
      return "";
  }
}

}  // namespace

MessagePool::MessagePool(const Sample& sample, const Typing& typing)
    : sample_(sample), typing_(typing) {
  struct Seen {
    std::map<size_t, uint64_t> lengths;
    std::map<std::string, uint64_t> options;
    std::map<uint16_t, uint64_t> windows;
  };
  std::vector<Seen> seen(sample.services.size());
  for (uint32_t i = 0; i < sample.packets.size(); ++i) {
    const SamplePacket& p = sample.packets[i];
    const uint32_t service = sample.conversations[p.conversation].service;
    if (sample.services[service].protocol != Protocol::kTcp || (p.tcp_flags & score::kSyn))
      continue;
    const std::string options = OptionsOf(i);
    ++seen[service].lengths[options.size()];
    ++seen[service].options[options];
    ++seen[service].windows[TcpWindow(sample, i)];
  }
  for (Seen& of_service : seen) {
    const size_t length = CommonestMessages(of_service.lengths);
    std::erase_if(of_service.options, [&](const auto& o) { return o.first.size() != length; });
    usual_.push_back(
        {CommonestMessages(of_service.options), CommonestMessages(of_service.windows)});
  }
}

bool MessagePool::IsPlain(uint32_t packet) const {
  const SamplePacket& p = sample_.packets[packet];
  const Protocol protocol =
      sample_.services[sample_.conversations[p.conversation].service].protocol;
  return p.network_layers > 1 || (protocol != Protocol::kTcp && protocol != Protocol::kUdp);
}

std::string MessagePool::OptionsOf(uint32_t packet) const {
  const SamplePacket& p = sample_.packets[packet];
  constexpr uint32_t kFixed = 20;
  const auto frame = sample_.Frame(p);
  const size_t begin = std::min<size_t>(p.content_at + kFixed, frame.size());
  const size_t end = std::clamp<size_t>(p.payload_at, begin, frame.size());
  return HexOf(frame.subspan(begin, end - begin));
}

std::vector<tmpl::HeaderUse> MessagePool::SharedHeaders(uint32_t conversation) const {
  const SampleConversation& c = sample_.conversations[conversation];
  std::vector<tmpl::HeaderUse> headers = EnvelopeOf(sample_, c.packets.front());
  if (sample_.services[c.service].protocol != Protocol::kTcp) return headers;
  const Usual& usual = usual_[c.service];
  tmpl::HeaderUse tcp{.place = {}, .header = "tcp", .fields = {}};
  tcp.fields.emplace_back("window", ConstantValue(int64_t{usual.window}));
  if (!usual.options.empty()) tcp.fields.emplace_back("options", ConstantValue(usual.options));
  headers.push_back(std::move(tcp));
  return headers;
}

std::string MessagePool::BaseName(const MessageType& type) const {
  const SamplePacket& p = sample_.packets[type.example];
  const SampleService& service = sample_.services[type.service];
  const char* side = type.from_client ? "_c" : "_s";
  const auto frame = sample_.Frame(p);
  const auto content = [&](size_t at) {
    return p.content_at + at < frame.size() ? frame[p.content_at + at] : uint8_t{0};
  };
  if (service.protocol == Protocol::kArp) {
    const uint8_t operation = content(7);
    return operation == 1 ? "arp_request" : operation == 2 ? "arp_reply" : "arp_other";
  }
  if (service.protocol == Protocol::kIcmp || service.protocol == Protocol::kIcmpv6) {
    const std::string word = IcmpWord(service.protocol, content(0));
    return word.empty() ? absl::StrCat(service.name, "_type_", content(0))
                        : absl::StrCat(service.name, "_", word);
  }
  if (service.protocol == Protocol::kTcp && p.network_layers < 2) {
    const std::string kind = TcpKind(type.tcp_flags, type.payload_bytes);
    if (kind == "syn" || kind == "syn_ack") return absl::StrCat("tcp_", kind);
    if (type.payload_bytes == 0) return absl::StrCat("tcp_", kind, side);
    if (kind != "data") return absl::StrCat(service.name, "_", kind, side);
  }
  const std::string hint = PayloadHint(service.name, sample_.Payload(p), type.from_client);
  if (!hint.empty() && type.sizes.empty()) return absl::StrCat(service.name, "_", hint);
  return absl::StrCat(service.name, "_data", side, "_", type.payload_bytes);
}

bool MessagePool::Truncates(const MessageType& type) const {
  const auto payload = sample_.Payload(sample_.packets[type.example]);
  if (payload.size() <= kOpaqueBeyond) return false;
  return type.opaque || IsCiphertext(sample_.services[type.service].name, payload);
}

void MessagePool::AddPayload(const MessageType& type, std::span<const uint8_t> payload,
                             uint64_t whole, tmpl::Message& message) const {
  const SamplePacket& p = sample_.packets[type.example];
  if (!payload.empty()) {
    message.payload.emplace();
    message.payload->kind =
        IsText(payload) ? tmpl::Payload::Kind::kText : tmpl::Payload::Kind::kHex;
    message.payload->data =
        IsText(payload) ? std::string(payload.begin(), payload.end()) : HexOf(payload);
  }
  if (!type.sizes.empty()) {
    const uint64_t least = p.payload_at + (type.payload_bytes > 0 ? 1u : 0u);
    std::vector<uint64_t> sizes = type.sizes;
    for (uint64_t& size : sizes) size = std::max(size, least) + kFcsBytes;
    message.size = WeightedValues(std::move(sizes), kMostSizes, type.count);
  } else if (payload.size() < whole) {
    message.size = ConstantValue(static_cast<int64_t>(p.frame_bytes + kFcsBytes));
  }
}

tmpl::Message MessagePool::MakePlain(const MessageType& type) const {
  tmpl::Message message;
  uint32_t payload_at = 0;
  message.packet = WholeStack(sample_, type.example, payload_at);
  const SamplePacket& p = sample_.packets[type.example];
  const auto frame = sample_.Frame(p);
  auto payload = frame.subspan(std::min<size_t>(payload_at, frame.size()));
  // Padding of short frames comes back by itself.
  constexpr uint32_t kMinFrameBytes = 60;
  if (p.frame_bytes <= kMinFrameBytes && p.network_layers < 2) {
    payload = payload.first(std::min<size_t>(payload.size(), sample_.Payload(p).size()));
    AddPayload(type, payload, payload.size(), message);
  } else {
    AddPayload(type, payload, p.frame_bytes - payload_at, message);
  }
  return message;
}

tmpl::Message MessagePool::Make(const MessageType& type) const {
  if (IsPlain(type.example)) return MakePlain(type);
  const SamplePacket& p = sample_.packets[type.example];
  tmpl::Message message;
  message.by = type.from_client ? "client" : "server";
  if (sample_.services[type.service].protocol == Protocol::kTcp) {
    message.packet.push_back(TcpHeader(sample_, type.example));
    const std::string options = OptionsOf(type.example);
    if (options.size() != usual_[type.service].options.size()) {
      message.packet.back().fields.emplace_back("options", ConstantValue(options));
    }
  }
  auto payload = sample_.Payload(p);
  if (Truncates(type)) payload = payload.first(kOpaqueBytes);
  AddPayload(type, payload, p.payload_bytes, message);
  return message;
}

std::string MessagePool::BareTcpKey(const MessageType& type, const tmpl::Message& message) const {
  const SampleService& service = sample_.services[type.service];
  const bool bare =
      service.protocol == Protocol::kTcp && type.payload_bytes == 0 && type.sizes.empty();
  if (!bare || IsPlain(type.example)) return "";
  std::string key = absl::StrCat(type.from_client, "/", type.tcp_flags);
  for (const auto& [field, law] : message.packet.front().fields) {
    const bool options = field == "options";  // their time stamps differ
    if (options) absl::StrAppend(&key, "/options", std::get<std::string>(law.values[0]).size());
    if (field == "window") absl::StrAppend(&key, "/window", std::get<int64_t>(law.values[0]));
  }
  return key;
}

std::string MessagePool::NameOf(uint32_t type, const std::vector<FieldSource>& fields) {
  const auto [entry, fresh] = names_.try_emplace({type, fields}, "");
  if (!fresh) return entry->second;
  const MessageType& t = typing_.types[type];
  tmpl::Message message = Make(t);
  const std::string bare = BareTcpKey(t, message);
  if (!bare.empty()) {
    const auto [known, first] = bare_tcp_.try_emplace(bare, "");
    if (!first) return entry->second = known->second;
  }
  for (const FieldSource& field : fields) {
    tmpl::RawField raw{.place = {}, .offset = field.offset, .bits = 8 * field.bytes, .value = {}};
    raw.value.kind = field.variable ? tmpl::ValueLaw::Kind::kVariable : tmpl::ValueLaw::Kind::kDraw;
    raw.value.name = field.name;
    message.at.push_back(std::move(raw));
  }
  const auto taken = [&](const std::string& name) {
    return std::any_of(messages_.begin(), messages_.end(),
                       [&](const auto& m) { return m.first == name; });
  };
  const std::string base = BaseName(t);
  std::string name = base;
  if (taken(name) && t.payload_bytes > 0) name = absl::StrCat(base, "_", t.payload_bytes);
  for (int n = 2; taken(name); ++n) name = absl::StrCat(base, "_", t.payload_bytes, "_", n);
  messages_.emplace_back(name, std::move(message));
  if (!bare.empty()) bare_tcp_[bare] = name;
  return entry->second = name;
}

}  // namespace spate::generator
