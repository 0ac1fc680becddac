#include "generator/fit/identifiers.h"

#include <algorithm>
#include <deque>

namespace spate::generator {
namespace {

constexpr size_t kLeastSteps = 4;

// The field's values in the order of time, conversation by conversation.
Progress ProgressOf(const Sample& sample, const Pairs& pairs, const Echo& echo) {
  Progress progress;
  std::map<uint64_t, size_t> steps;
  size_t total = 0;
  uint64_t last = 0;
  uint32_t conversation = UINT32_MAX;
  const uint64_t mask = echo.bytes == 8 ? ~uint64_t{0} : (uint64_t{1} << 8 * echo.bytes) - 1;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const SamplePacket& p = sample.packets[pairs[i].first];
    const uint64_t value = FieldValue(sample.Payload(p), echo.request_offset, echo.bytes);
    if (i == 0) progress.first = value;
    if (p.conversation == conversation) {
      ++steps[(value - last) & mask];
      ++total;
    }
    conversation = p.conversation;
    last = value;
  }
  if (total < kLeastSteps) return progress;
  const auto most = std::max_element(
      steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  progress.counter = 5 * most->second >= 4 * total && most->first != 0;
  progress.step = most->first;
  return progress;
}

}  // namespace

KindEchoes::KindEchoes(const Sample& sample, const Typing& typing, const Kind& kind) {
  of_service_ = typing.echoes[kind.service];
  Learn(sample, typing, PairUp(sample, kind.members));
}

void KindEchoes::Learn(const Sample& sample, const Typing& typing, const Pairs& pairs) {
  if (!of_service_.empty()) {
    progress_ = ProgressOf(sample, pairs, of_service_.front());
    return;
  }
  std::map<std::pair<uint32_t, uint32_t>, Pairs> by_types;
  for (const auto& pair : pairs) {
    by_types[{typing.of[pair.first], typing.of[pair.second]}].push_back(pair);
  }
  // Message types of one length more or less share a counter: all echoing requests tell how it
  // goes.
  Pairs echoing;
  for (const auto& [types, members] : by_types) {
    std::vector<Echo> echoes = FindEchoes(sample, members);
    if (echoes.empty()) continue;
    echoing.insert(echoing.end(), members.begin(), members.end());
    by_types_[types] = std::move(echoes);
  }
  if (by_types_.empty()) return;
  std::sort(echoing.begin(), echoing.end());
  std::stable_sort(echoing.begin(), echoing.end(), [&](const auto& a, const auto& b) {
    return sample.packets[a.first].conversation < sample.packets[b.first].conversation;
  });
  progress_ = ProgressOf(sample, echoing, by_types_.begin()->second.front());
}

const std::vector<Echo>* KindEchoes::Find(uint32_t request_type, uint32_t response_type) const {
  if (!of_service_.empty()) return &of_service_;
  const auto found = by_types_.find({request_type, response_type});
  return found == by_types_.end() ? nullptr : &found->second;
}

std::vector<std::vector<Part>> AssignParts(std::span<const Script* const> scripts,
                                           const KindEchoes& echoes, const Typing& typing) {
  struct Open {
    Part* part;
    uint32_t type;
  };
  std::vector<std::vector<Part>> parts;
  for (const Script* script : scripts) parts.emplace_back(script->size());
  std::deque<Open> open[2];  // items that wait for an answer, by side
  uint32_t slots = 0;
  for (size_t s = 0; s < scripts.size(); ++s) {
    for (size_t i = 0; i < scripts[s]->size(); ++i) {
      const uint32_t type = (*scripts[s])[i].type;
      if (typing.types[type].payload_bytes == 0) continue;
      const bool client = typing.types[type].from_client;
      std::deque<Open>& asked = open[client ? 1 : 0];
      if (asked.empty()) {
        open[client ? 0 : 1].push_back({&parts[s][i], type});
        continue;
      }
      const Open request = asked.front();
      asked.pop_front();
      const std::vector<Echo>* found = echoes.Find(request.type, type);
      if (found == nullptr) continue;
      *request.part = {.slot = slots, .request = true, .echoes = found};
      parts[s][i] = {.slot = slots, .request = false, .echoes = found};
      ++slots;
    }
  }
  return parts;
}

}  // namespace spate::generator
