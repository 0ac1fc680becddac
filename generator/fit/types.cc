#include "generator/fit/types.h"

#include <bit>
#include <bitset>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace spate::generator {
namespace {

constexpr size_t kMostPayloads = 12;  // told apart per length
constexpr size_t kFewPackets = 6;     // too few to call their differences noise …
constexpr size_t kFewOfAWord = 2;     // … unless a known protocol says that they mean the same
constexpr size_t kLeastText = 16;     // letters of a payload that is told by its text

bool IsNumeral(uint8_t byte) {
  return (byte >= '0' && byte <= '9') || byte == '.' || byte == '-' || byte == '+' || byte == ' ';
}

// Packets of one service, side and payload length, byte position by byte position.
class Columns {
 public:
  void Add(std::span<const uint8_t> payload) {
    ++packets_;
    if (payload.size() > seen_.size()) seen_.resize(payload.size());
    for (size_t i = 0; i < payload.size(); ++i) seen_[i].set(payload[i]);
  }

  // Positions whose bytes do not tell messages apart: varying numerals, counters, random numbers.
  std::vector<bool> Noise() const {
    const double expected = 256 * (1 - std::exp(-static_cast<double>(packets_) / 256));
    std::vector<bool> noise;
    for (const std::bitset<256>& values : seen_) {
      const size_t distinct = values.count();
      bool numerals = distinct > 1;
      for (size_t v = 0; v < 256 && numerals; ++v) {
        numerals = !values[v] || IsNumeral(static_cast<uint8_t>(v));
      }
      noise.push_back(numerals ||
                      (distinct >= 4 && static_cast<double>(distinct) >= 0.5 * expected));
    }
    return noise;
  }

 private:
  size_t packets_ = 0;
  std::vector<std::bitset<256>> seen_;
};

struct Class {  // packets of one service, side and length of payload
  Columns columns;
  std::vector<bool> noise;
  std::set<std::string> payloads;
  size_t packets = 0;
  bool by_length = false;  // too many different payloads
  bool word = false;       // the protocol is known
};

class Typer {
 public:
  explicit Typer(const Sample& sample) : sample_(sample) {}

  Typing Run() {
    for (const SampleService& service : sample_.services) {
      typing_.echoes.push_back(FindEchoes(sample_, PairUp(sample_, service.conversations)));
    }
    LearnNoise();
    LearnVariety();
    for (uint32_t i = 0; i < sample_.packets.size(); ++i) Assign(i);
    ChooseExamples();
    return std::move(typing_);
  }

 private:
  uint32_t ServiceOf(const SamplePacket& p) const {
    return sample_.conversations[p.conversation].service;
  }
  std::string HintOf(const SamplePacket& p) const {
    return PayloadHint(sample_.services[ServiceOf(p)].name, sample_.Payload(p), p.from_client);
  }
  Class& ClassOf(const SamplePacket& p) {
    const std::string hint = HintOf(p);
    Class& c = classes_[{ServiceOf(p), p.from_client, p.payload_bytes, hint}];
    c.word = !hint.empty();
    return c;
  }

  void LearnNoise() {
    for (const SamplePacket& p : sample_.packets) {
      if (p.payload_bytes > 0) ClassOf(p).columns.Add(sample_.Payload(p));
    }
    for (auto& [key, c] : classes_) {
      c.noise = c.columns.Noise();
      for (const Echo& e : typing_.echoes[std::get<0>(key)]) {
        for (uint32_t i = 0; i < e.bytes; ++i) {
          for (uint32_t at : {e.request_offset + i, e.response_offset + i}) {
            if (at < c.noise.size()) c.noise[at] = true;
          }
        }
      }
    }
  }

  void LearnVariety() {
    for (const SamplePacket& p : sample_.packets) {
      if (p.payload_bytes == 0) continue;
      Class& c = ClassOf(p);
      ++c.packets;
      if (!c.by_length) c.payloads.insert(Essence(p, c));
      c.by_length = c.payloads.size() > kMostPayloads;
    }
    for (auto& [key, c] : classes_) {
      const size_t few = c.word ? kFewOfAWord : kFewPackets;
      c.by_length = c.by_length || HintTellsAll(sample_.services[std::get<0>(key)].name) ||
                    (c.packets >= few && 4 * c.payloads.size() >= 3 * c.packets);
    }
  }

  std::string Essence(const SamplePacket& p, const Class& c) const {
    const auto payload = sample_.Payload(p);
    std::string essence(reinterpret_cast<const char*>(payload.data()), payload.size());
    for (size_t i = 0; i < essence.size(); ++i) {
      if (c.noise[i]) essence[i] = '\0';
    }
    return essence;
  }

