#include "engine/plan/mode.h"

#include <iterator>

#include "absl/strings/str_cat.h"

namespace spate::engine {
namespace {

constexpr std::string_view kNames[] = {"auto", "prefilled", "run-to-completion", "pipeline"};

}  // namespace

std::string_view ModeName(Mode mode) { return kNames[static_cast<size_t>(mode)]; }

std::optional<Mode> FindMode(std::string_view name) {
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Mode>(i);
  }
  return std::nullopt;
}

bool IsConstant(const MessagePlan& message) {
  return message.blocks == 0 && !message.varying_size && !message.has_crc;
}

std::string WhyNotPrefilled(const Plan& plan) {
  for (size_t m = 0; m < plan.messages.size(); ++m) {
    const MessagePlan& message = plan.messages[m];
    if (IsConstant(message)) continue;
    const char* const what = message.varying_size ? "the size" : "a field";
    return absl::StrCat(what, " of message \"", plan.message_names[m],
                        "\" changes from packet to packet");
  }
  return "";
}

}  // namespace spate::engine
