// Conversations without a plain pattern, as a semi-Markov chain.
#include <algorithm>
#include <map>

#include "generator/fit/behaviour.h"
#include "score/tracker.h"

namespace spate::generator {
namespace {

constexpr double kRareTransition = 0.02;  // of what leaves a state
constexpr uint64_t kRareCount = 2;

// Leading packets until the handshake is through; 0 for conversations cut at their begin.
size_t HeadOf(const Sequence& s, const Typing& typing) {
  const auto is_syn = [&](size_t i) {
    return i < s.types.size() && (typing.types[s.types[i]].tcp_flags & score::kSyn);
  };
  if (!is_syn(0)) return 0;
  size_t i = 1;
  while (is_syn(i)) ++i;
  return i > 1 && i < s.types.size() ? i + 1 : i;
}

// Trailing packets from the first FIN or RST on, when it is near the end.
size_t TailOf(const Sequence& s, const Typing& typing, size_t head) {
  constexpr size_t kLongest = 6;
  const size_t n = s.types.size();
  for (size_t i = std::max(head, n - std::min(n, kLongest)); i < n; ++i) {
    if (typing.types[s.types[i]].tcp_flags & (score::kFin | score::kRst)) return n - i;
  }
  return 0;
}

// The part of most members stands for all.
Script CommonestChain(const std::vector<Sequence>& sequences, const std::vector<size_t>& lengths,
                      bool head) {
  std::map<std::vector<uint32_t>, std::vector<size_t>> ways;
  const auto begin = [&](size_t s) { return head ? 0 : sequences[s].types.size() - lengths[s]; };
  for (size_t s = 0; s < sequences.size(); ++s) {
    const auto from = sequences[s].types.begin() + static_cast<ptrdiff_t>(begin(s));
    ways[{from, from + static_cast<ptrdiff_t>(lengths[s])}].push_back(s);
  }
  const auto most = std::max_element(ways.begin(), ways.end(), [](const auto& a, const auto& b) {
    return a.second.size() < b.second.size();
  });
  std::vector<const Sequence*> members;
  std::vector<size_t> offsets;
  for (size_t s : most->second) {
    members.push_back(&sequences[s]);
    offsets.push_back(begin(s));
  }
  return AlignedScript(members, offsets, most->first.size());
}

std::vector<bool> Reached(const Behaviour& b) {
  std::vector<bool> reached(b.chain.size());
  std::vector<uint32_t> open = {b.chain_start};
  reached[b.chain_start] = true;
  while (!open.empty()) {
    const uint32_t from = open.back();
    open.pop_back();
    for (const Edge& edge : b.chain[from].next) {
      if (!reached[edge.to]) open.push_back(edge.to);
      reached[edge.to] = true;
    }
  }
  return reached;
}

// Transitions that hardly ever happen, save those that alone lead to a state.
void DropRare(Behaviour& b) {
  for (State& state : b.chain) {
    uint64_t leaving = 0;
    for (const Edge& edge : state.next) leaving += edge.count;
    for (size_t i = state.next.size(); i-- > 0;) {
      const uint64_t count = state.next[i].count;
      const double share = static_cast<double>(count) / static_cast<double>(leaving);
      if (count > kRareCount || share >= kRareTransition) continue;
      Edge edge = std::move(state.next[i]);
      state.next.erase(state.next.begin() + static_cast<ptrdiff_t>(i));
      const std::vector<bool> reached = Reached(b);
      if (std::find(reached.begin(), reached.end(), false) == reached.end()) continue;
      state.next.insert(state.next.begin() + static_cast<ptrdiff_t>(i), std::move(edge));
    }
  }
}

class ChainBuilder {
 public:
  void Add(const Sequence& s, size_t begin, size_t end) {
    if (begin >= end) return;
    ++starts_[StateOf(s.types[begin])];
    ++ends_[StateOf(s.types[end - 1])];
    for (size_t i = begin; i + 1 < end; ++i) {
      Edge& edge = edges_[{StateOf(s.types[i]), StateOf(s.types[i + 1])}];
      ++edge.count;
      edge.gaps.push_back(s.gaps[i + 1]);
    }
  }

  void Finish(Behaviour& b) {
    b.chain = std::move(states_);
    if (b.chain.empty()) return;
    b.chain_start = MostFrequent(starts_);
    for (auto& [ends, edge] : edges_) {
      edge.to = ends.second;
      b.chain[ends.first].next.push_back(std::move(edge));
    }
    JoinOtherStarts(b);
    DropRare(b);
    // The last packet seen may be the only one of its type: from there all begins again.
    for (State& state : b.chain) {
      if (state.next.empty()) state.next.push_back({.to = b.chain_start, .count = 1, .gaps = {}});
    }
    for (const State& state : b.chain) b.cost += 1 + 1.5 * static_cast<double>(state.next.size());
  }

 private:
  static uint32_t MostFrequent(const std::map<uint32_t, uint64_t>& counts) {
    return std::max_element(counts.begin(), counts.end(),
                            [](const auto& a, const auto& c) { return a.second < c.second; })
        ->first;
  }

  // A chain has one start. What begins other conversations and comes nowhere else follows where
  // most of them end, as often as it was seen, so that each state keeps its share.
  void JoinOtherStarts(Behaviour& b) const {
    for (const auto& [start, count] : starts_) {
      const std::vector<bool> reached = Reached(b);
      if (reached[start]) continue;
      const uint32_t end = MostFrequent(ends_);
      State& from = b.chain[reached[end] ? end : b.chain_start];
      Edge edge{.to = start, .count = count, .gaps = {}};
      for (const Edge& other : from.next) {
        edge.gaps.insert(edge.gaps.end(), other.gaps.begin(), other.gaps.end());
      }
      from.next.push_back(std::move(edge));
    }
  }

  uint32_t StateOf(uint32_t type) {
    const auto [entry, fresh] = index_.try_emplace(type, static_cast<uint32_t>(states_.size()));
    if (fresh) states_.push_back({.type = type, .next = {}});
    return entry->second;
  }

  std::vector<State> states_;
  std::map<uint32_t, uint32_t> index_;
  std::map<uint32_t, uint64_t> starts_, ends_;
  std::map<std::pair<uint32_t, uint32_t>, Edge> edges_;
};

}  // namespace

Behaviour DescribeChain(const std::vector<Sequence>& sequences, const Typing& typing) {
  std::vector<size_t> heads, tails;
  for (const Sequence& s : sequences) {
    heads.push_back(HeadOf(s, typing));
    tails.push_back(TailOf(s, typing, heads.back()));
  }
  Behaviour b;
  b.head = CommonestChain(sequences, heads, true);
  b.tail = CommonestChain(sequences, tails, false);
  ChainBuilder builder;
  for (size_t i = 0; i < sequences.size(); ++i) {
    const size_t end = sequences[i].types.size() - tails[i];
    builder.Add(sequences[i], heads[i], end);
    if (heads[i] > 0 && heads[i] < end) b.chain_gaps.push_back(sequences[i].gaps[heads[i]]);
    // What the common head and tail leave over is the chain's.
    const size_t told = b.head.size() + b.tail.size();
    const size_t packets = sequences[i].types.size();
    b.chain_lengths.push_back(packets > told ? packets - told : 0);
  }
  b.cost = static_cast<double>(b.head.size() + b.tail.size());
  builder.Finish(b);
  return b;
}

}  // namespace spate::generator