  // Letters and punctuation of a payload that is mostly these, so that numbers of more or fewer
  // digits do not make it another; "" of others.
  std::string TextOf(const SamplePacket& p) const {
    std::string text;
    const auto payload = sample_.Payload(p);
    for (uint8_t b : payload) {
      if (b > ' ' && b < 0x7f && !IsNumeral(b)) text += static_cast<char>(b);
    }
    const bool enough = text.size() >= kLeastText && 2 * text.size() >= payload.size();
    return enough && payload.size() == p.payload_bytes ? text : "";
  }

  // What tells packets above the network layer apart when there are no ports.
  std::string PortlessKey(const SamplePacket& p) const {
    const auto frame = sample_.Frame(p);
    const Protocol protocol = sample_.services[ServiceOf(p)].protocol;
    const auto byte = [&](size_t at) { return at < frame.size() ? frame[at] : uint8_t{0}; };
    if (protocol == Protocol::kArp) return absl::StrCat("op", byte(p.content_at + 7u));
    if (protocol == Protocol::kIcmp || protocol == Protocol::kIcmpv6) {
      return absl::StrCat("type", byte(p.content_at), "/", byte(p.content_at + 1u), "/",
                          p.frame_bytes);
    }
    return absl::StrCat("size", p.frame_bytes);
  }

  std::string KeyOf(const SamplePacket& p) {
    const SampleService& service = sample_.services[ServiceOf(p)];
    std::string key = absl::StrCat(ServiceOf(p), "/", p.from_client, "/");
    const bool ported = service.protocol == Protocol::kTcp || service.protocol == Protocol::kUdp;
    if (!ported || p.network_layers > 1) return key + PortlessKey(p);
    absl::StrAppend(&key, p.tcp_flags, "/", p.payload_at - p.content_at, "/");
    if (p.payload_bytes == 0) return key;
    const std::string text = TextOf(p);
    if (!text.empty() && !HintTellsAll(service.name)) {
      return absl::StrCat(key, "text", std::bit_width(p.payload_bytes), "/", HintOf(p), "/", text);
    }
    const Class& c = ClassOf(p);
    absl::StrAppend(&key, HintOf(p), "/", p.payload_bytes);
    return c.by_length ? key : absl::StrCat(key, "/", Essence(p, c));
  }

  void Assign(uint32_t i) {
    const SamplePacket& p = sample_.packets[i];
    const auto [entry, fresh] =
        index_.try_emplace(KeyOf(p), static_cast<uint32_t>(typing_.types.size()));
    if (fresh) {
      MessageType type{.service = ServiceOf(p),
                       .from_client = p.from_client,
                       .tcp_flags = p.tcp_flags,
                       .payload_bytes = p.payload_bytes,
                       .example = i,
                       .sizes = {}};
      if (p.payload_bytes > 0) type.opaque = IsOpaque(ClassOf(p));
      typing_.types.push_back(std::move(type));
    }
    ++typing_.types[entry->second].count;
    typing_.of.push_back(entry->second);
  }

  // Types of text hold payloads of several lengths: that nearest to their mean stands for them.
  void ChooseExamples() {
    std::vector<double> mean(typing_.types.size());
    for (uint32_t i = 0; i < sample_.packets.size(); ++i) {
      const uint32_t t = typing_.of[i];
      mean[t] += static_cast<double>(sample_.packets[i].payload_bytes) / typing_.types[t].count;
    }
    for (uint32_t i = 0; i < sample_.packets.size(); ++i) {
      MessageType& type = typing_.types[typing_.of[i]];
      const double wanted = mean[typing_.of[i]];
      const uint32_t bytes = sample_.packets[i].payload_bytes;
      if (std::fabs(bytes - wanted) < std::fabs(type.payload_bytes - wanted)) {
        type.example = i;
        type.payload_bytes = bytes;
      }
    }
  }

  static bool IsOpaque(const Class& c) {
    size_t noisy = 0;
    for (bool n : c.noise) noisy += n ? 1 : 0;
    return c.packets >= kFewPackets && 5 * noisy >= 4 * c.noise.size();
  }

  const Sample& sample_;
  Typing typing_;
  std::map<std::tuple<uint32_t, bool, uint32_t, std::string>, Class> classes_;
  absl::flat_hash_map<std::string, uint32_t> index_;
};

}  // namespace

Typing TypeMessages(const Sample& sample) { return Typer(sample).Run(); }

}  // namespace spate::generator
