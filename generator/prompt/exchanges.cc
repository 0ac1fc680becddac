#include "generator/prompt/exchanges.h"

namespace spate::generator {
namespace {

// Joins the packets of one conversation.
std::vector<Exchange> Join(const std::vector<OutlineEvent>& events,
                           std::span<const uint16_t> steps) {
  std::vector<Exchange> exchanges;
  const auto paired = [&](uint16_t request, uint16_t response) {
    for (size_t i = 0; i + 1 < steps.size(); i += 2) {
      if (steps[i] == request && steps[i + 1] == response) return true;
    }
    return false;
  };
  const auto is_request = [&](uint16_t message) {
    for (size_t i = 0; i + 1 < steps.size(); i += 2) {
      if (steps[i] == message) return true;
    }
    return false;
  };
  size_t oldest = 0;  // those before have their responses
  for (uint32_t at = 0; at < events.size(); ++at) {
    const uint16_t message = events[at].message;
    bool joined = false;
    for (size_t i = oldest; i < exchanges.size() && !joined; ++i) {
      Exchange& open = exchanges[i];
      if (open.response != open.request || !paired(events[open.request].message, message)) continue;
      open.response = at;
      joined = true;
    }
    if (!joined && is_request(message)) exchanges.push_back({at, at});
    while (oldest < exchanges.size() && exchanges[oldest].response != exchanges[oldest].request) {
      ++oldest;
    }
  }
  return exchanges;
}

}  // namespace

std::vector<std::vector<Exchange>> JoinExchanges(
    std::span<const std::vector<OutlineEvent>> conversations, std::span<const uint16_t> steps) {
  std::vector<std::vector<Exchange>> all;
  for (const auto& events : conversations) all.push_back(Join(events, steps));
  return all;
}

}  // namespace spate::generator
