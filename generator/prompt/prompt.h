// The words around digest and faults.
#pragma once

#include <string>
#include <string_view>

#include "generator/prompt/draft.h"

namespace spate::generator {

// What is to be written, and examples.
std::string SystemPrompt();
std::string FirstPrompt(const Outline& outline, const OutlineService& service);
// The faults of the last answer, in words, and what is to be written now.
std::string FaultPrompt(std::string_view faults, const OutlineService& service);

}  // namespace spate::generator
