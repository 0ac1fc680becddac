// What behaviours amount to, and which conversations may share one.
#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include "generator/fit/kinds.h"
#include "generator/prompt/calibrate.h"

namespace spate::generator {
namespace {

constexpr double kLong = 0.25;             // of the sample's duration
constexpr double kAmountsSamePace = 1.25;  // ratio of mean gaps within a part

double MeanBytes(const MessageType& type, const Sample& sample) {
  if (type.sizes.empty()) return sample.packets[type.example].frame_bytes;
  const auto sum = std::accumulate(type.sizes.begin(), type.sizes.end(), uint64_t{0});
  return static_cast<double>(sum) / static_cast<double>(type.sizes.size());
}

// How often the chain is in each of its states.
std::vector<double> Visits(const Behaviour& b) {
  std::vector<double> visits(b.chain.size());
  for (const State& state : b.chain) {
    for (const Edge& edge : state.next) visits[edge.to] += static_cast<double>(edge.count);
  }
  return visits;
}

double Sum(const std::vector<uint64_t>& values) {
  return static_cast<double>(std::accumulate(values.begin(), values.end(), uint64_t{0}));
}

double AmountsSeconds(const std::vector<OutlineEvent>& events) {
  double ns = 0;
  for (const OutlineEvent& event : events) ns += static_cast<double>(event.gap_ns);
  return ns * 1e-9;
}

// 0 for conversations that end long before the sample does.
double PaceOf(const Sample& sample, const std::vector<OutlineEvent>& events) {
  const double seconds = AmountsSeconds(events);
  if (seconds < kLong * static_cast<double>(sample.duration_ns) * 1e-9) return 0;
  return seconds / static_cast<double>(events.size());
}

}  // namespace

std::vector<Members> PartMembers(const Sample& sample, const OutlineService& service) {
  const std::vector<uint32_t>& conversations = sample.services[service.service].conversations;
  std::map<std::string, std::vector<std::pair<double, size_t>>> stacks;  // pace, position
  for (size_t i = 0; i < conversations.size(); ++i) {
    stacks[StackOf(sample, conversations[i])].emplace_back(PaceOf(sample, service.conversations[i]),
                                                           i);
  }
  std::vector<std::vector<size_t>> parts;
  for (auto& [stack, paces] : stacks) {
    std::sort(paces.begin(), paces.end());
    double fastest = -1;
    for (const auto& [pace, position] : paces) {
      if (fastest < 0 || pace > kAmountsSamePace * fastest) {
        parts.emplace_back();
        fastest = pace;
      }
      parts.back().push_back(position);
    }
  }
  std::vector<Members> all;
  for (std::vector<size_t>& part : parts) {
    std::sort(part.begin(), part.end());  // in order of their begins
    all.emplace_back();
    for (size_t position : part) {
      all.back().conversations.push_back(conversations[position]);
      all.back().events.push_back(service.conversations[position]);
    }
  }
  return all;
}

Amounts AmountsOf(const Behaviour& b, size_t conversations, const Sample& sample,
                  const Typing& typing) {
  Amounts out;
  const auto add_type = [&](uint32_t type, double times) {
    out.packets += times;
    out.bytes += times * MeanBytes(typing.types[type], sample);
  };
  const auto add = [&](const Script& script, double times) {
    for (const Item& item : script) add_type(item.type, times);
  };
  const auto n = static_cast<double>(conversations);
  add(b.head, n);
  add(b.tail, n);
  for (size_t i = 0; i < b.variants.size(); ++i) {
    add(b.variants[i], n * static_cast<double>(b.variant_counts[i]) / Sum(b.variant_counts));
  }
  double seen = 0;
  for (const Round& round : b.rounds) seen += static_cast<double>(round.count);
  for (const Round& round : b.rounds) {
    add(round.items, Sum(b.rounds_per_conversation) * static_cast<double>(round.count) / seen);
  }
  const std::vector<double> visits = Visits(b);
  const double all = std::accumulate(visits.begin(), visits.end(), 0.0);
  for (size_t i = 0; i < visits.size(); ++i) {
    add_type(b.chain[i].type, Sum(b.chain_lengths) * visits[i] / all);
  }
  return out;
}

std::vector<uint16_t> AllSteps(const DraftService& draft) {
  std::vector<uint16_t> all = draft.opening;
  all.insert(all.end(), draft.steps.begin(), draft.steps.end());
  all.insert(all.end(), draft.closing.begin(), draft.closing.end());
  return all;
}

std::vector<uint64_t> Successions(const OutlineService& service) {
  const size_t n = service.messages.size();
  std::vector<uint64_t> counts(n * n);
  for (const auto& events : service.conversations) {
    for (size_t i = 1; i < events.size(); ++i) {
      const uint16_t a = events[i - 1].message, b = events[i].message;
      if (a != kUnlisted && b != kUnlisted) ++counts[a * n + b];
    }
  }
  return counts;
}

}  // namespace spate::generator
