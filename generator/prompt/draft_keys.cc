#include "generator/prompt/draft_keys.h"

#include <array>

namespace spate::generator {
namespace {

using Kind = DraftKey::Kind;

// The reason first: a model that has put a service into words chooses better afterwards.
constexpr std::array<DraftKey, 7> kKeys = {{
    {"about", Kind::kText, false, false, 160, &DraftService::about, nullptr},
    {"group", Kind::kText, false, false, 32, &DraftService::group, nullptr},
    {"behaviour", Kind::kBehaviour, true, false, 0, nullptr, nullptr},
    {"clock", Kind::kClock, true, false, 0, nullptr, nullptr},
    {"opening", Kind::kMessages, false, true, 16, nullptr, &DraftService::opening},
    {"steps", Kind::kMessages, true, false, 32, nullptr, &DraftService::steps},
    {"closing", Kind::kMessages, false, true, 16, nullptr, &DraftService::closing},
}};

constexpr std::array<const char*, 4> kBehaviours = {"exchange", "sequence", "loop", "chain"};
constexpr std::array<const char*, 4> kClocks = {"once", "every", "grid", "poisson"};

}  // namespace

std::span<const DraftKey> DraftKeys() { return kKeys; }

bool MayBehave(Protocol protocol, DraftBehaviour behaviour) {
  return behaviour != DraftBehaviour::kExchange || protocol != Protocol::kTcp;
}

const char* BehaviourName(DraftBehaviour behaviour) {
  return kBehaviours[static_cast<size_t>(behaviour)];
}
const char* DraftClockName(DraftClock clock) { return kClocks[static_cast<size_t>(clock)]; }

std::vector<std::string> BehaviourNames(Protocol protocol) {
  std::vector<std::string> names;
  for (size_t i = 0; i < kBehaviours.size(); ++i) {
    if (MayBehave(protocol, static_cast<DraftBehaviour>(i))) names.emplace_back(kBehaviours[i]);
  }
  return names;
}

std::vector<std::string> DraftClockNames() { return {kClocks.begin(), kClocks.end()}; }

std::vector<std::string> MessageIds(const OutlineService& service) {
  std::vector<std::string> ids;
  for (const OutlineMessage& message : service.messages) ids.push_back(message.id);
  return ids;
}

}  // namespace spate::generator
