#include "engine/plan/mode.h"

#include <iterator>
#include <set>
#include <utility>

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
  return message.blocks == 0 && !message.varying_size && !message.has_crc &&
         message.track == core::kNone && message.flips == 0 && message.seal_count == 0;
}

uint64_t CountPrototypes(const Plan& plan) {
  std::set<std::pair<uint32_t, uint16_t>> prototypes;
  for (const MessagePlan& message : plan.messages) {
    prototypes.emplace(message.prototype, message.length);
  }
  return prototypes.size();
}

std::string WhyNotPrefilled(const Plan& plan) {
  for (size_t m = 0; m < plan.messages.size(); ++m) {
    const MessagePlan& message = plan.messages[m];
    if (IsConstant(message)) continue;
    const std::string name = absl::StrCat("message \"", plan.message_names[m], "\"");
    if (message.track != core::kNone)
      return absl::StrCat(name, " stands for the frames of a capture");
    if (message.seal_count > 0) return absl::StrCat(name, " is sealed packet by packet");
    if (message.flips > 0) return absl::StrCat("an impairment damages packets of ", name);
    return absl::StrCat(message.varying_size ? "the size of " : "a field of ", name,
                        " changes from packet to packet");
  }
  const uint64_t prototypes = CountPrototypes(plan);
  if (prototypes <= kKeptFrames) return "";
  return absl::StrCat("there are ", prototypes, " different frames, at most ", kKeptFrames,
                      " are kept ready");
}

}  // namespace spate::engine
