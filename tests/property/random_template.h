// Random templates that are valid: drawn from the registries of headers, laws and steps.
#pragma once

#include <cstdint>

#include "template/surface.h"

namespace spate::testing {

// The template number `seed`; always the same one.
tmpl::Template RandomTemplate(uint64_t seed);

}  // namespace spate::testing
