// From a sample to a template without a model: endpoints become host sets, packets become message
// types, conversations become groups of flows, and every figure is estimated from the sample. A run
// of the template for its own duration reproduces the sample's totals service by service.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "generator/sample/sample.h"
#include "template/surface.h"

namespace spate::generator {

struct FitOptions {
  std::string name;                 // of the template; "": from the sample's file name
  uint32_t longest_script = 24;     // packets of a conversation told step by step
  double numbers_per_packet = 0.4;  // structure that a service may cost: the more, the closer to
  uint32_t numbers_at_least = 60;   // the sample and the longer the template
};

// Errors: a sample without a packet that a template can tell (kInvalidArgument).
absl::StatusOr<tmpl::Template> Fit(const Sample& sample, const FitOptions& options = {});

}  // namespace spate::generator
