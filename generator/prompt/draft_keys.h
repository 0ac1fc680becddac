// The keys of a draft, in the order in which models write them: one table for reader and schema.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "generator/prompt/draft.h"

namespace spate::generator {

struct DraftKey {
  std::string_view name;
  enum class Kind : uint8_t { kText, kBehaviour, kClock, kMessages } kind = Kind::kText;
  bool required = false;
  bool loop_only = false;
  uint16_t most = 0;                                         // bytes of a text, items of a list
  std::string DraftService::* text = nullptr;                // kText
  std::vector<uint16_t> DraftService::* messages = nullptr;  // kMessages
};
std::span<const DraftKey> DraftKeys();

std::vector<std::string> BehaviourNames(Protocol protocol);
std::vector<std::string> DraftClockNames();
std::vector<std::string> MessageIds(const OutlineService& service);

}  // namespace spate::generator
