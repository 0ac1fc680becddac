#include "generator/fit/kinds.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "generator/fit/pool.h"

namespace spate::generator {
namespace {

constexpr double kAlike = 0.7;        // share of packets of common types that joins long ones
constexpr double kKindsSamePace = 2;  // ratio of mean gaps
constexpr size_t kMostCompared = 64;  // kinds that a long conversation is compared with
constexpr double kPaceClass = 8;      // ratio of mean gaps within one pooled chain

class Sorter {
 public:
  Sorter(const Sample& sample, uint32_t service, const FitOptions& options, Typing& typing)
      : sample_(sample), service_(service), options_(options), typing_(typing) {}

  std::vector<Kind> Run() {
    std::map<std::string, std::vector<uint32_t>> shapes;
    std::vector<uint32_t> long_ones;
    for (uint32_t c : sample_.services[service_].conversations) {
      if (sample_.conversations[c].packets.size() <= options_.longest_script) {
        shapes[ShapeOf(c)].push_back(c);
      } else {
        long_ones.push_back(c);
      }
    }
    for (const auto& [shape, members] : shapes)
      AddKind(members, DescribeScripts(Sequences(members)));
    for (const auto& members : Cluster(long_ones)) AddLong(members);
    PoolWhatCostsTooMuch();
    return std::move(kinds_);
  }

 private:
  std::string ShapeOf(uint32_t conversation) const {
    std::string shape = StackOf(sample_, conversation);
    for (uint32_t i : sample_.conversations[conversation].packets) {
      const SamplePacket& p = sample_.packets[i];
      absl::StrAppend(&shape, p.from_client ? "c" : "s", p.tcp_flags, ".",
                      static_cast<int>(std::bit_width(p.payload_bytes)), " ");
    }
    return shape;
  }

  std::vector<Sequence> Sequences(const std::vector<uint32_t>& members) const {
    std::vector<Sequence> sequences;
    for (uint32_t c : members) sequences.push_back(SequenceOf(sample_, typing_, c));
    return sequences;
  }

  void AddKind(const std::vector<uint32_t>& members, Behaviour behaviour) {
    Kind kind{
        .service = service_, .name = "", .members = members, .behaviour = std::move(behaviour)};
    for (uint32_t c : members) kind.packets += sample_.conversations[c].packets.size();
    kinds_.push_back(std::move(kind));
  }

  void AddLong(const std::vector<uint32_t>& members) {
    std::vector<Sequence> sequences = Sequences(members);
    Behaviour rounds = DescribeRounds(sequences, typing_);
    std::set<uint32_t> types;
    for (const Sequence& s : sequences) types.insert(s.types.begin(), s.types.end());
    Behaviour chain;
    chain.cost = INFINITY;
    if (types.size() <= kMostStates) chain = DescribeChain(sequences, typing_);
    // Rounds keep the order of what belongs together, so they may cost more than a chain.
    constexpr double kWorthOfRounds = 2;
    const bool take_rounds = rounds.cost >= 0 && rounds.cost <= kWorthOfRounds * chain.cost;
    if (!take_rounds && std::isinf(chain.cost)) {
      PoolTypes(sample_, members, sequences, typing_);
      chain = DescribeChain(sequences, typing_);
    }
    Behaviour& best = take_rounds ? rounds : chain;
    // What all do alike is best told as it goes.
    Behaviour script = DescribeScripts(Sequences(members));
    const bool alike = members.size() > 1 && script.cost <= best.cost;
    AddKind(members, std::move(alike ? script : best));
  }

  struct Profile {
    std::string stack;
    std::map<uint32_t, double> shares;  // of its packets, by type
    double mean_gap = 0;
  };

  Profile ProfileOf(uint32_t conversation) const {
    const std::vector<uint32_t>& packets = sample_.conversations[conversation].packets;
    Profile profile{.stack = StackOf(sample_, conversation), .shares = {}};
    const double n = static_cast<double>(packets.size());
    for (uint32_t i : packets) profile.shares[typing_.of[i]] += 1 / n;
    profile.mean_gap = MeanGap(conversation);
    return profile;
  }

  double MeanGap(uint32_t conversation) const {
    const std::vector<uint32_t>& packets = sample_.conversations[conversation].packets;
    if (packets.size() < 2) return 0;
    const int64_t span =
        sample_.packets[packets.back()].time_ns - sample_.packets[packets.front()].time_ns;
    return static_cast<double>(span) * 1e-9 / static_cast<double>(packets.size() - 1);
  }

