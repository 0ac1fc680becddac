#include "generator/fit/stack.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "generator/fit/law.h"
#include "packet/frame.h"
#include "packet/layout.h"
#include "score/tracker.h"

namespace spate::generator {
namespace {

using packet::Derived;
using packet::FieldKind;
using packet::FieldSpec;
using packet::Layer;

bool IsPreset(const FieldSpec& field, const std::vector<uint8_t>& bytes) {
  if (field.bits == 0) return std::ranges::equal(bytes, field.preset_bytes);
  uint64_t low = 0, high = 0;
  for (uint8_t b : bytes) {
    high = high << 8 | low >> 56;
    low = low << 8 | b;
  }
  return low == field.preset && high == field.preset_high;
}

tmpl::Literal LiteralOf(const FieldSpec& field, const std::vector<uint8_t>& bytes) {
  if (field.kind != FieldKind::kUint || field.bits == 0) return packet::FormatField(field, bytes);
  uint64_t number = 0;
  for (uint8_t b : bytes) number = number << 8 | b;
  return static_cast<int64_t>(number);
}

bool IsAddress(const FieldSpec& field) {
  return field.kind == FieldKind::kMac || field.kind == FieldKind::kIpv4 ||
         field.kind == FieldKind::kIpv6;
}

tmpl::ValueLaw HostLaw(const char* role) {
  tmpl::ValueLaw law;
  law.kind = tmpl::ValueLaw::Kind::kHost;
  law.name = role;
  return law;
}

std::span<const uint8_t> HeaderBytes(const Sample& sample, const SamplePacket& p,
                                     const Layer& layer) {
  return sample.Frame(p).subspan(layer.offset, layer.bytes);
}

// A field as the template must say it; nullopt when it says nothing new.
std::optional<tmpl::ValueLaw> FieldLaw(const Sample& sample, const SamplePacket& p,
                                       const Layer& layer, const FieldSpec& field, bool last) {
  const bool names_payload = field.derived == Derived::kNext && last;
  if (field.derived != Derived::kNo && !names_payload) return std::nullopt;
  const auto header = HeaderBytes(sample, p, layer);
  const auto layout = packet::Parse(*layer.spec, header);
  if (!layout || !layout->PlaceOf(field)) return std::nullopt;
  const std::vector<uint8_t> bytes = packet::ReadField(*layer.spec, field, header);
  const bool present_only_when_said = field.optional || field.when.mask != 0;
  if (IsAddress(field)) {
    const SampleConversation& c = sample.conversations[p.conversation];
    const std::string text = packet::FormatField(field, bytes);
    const Endpoint &client = sample.endpoints[c.client], &server = sample.endpoints[c.server];
    if (text == client.mac || text == client.ip) return HostLaw("client");
    if (text == server.mac || text == server.ip) return HostLaw("server");
  }
  if (!present_only_when_said && IsPreset(field, bytes)) return std::nullopt;
  return ConstantValue(LiteralOf(field, bytes));
}

std::vector<Layer> LayersOf(const Sample& sample, const SamplePacket& p) {
  return score::ReadHeaders(sample.Frame(p), packet::LinkType::kEthernet).dissection.layers;
}

void AddFields(const Sample& sample, const SamplePacket& p, const Layer& layer,
               std::initializer_list<std::string_view> names, tmpl::HeaderUse& use) {
  for (std::string_view name : names) {
    const FieldSpec* field = layer.spec->Find(name);
    if (field == nullptr) continue;
    if (auto law = FieldLaw(sample, p, layer, *field, false)) {
      use.fields.emplace_back(name, *std::move(law));
    }
  }
}

}  // namespace

std::string HexOf(std::span<const uint8_t> bytes) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::vector<tmpl::HeaderUse> EnvelopeOf(const Sample& sample, uint32_t packet) {
  const SamplePacket& p = sample.packets[packet];
  std::vector<tmpl::HeaderUse> uses;
  for (const Layer& layer : LayersOf(sample, p)) {
    tmpl::HeaderUse use{.place = {}, .header = std::string(layer.spec->name), .fields = {}};
    if (use.header == "vlan" || use.header == "qinq") {
      AddFields(sample, p, layer, {"priority", "cfi", "id"}, use);
      uses.push_back(std::move(use));
      continue;
    }
    AddFields(sample, p, layer, {"tos", "time_to_live", "traffic_class", "hop_limit"}, use);
    if (!use.fields.empty()) uses.push_back(std::move(use));
  }
  return uses;
}

tmpl::HeaderUse TcpHeader(const Sample& sample, uint32_t packet) {
  const SamplePacket& p = sample.packets[packet];
  const FieldSpec* flags = packet::FindHeader("tcp")->Find("flags");
  const std::vector<uint8_t> bytes = {p.tcp_flags};
  tmpl::HeaderUse use{.place = {}, .header = "tcp", .fields = {}};
  use.fields.emplace_back("flags", ConstantValue(packet::FormatField(*flags, bytes)));
  if (p.tcp_flags & score::kSyn) {
    use.fields.emplace_back("window", ConstantValue(int64_t{TcpWindow(sample, packet)}));
  }
  return use;
}

uint16_t TcpWindow(const Sample& sample, uint32_t packet) {
  constexpr size_t kWindowAt = 14;
  const SamplePacket& p = sample.packets[packet];
  const auto frame = sample.Frame(p);
  const size_t at = p.content_at + kWindowAt;
  return at + 1 < frame.size() ? static_cast<uint16_t>(frame[at] << 8 | frame[at + 1])
                               : uint16_t{0};
}

std::vector<tmpl::HeaderUse> WholeStack(const Sample& sample, uint32_t packet,
                                        uint32_t& payload_at) {
  const SamplePacket& p = sample.packets[packet];
  std::vector<Layer> layers = LayersOf(sample, p);
  if (p.network_layers > 1) {
    const auto network = std::find_if(layers.begin(), layers.end(), [](const Layer& l) {
      return l.spec->name == "ipv4" || l.spec->name == "ipv6";
    });
    layers.erase(network + 1, layers.end());
  }
  std::vector<tmpl::HeaderUse> uses;
  payload_at = 0;
  for (size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    tmpl::HeaderUse use{.place = {}, .header = std::string(layer.spec->name), .fields = {}};
    for (const FieldSpec& field : layer.spec->fields) {
      if (auto law = FieldLaw(sample, p, layer, field, i + 1 == layers.size())) {
        use.fields.emplace_back(field.name, *std::move(law));
      }
    }
    uses.push_back(std::move(use));
    payload_at = layer.offset + layer.bytes;
  }
  return uses;
}

}  // namespace spate::generator
