#include "generator/fit/pool.h"

#include <algorithm>
#include <bit>
#include <map>
#include <tuple>

#include "score/tracker.h"

namespace spate::generator {
namespace {

constexpr double kFrequent = 0.008;  // of the packets
constexpr size_t kMostExact = 8;

// Side, opening and closing flags, payload bytes.
using Exact = std::tuple<bool, uint8_t, uint32_t>;

Exact ExactOf(const MessageType& t) {
  return {t.from_client, t.tcp_flags & (score::kFin | score::kSyn | score::kRst), t.payload_bytes};
}

// The same with the octave of the payload, from 64 bytes on.
Exact CoarseOf(const Exact& exact) {
  const auto& [client, flags, bytes] = exact;
  return {client, flags,
          bytes == 0 ? 0 : std::max(7u, static_cast<uint32_t>(std::bit_width(bytes)))};
}

class Pool {
 public:
  Pool(const Sample& sample, Typing& typing) : sample_(sample), typing_(typing) {}

  void Count(uint32_t type) {
    ++counts_[ExactOf(typing_.types[type])];
    ++packets_;
  }

  // Keeps the most frequent exact classes, besides those without payload.
  void Choose() {
    std::vector<std::pair<uint64_t, Exact>> order;
    for (const auto& [exact, n] : counts_) {
      if (std::get<2>(exact) > 0) order.emplace_back(n, exact);
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    const double least = std::max(2.0, kFrequent * static_cast<double>(packets_));
    for (size_t i = 0; i < order.size() && i < kMostExact; ++i) {
      if (static_cast<double>(order[i].first) >= least) kept_[order[i].second] = true;
    }
  }

  uint32_t Map(uint32_t packet, uint32_t type) {
    const MessageType old = typing_.types[type];
    const Exact exact = ExactOf(old);
    const bool keep = std::get<2>(exact) == 0 || kept_.contains(exact);
    const auto [entry, fresh] = pooled_.try_emplace({keep, keep ? exact : CoarseOf(exact)},
                                                    static_cast<uint32_t>(typing_.types.size()));
    if (fresh) {
      typing_.types.push_back(old);
      typing_.types.back().example = packet;
      typing_.types.back().count = 0;
    }
    MessageType& pooled = typing_.types[entry->second];
    ++pooled.count;
    if (!keep) pooled.sizes.push_back(sample_.packets[packet].frame_bytes);
    return entry->second;
  }

 private:
  const Sample& sample_;
  Typing& typing_;
  std::map<Exact, uint64_t> counts_;
  std::map<Exact, bool> kept_;
  std::map<std::pair<bool, Exact>, uint32_t> pooled_;
  uint64_t packets_ = 0;
};

}  // namespace

void PoolTypes(const Sample& sample, const std::vector<uint32_t>& conversations,
               std::vector<Sequence>& sequences, Typing& typing) {
  Pool pool(sample, typing);
  for (const Sequence& s : sequences) {
    for (uint32_t type : s.types) pool.Count(type);
  }
  pool.Choose();
  for (size_t c = 0; c < conversations.size(); ++c) {
    const std::vector<uint32_t>& packets = sample.conversations[conversations[c]].packets;
    for (size_t i = 0; i < packets.size(); ++i) {
      sequences[c].types[i] = pool.Map(packets[i], sequences[c].types[i]);
    }
  }
}

}  // namespace spate::generator