  static bool Alike(const Profile& a, const Profile& b) {
    const double slower = std::max(a.mean_gap, b.mean_gap),
                 faster = std::min(a.mean_gap, b.mean_gap);
    if (a.stack != b.stack || slower > kKindsSamePace * faster + 1e-6) return false;
    double common = 0;
    for (const auto& [type, share] : a.shares) {
      const auto other = b.shares.find(type);
      if (other != b.shares.end()) common += std::min(share, other->second);
    }
    return common >= kAlike;
  }

  std::vector<std::vector<uint32_t>> Cluster(const std::vector<uint32_t>& conversations) const {
    std::vector<std::vector<uint32_t>> clusters;
    std::vector<Profile> profiles;  // of the first member of each
    for (uint32_t c : conversations) {
      Profile profile = ProfileOf(c);
      size_t k = 0;
      while (k < profiles.size() && k < kMostCompared && !Alike(profiles[k], profile)) ++k;
      if (k >= std::min(profiles.size(), kMostCompared)) {
        k = clusters.size();
        clusters.emplace_back();
        profiles.push_back(std::move(profile));
      }
      clusters[k].push_back(c);
    }
    return clusters;
  }

  // Kinds that tell the most packets for their cost stay; the others share chains.
  void PoolWhatCostsTooMuch() {
    const auto worth = [](const Kind& k) {
      return static_cast<double>(k.packets) / std::max(1.0, k.behaviour.cost);
    };
    std::stable_sort(kinds_.begin(), kinds_.end(),
                     [&](const Kind& a, const Kind& b) { return worth(a) > worth(b); });
    double budget = std::max(
        static_cast<double>(options_.numbers_at_least),
        options_.numbers_per_packet * static_cast<double>(sample_.services[service_].packets));
    std::vector<Kind> kept;
    std::map<std::string, std::vector<uint32_t>> pools;
    for (Kind& kind : kinds_) {
      budget -= kind.behaviour.cost + kCostOfKind;
      if (budget >= 0) {
        kept.push_back(std::move(kind));
        continue;
      }
      for (uint32_t c : kind.members) pools[PoolOf(c)].push_back(c);
    }
    kinds_ = std::move(kept);
    for (auto& [key, members] : pools) {
      std::sort(members.begin(), members.end());
      std::vector<Sequence> sequences = Sequences(members);
      PoolTypes(sample_, members, sequences, typing_);
      AddKind(members, DescribeChain(sequences, typing_));
    }
    std::stable_sort(kinds_.begin(), kinds_.end(),
                     [](const Kind& a, const Kind& b) { return a.packets > b.packets; });
  }

  std::string PoolOf(uint32_t conversation) const {
    const double pace = std::max(1e-6, MeanGap(conversation));
    return absl::StrCat(StackOf(sample_, conversation),
                        std::lround(std::log(pace) / std::log(kPaceClass)));
  }

  static constexpr double kCostOfKind = 4;

  const Sample& sample_;
  uint32_t service_;
  const FitOptions& options_;
  Typing& typing_;
  std::vector<Kind> kinds_;
};

}  // namespace

std::string StackOf(const Sample& sample, uint32_t conversation) {
  const SampleConversation& c = sample.conversations[conversation];
  const SamplePacket& p = sample.packets[c.packets.front()];
  const auto frame = sample.Frame(p);
  constexpr size_t kTypesAt = 12;
  std::string stack = absl::StrCat(sample.endpoints[c.client].ipv6, "/", p.network_layers, "/");
  for (size_t i = kTypesAt; i + 1 < frame.size(); i += 4) {  // tags, then the EtherType
    const bool tag = frame[i] == 0x81 || (frame[i] == 0x88 && frame[i + 1] == 0xa8);
    if (!tag || i + 3 >= frame.size()) break;
    absl::StrAppend(&stack, frame[i + 2] & 0xf, ".", frame[i + 3], "/");
  }
  return stack;
}

std::vector<Kind> FindKinds(const Sample& sample, uint32_t service, const FitOptions& options,
                            Typing& typing) {
  return Sorter(sample, service, options, typing).Run();
}

}  // namespace spate::generator
