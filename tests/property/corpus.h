// The random templates that the tests of this directory look at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/config.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/plan/plan.h"
#include "template/core.h"
#include "template/node.h"
#include "tests/property/mend.h"

namespace spate::testing {

// As many as half a minute of each build allows, in so many parts.
#if defined(ABSL_HAVE_ADDRESS_SANITIZER)
inline constexpr uint64_t kTemplates = 100;
#elif defined(__OPTIMIZE__)
inline constexpr uint64_t kTemplates = 10'000;
#else
inline constexpr uint64_t kTemplates = 300;
#endif
inline constexpr uint64_t kParts = kTemplates < 250 ? 4 : 10;

const tmpl::Node& Schema();

// Name of the templates: included files and captures are looked for beside it.
std::string File();

// The template of a seed as far as it is valid. A fault that has no place, or is about a key that
// the schema allows, fails the test.
std::optional<Mended> Drawn(uint64_t seed);

absl::StatusOr<engine::Plan> PlanOf(const core::Scenario& scenario, uint64_t seed,
                                    uint64_t packets);

// Whether a plan was refused for what only its flows' programs show: one of them goes round without
// time passing (the status names it), or there is nothing that the template's rate could scale.
bool NothingToPlan(const absl::Status& status);

// Whether a template says something wrong on purpose: damage, or lengths and kinds of its own.
bool Misleads(const tmpl::Template& source);

}  // namespace spate::testing
