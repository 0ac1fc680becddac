// Long conversations whose packets come in recurring bursts after pauses: polls, publications,
// commands.
#include <algorithm>
#include <bit>
#include <map>

#include "generator/fit/behaviour.h"

namespace spate::generator {
namespace {

constexpr double kPauses[] = {0.002, 0.01, 0.05, 0.2, 1, 5};  // seconds that may part rounds
constexpr size_t kLeastRounds = 4;  // per conversation, or the head tells it as well
constexpr size_t kMostRounds = 12;  // different ones
constexpr size_t kLongestRound = 24;

using Types = std::vector<uint32_t>;

// What tells the shapes of rounds apart: side, flags and about the size of each packet.
std::vector<Types> ShapesOf(const std::vector<Sequence>& sequences, const Typing& typing) {
  std::vector<Types> shapes;
  for (const Sequence& s : sequences) {
    Types& shape = shapes.emplace_back();
    for (uint32_t t : s.types) {
      const MessageType& type = typing.types[t];
      const uint32_t size = static_cast<uint32_t>(std::bit_width(type.payload_bytes));
      shape.push_back((type.from_client ? 1u : 0u) << 16 |
                      static_cast<uint32_t>(type.tcp_flags) << 8 | size);
    }
  }
  return shapes;
}

struct Burst {
  size_t begin = 0, end = 0;
};

std::vector<Burst> Split(const Sequence& s, double pause) {
  std::vector<Burst> bursts;
  for (size_t i = 0; i < s.types.size(); ++i) {
    if (i == 0 || s.gaps[i] >= pause) bursts.push_back({i, i});
    bursts.back().end = i + 1;
  }
  return bursts;
}

Types Slice(const Types& all, const Burst& b) {
  return Types(all.begin() + static_cast<ptrdiff_t>(b.begin),
               all.begin() + static_cast<ptrdiff_t>(b.end));
}

// One conversation: bursts [first, last) are its rounds.
struct Parted {
  std::vector<Burst> bursts;
  size_t first = 0, last = 0;
  size_t head() const { return first < bursts.size() ? bursts[first].begin : bursts.back().end; }
  size_t tail() const { return last < bursts.size() ? bursts[last].begin : bursts.back().end; }
};

// Shapes of rounds that come again within some conversation.
std::map<Types, bool> Recurring(const std::vector<Types>& shapes,
                                const std::vector<Parted>& parted) {
  std::map<Types, bool> recurring;
  for (size_t s = 0; s < shapes.size(); ++s) {
    std::map<Types, size_t> counts;
    for (const Burst& b : parted[s].bursts) ++counts[Slice(shapes[s], b)];
    for (const auto& [types, n] : counts) recurring[types] = recurring[types] || n > 1;
  }
  return recurring;
}

void Trim(const std::vector<Types>& shapes, std::vector<Parted>& parted) {
  const std::map<Types, bool> recurring = Recurring(shapes, parted);
  for (size_t s = 0; s < shapes.size(); ++s) {
    Parted& p = parted[s];
    const auto recurs = [&](size_t i) { return recurring.at(Slice(shapes[s], p.bursts[i])); };
    p.last = p.bursts.size();
    while (p.first < p.last && !recurs(p.first)) ++p.first;
    while (p.last > p.first && !recurs(p.last - 1)) --p.last;
  }
}

// Most members' way to begin (or end) stands for all.
Script CommonestRounds(const std::vector<Sequence>& sequences, const std::vector<Parted>& parted,
                       bool head) {
  std::map<Types, std::vector<size_t>> ways;
  const auto part = [&](size_t s) {
    return head ? Burst{0, parted[s].head()} : Burst{parted[s].tail(), sequences[s].types.size()};
  };
  for (size_t s = 0; s < sequences.size(); ++s) {
    ways[Slice(sequences[s].types, part(s))].push_back(s);
  }
  const auto most = std::max_element(ways.begin(), ways.end(), [](const auto& a, const auto& b) {
    return a.second.size() < b.second.size();
  });
  std::vector<const Sequence*> members;
  std::vector<size_t> offsets;
  for (size_t s : most->second) {
    members.push_back(&sequences[s]);
    offsets.push_back(part(s).begin);
  }
  return AlignedScript(members, offsets, most->first.size());
}

// Rounds in order of frequency; empty when they are too many or too long.
std::vector<Round> CollectRounds(const std::vector<Sequence>& sequences,
                                 const std::vector<Types>& shapes,
                                 const std::vector<Parted>& parted, double& cost) {
  struct Seen {
    std::vector<const Sequence*> members;
    std::vector<size_t> offsets;
  };
  std::map<Types, Seen> seen;
  for (size_t s = 0; s < sequences.size(); ++s) {
    for (size_t i = parted[s].first; i < parted[s].last; ++i) {
      Seen& round = seen[Slice(shapes[s], parted[s].bursts[i])];
      round.members.push_back(&sequences[s]);
      round.offsets.push_back(parted[s].bursts[i].begin);
    }
  }
  std::vector<Round> rounds;
  if (seen.size() > kMostRounds) return rounds;
  for (const auto& [shape, members] : seen) {
    if (shape.size() > kLongestRound) return {};
    Parts parts = AlignParts(members.members, members.offsets,
                             std::vector<size_t>(members.members.size(), shape.size()));
    cost += parts.cost + 1;
    Round round;
    round.items = std::move(parts.head);
    round.count = members.members.size();
    round.variants = std::move(parts.variants);
    round.variant_counts = std::move(parts.variant_counts);
    round.tail = std::move(parts.tail);
    rounds.push_back(std::move(round));
  }
  std::stable_sort(rounds.begin(), rounds.end(),
                   [](const Round& a, const Round& b) { return a.count > b.count; });
  return rounds;
}

Behaviour DescribeRounds(const std::vector<Sequence>& sequences, const std::vector<Types>& shapes,
                         double pause) {
  Behaviour b;
  b.cost = -1;
  std::vector<Parted> parted;
  size_t packets = 0, total = 0;
  for (const Sequence& s : sequences) {
    parted.push_back({.bursts = Split(s, pause)});
    packets += s.types.size();
  }
  Trim(shapes, parted);
  for (const Parted& p : parted) {
    b.rounds_per_conversation.push_back(p.last - p.first);
    total += p.last - p.first;
  }
  if (total < kLeastRounds * sequences.size()) return b;
  double cost = 0;
  b.rounds = CollectRounds(sequences, shapes, parted, cost);
  if (b.rounds.empty()) return b;
  b.head = CommonestRounds(sequences, parted, true);
  b.tail = CommonestRounds(sequences, parted, false);
  cost += static_cast<double>(b.head.size() + b.tail.size());
  // As long as half of what it tells: no repetition worth the name.
  if (2 * cost <= static_cast<double>(packets) + 16) b.cost = cost;
  return b;
}

}  // namespace

Behaviour DescribeRounds(const std::vector<Sequence>& sequences, const Typing& typing) {
  const std::vector<Types> shapes = ShapesOf(sequences, typing);
  Behaviour best;
  best.cost = -1;
  for (double pause : kPauses) {
    Behaviour b = DescribeRounds(sequences, shapes, pause);
    if (b.cost >= 0 && (best.cost < 0 || b.cost < best.cost)) best = std::move(b);
  }
  return best;
}

}  // namespace spate::generator
