#include "generator/prompt/calibrate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "generator/fit/law.h"
#include "generator/fit/pool.h"
#include "generator/prompt/exchanges.h"

namespace spate::generator {
namespace {

constexpr size_t kMostVariants = 12;  // of a pattern, by the types behind its messages

using Pattern = std::vector<uint16_t>;

// Places of the sample where a pattern stands, by the types that it has there.
struct Seen {
  std::vector<const Sequence*> sequences;
  std::vector<size_t> offsets;
};
using Occurrences = std::map<std::vector<uint32_t>, Seen>;

class Calibrator {
 public:
  Calibrator(const Sample& sample, const Members& members, const DraftService& draft,
             Typing& typing)
      : sample_(sample), members_(members), draft_(draft), typing_(typing) {
    for (uint32_t c : members_.conversations) sequences_.push_back(SequenceOf(sample, typing, c));
  }

  Behaviour Run() {
    switch (draft_.behaviour) {
      case DraftBehaviour::kExchange:
        return Exchanges();
      case DraftBehaviour::kSequence:
        return Sequential();
      case DraftBehaviour::kLoop:
        return Loop();
      case DraftBehaviour::kChain:
        break;
    }
    return Chain();
  }

 private:
  uint16_t MessageAt(size_t conversation, size_t at) const {
    return members_.events[conversation][at].message;
  }

  bool Matches(size_t conversation, size_t at, const Pattern& pattern) const {
    for (size_t i = 0; i < pattern.size(); ++i) {
      if (MessageAt(conversation, at + i) != pattern[i]) return false;
    }
    return true;
  }

  // Without overlaps. `at_begin`: only where a conversation begins.
  Occurrences Find(const Pattern& pattern, bool at_begin) const {
    Occurrences found;
    for (size_t c = 0; c < sequences_.size(); ++c) {
      const std::vector<uint32_t>& types = sequences_[c].types;
      for (size_t at = 0; at + pattern.size() <= types.size() && (at == 0 || !at_begin); ++at) {
        if (!Matches(c, at, pattern)) continue;
        const auto begin = types.begin() + static_cast<ptrdiff_t>(at);
        Seen& seen = found[{begin, begin + static_cast<ptrdiff_t>(pattern.size())}];
        seen.sequences.push_back(&sequences_[c]);
        seen.offsets.push_back(at);
        at += pattern.size() - 1;
      }
    }
    return found;
  }

  // For a pattern that the sample never shows in one piece: each message by its commonest type,
  // after the gaps that the sample has before it.
  Script Composed(const Pattern& pattern) const {
    Script script;
    for (uint16_t message : pattern) {
      std::map<uint32_t, size_t> types;
      Item item;
      for (size_t c = 0; c < sequences_.size(); ++c) {
        for (size_t at = 0; at < sequences_[c].types.size(); ++at) {
          if (MessageAt(c, at) != message) continue;
          ++types[sequences_[c].types[at]];
          if (at > 0) item.gaps.push_back(sequences_[c].gaps[at]);
        }
      }
      const auto most =
          std::max_element(types.begin(), types.end(),
                           [](const auto& a, const auto& b) { return a.second < b.second; });
      item.type = most->first;
      script.push_back(std::move(item));
    }
    return script;
  }

  std::vector<Round> Variants(const Pattern& pattern, bool at_begin) const {
    std::vector<Round> rounds;
    for (const auto& [types, seen] : Find(pattern, at_begin)) {
      rounds.push_back(
          {AlignedScript(seen.sequences, seen.offsets, types.size()), seen.offsets.size()});
    }
    if (rounds.empty()) rounds.push_back({Composed(pattern), 1});
    return MostFrequent(std::move(rounds));
  }

  static std::vector<Round> MostFrequent(std::vector<Round> rounds) {
    std::stable_sort(rounds.begin(), rounds.end(),
                     [](const Round& a, const Round& b) { return a.count > b.count; });
    if (rounds.size() > kMostVariants) rounds.resize(kMostVariants);
    return rounds;
  }

  Script Best(const Pattern& pattern, bool at_begin) const {
    if (pattern.empty()) return {};
    return std::move(Variants(pattern, at_begin).front().items);
  }

  static void SetVariants(std::vector<Round> rounds, Behaviour& b) {
    if (rounds.size() == 1) {
      b.head = std::move(rounds.front().items);
      return;
    }
    for (Round& round : rounds) {
      b.variants.push_back(std::move(round.items));
      b.variant_counts.push_back(round.count);
    }
  }

  Behaviour Sequential() const {
    Behaviour b;
    SetVariants(Variants(AllSteps(draft_), true), b);
    return b;
  }

  Behaviour Loop() const {
    Behaviour b;
    b.head = Best(draft_.opening, true);
    b.rounds = Variants(draft_.steps, false);
    b.tail = Best(draft_.closing, false);
    b.rounds_per_conversation = LoopTimes();
    KeepDuration(b);
    return b;
  }

  // So many that each conversation has as many packets as it had.
  std::vector<uint64_t> LoopTimes() const {
    const auto once = static_cast<double>(draft_.opening.size() + draft_.closing.size());
    const auto body = static_cast<double>(draft_.steps.size());
    std::vector<uint64_t> times;
    double owed = 0;  // what rounding took from the conversations before
    for (const Sequence& s : sequences_) {
      const double exact = (static_cast<double>(s.types.size()) - once) / body + owed;
      const double taken = std::max(0.0, std::round(exact));
      owed = exact - taken;
      times.push_back(static_cast<uint64_t>(taken));
    }
    return times;
  }

