// Sequences, and conversations told step by step.
#include <algorithm>
#include <map>

#include "generator/fit/behaviour.h"

namespace spate::generator {
namespace {

struct Stretches {
  std::span<const Sequence* const> sequences;
  std::span<const size_t> offsets, lengths;
  uint32_t TypeAt(size_t s, size_t at) const { return sequences[s]->types[offsets[s] + at]; }
};

// Packets from the beginning (or backwards from the end), at most `limit`, that are of one type in
// all stretches.
size_t CommonRun(const Stretches& all, size_t limit, bool backwards) {
  const auto at = [&](size_t s, size_t n) { return backwards ? all.lengths[s] - 1 - n : n; };
  for (size_t n = 0; n < limit; ++n) {
    const uint32_t type = all.TypeAt(0, at(0, n));
    for (size_t s = 1; s < all.sequences.size(); ++s) {
      if (all.TypeAt(s, at(s, n)) != type) return n;
    }
  }
  return limit;
}

}  // namespace

Sequence SequenceOf(const Sample& sample, const Typing& typing, uint32_t conversation) {
  Sequence sequence;
  int64_t last = 0;
  for (uint32_t i : sample.conversations[conversation].packets) {
    const int64_t now = sample.packets[i].time_ns;
    const double gap = sequence.types.empty() ? 0 : static_cast<double>(now - last) * 1e-9;
    sequence.types.push_back(typing.of[i]);
    sequence.gaps.push_back(gap);
    last = now;
  }
  return sequence;
}

Script AlignedScript(std::span<const Sequence* const> sequences, std::span<const size_t> offsets,
                     size_t length) {
  Script script(length);
  for (size_t i = 0; i < length; ++i) {
    script[i].type = sequences[0]->types[offsets[0] + i];
    for (size_t s = 0; s < sequences.size(); ++s) {
      const size_t at = offsets[s] + i;
      if (at > 0) script[i].gaps.push_back(sequences[s]->gaps[at]);
    }
  }
  return script;
}

Parts AlignParts(std::span<const Sequence* const> sequences, std::span<const size_t> offsets,
                 std::span<const size_t> lengths) {
  const Stretches all{sequences, offsets, lengths};
  const size_t shortest = *std::min_element(lengths.begin(), lengths.end());
  const size_t prefix = CommonRun(all, shortest, false);
  const size_t suffix = CommonRun(all, shortest - prefix, true);
  struct Group {
    std::vector<const Sequence*> sequences;
    std::vector<size_t> offsets;
  };
  std::map<std::vector<uint32_t>, Group> groups;
  std::vector<size_t> ends;
  for (size_t s = 0; s < sequences.size(); ++s) {
    ends.push_back(offsets[s] + lengths[s] - suffix);
    const auto types = sequences[s]->types.begin();
    Group& group = groups[{types + static_cast<ptrdiff_t>(offsets[s] + prefix),
                           types + static_cast<ptrdiff_t>(ends[s])}];
    group.sequences.push_back(sequences[s]);
    group.offsets.push_back(offsets[s] + prefix);
  }
  Parts parts;
  parts.head = AlignedScript(sequences, offsets, prefix);
  parts.tail = AlignedScript(sequences, ends, suffix);
  parts.cost = static_cast<double>(prefix + suffix);
  if (groups.size() == 1 && groups.begin()->first.empty()) return parts;
  for (const auto& [types, group] : groups) {
    parts.variants.push_back(AlignedScript(group.sequences, group.offsets, types.size()));
    parts.variant_counts.push_back(group.sequences.size());
    parts.cost += static_cast<double>(types.size());
  }
  return parts;
}

Behaviour DescribeScripts(const std::vector<Sequence>& sequences) {
  std::vector<const Sequence*> all;
  std::vector<size_t> lengths;
  for (const Sequence& s : sequences) {
    all.push_back(&s);
    lengths.push_back(s.types.size());
  }
  Parts parts = AlignParts(all, std::vector<size_t>(all.size(), 0), lengths);
  Behaviour b;
  b.head = std::move(parts.head);
  b.variants = std::move(parts.variants);
  b.variant_counts = std::move(parts.variant_counts);
  b.tail = std::move(parts.tail);
  b.cost = parts.cost;
  return b;
}

}  // namespace spate::generator
