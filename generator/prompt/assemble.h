// From a draft to a template.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "generator/prompt/draft.h"
#include "generator/prompt/outline.h"
#include "template/surface.h"

namespace spate::generator {

// Services of the draft go as it says, with the figures of the sample; the others as the fit finds
// them. `notes` gets a line for each clock of the draft that the sample contradicts. Errors: as
// Fit.
absl::StatusOr<tmpl::Template> Assemble(const Outline& outline, const Draft& draft,
                                        std::vector<std::string>& notes);

}  // namespace spate::generator