  Behaviour Exchanges() const {
    const auto exchanges = JoinExchanges(members_.events, AllSteps(draft_));
    std::map<std::vector<uint32_t>, Round> rounds;
    Behaviour b;
    for (size_t c = 0; c < exchanges.size(); ++c) {
      b.rounds_per_conversation.push_back(exchanges[c].size());
      int64_t idle_since = -1;
      for (const Exchange& exchange : exchanges[c]) {
        AddExchange(c, exchange, idle_since, rounds);
      }
    }
    std::vector<Round> kept;
    for (auto& [types, round] : rounds) kept.push_back(std::move(round));
    kept = MostFrequent(std::move(kept));
    const bool single =
        std::all_of(b.rounds_per_conversation.begin(), b.rounds_per_conversation.end(),
                    [](uint64_t n) { return n == 1; });
    if (single) {
      b.rounds_per_conversation.clear();
      SetVariants(std::move(kept), b);
    } else {
      b.rounds = std::move(kept);
      KeepDuration(b);
    }
    return b;
  }

  void AddExchange(size_t c, const Exchange& exchange, int64_t& idle_since,
                   std::map<std::vector<uint32_t>, Round>& rounds) const {
    const std::vector<OutlineEvent>& events = members_.events[c];
    const auto time = [&](uint32_t at) { return sample_.packets[events[at].packet].time_ns; };
    const auto type = [&](uint32_t at) { return sequences_[c].types[at]; };
    std::vector<uint32_t> types = {type(exchange.request)};
    if (exchange.response != exchange.request) types.push_back(type(exchange.response));
    Round& round = rounds[types];
    if (round.count++ == 0) {
      for (uint32_t t : types) round.items.push_back({.type = t, .gaps = {}});
    }
    const int64_t asked = time(exchange.request), answered = time(exchange.response);
    if (idle_since >= 0) {
      const int64_t pause = std::max<int64_t>(0, asked - idle_since);
      round.items[0].gaps.push_back(static_cast<double>(pause) * 1e-9);
    }
    if (types.size() > 1) {
      round.items[1].gaps.push_back(static_cast<double>(answered - asked) * 1e-9);
    }
    idle_since = std::max(idle_since, answered);
  }

  Behaviour Chain() {
    std::vector<Sequence> kept = sequences_;
    std::set<uint32_t> types;
    for (const Sequence& s : kept) types.insert(s.types.begin(), s.types.end());
    if (types.size() > kMostStates) PoolTypes(sample_, members_.conversations, kept, typing_);
    std::vector<uint64_t> dropped;
    for (size_t c = 0; c < kept.size(); ++c) dropped.push_back(DropOthers(c, kept[c]));
    Behaviour b = DescribeChain(kept, typing_);
    for (size_t c = 0; c < dropped.size(); ++c) b.chain_lengths[c] += dropped[c];
    return b;
  }

  // Leaves only messages of the draft; how many went. What time they took stays, a part of it with
  // the packets that the chain makes in their place.
  uint64_t DropOthers(size_t c, Sequence& s) const {
    const Pattern steps = AllSteps(draft_);
    Sequence left;
    double waited = 0;
    for (size_t at = 0; at < s.types.size(); ++at) {
      waited += s.gaps[at];
      if (std::find(steps.begin(), steps.end(), MessageAt(c, at)) == steps.end()) continue;
      left.types.push_back(s.types[at]);
      left.gaps.push_back(left.gaps.empty() ? 0 : waited);
      waited = 0;
    }
    const double share =
        static_cast<double>(left.types.size()) / static_cast<double>(s.types.size());
    for (double& gap : left.gaps) gap *= share;
    const uint64_t gone = s.types.size() - left.types.size();
    s = std::move(left);
    return gone;
  }

  static double Seconds(const Script& script, size_t first) {
    double seconds = 0;
    for (size_t i = first; i < script.size(); ++i) seconds += Mean(script[i].gaps);
    return seconds;
  }

  // Scales the pauses before rounds so that conversations last as long as the sample's on average,
  // although the draft left packets out or put them into another order.
  void KeepDuration(Behaviour& b) const {
    double lasted = 0, inside = 0, pauses = 0, count = 0, rounds = 0;
    for (const Sequence& s : sequences_)
      lasted = std::accumulate(s.gaps.begin(), s.gaps.end(), lasted);
    for (uint64_t n : b.rounds_per_conversation) rounds += static_cast<double>(n);
    for (const Round& round : b.rounds) count += static_cast<double>(round.count);
    for (const Round& round : b.rounds) {
      const double times = rounds * static_cast<double>(round.count) / count;
      inside += times * Seconds(round.items, 1);
      pauses += times * Mean(round.items.front().gaps);
    }
    const auto conversations = static_cast<double>(sequences_.size());
    inside += conversations * (Seconds(b.head, 1) + Seconds(b.tail, 0));
    if (b.head.empty() && rounds > 0) pauses *= std::max(0.0, 1 - conversations / rounds);
    if (pauses <= 0) return;
    const double scale = std::max(0.0, lasted - inside) / pauses;
    for (Round& round : b.rounds) {
      for (double& gap : round.items.front().gaps) gap *= scale;
    }
  }

  const Sample& sample_;
  const Members& members_;
  const DraftService& draft_;
  Typing& typing_;
  std::vector<Sequence> sequences_;
};

}  // namespace

Behaviour Calibrate(const Sample& sample, const Members& members, const DraftService& draft,
                    Typing& typing) {
  return Calibrator(sample, members, draft, typing).Run();
}

}  // namespace spate::generator
