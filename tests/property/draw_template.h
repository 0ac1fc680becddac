// Random templates, drawn from the schema: every object, key, list and word that it allows.
#pragma once

#include <cstdint>

#include "template/node.h"

namespace spate::testing {

// A template that `schema` (template::JsonSchema) allows. Names are those of things that it
// declares, numbers are small enough for a run of a moment. What the schema cannot say (that two
// clocks exclude each other, what a size must hold) it may get wrong.
tmpl::Node DrawTemplate(const tmpl::Node& schema, uint64_t seed);

}  // namespace spate::testing
