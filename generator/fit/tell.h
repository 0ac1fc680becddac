// From kinds of conversations to a template: the second half of the fit, and of `generate`, whose
// kinds a language model has drafted.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "generator/fit/behaviour.h"
#include "generator/fit/fit.h"
#include "generator/fit/types.h"
#include "template/surface.h"

namespace spate::generator {

// One group for each of `kinds`, in their order, with hosts, messages, arrivals and steps.
// Errors: no kind has a packet that a template can tell (kInvalidArgument).
absl::StatusOr<tmpl::Template> TellKinds(const Sample& sample, const Typing& typing,
                                         const std::vector<Kind>& kinds, const FitOptions& options);

}  // namespace spate::generator
