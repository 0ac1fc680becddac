// Templates as text for the tests of the language.
#pragma once

#include <string>
#include <string_view>

#include "template/core.h"
#include "template/surface.h"

namespace spate::tmpl {

// A template that uses every construct of the language.
extern const std::string_view kEverything;

// A template of one flow over messages "a" (UDP, 18 bytes of payload) and "b": the keys of the flow
// and further top-level keys, both as JSON members without braces.
std::string FlowTemplate(std::string_view flow, std::string_view more = "");

// The template read from `text`; fails the test with the faults if it has any.
Template MustRead(std::string_view text);
core::Scenario MustCompile(std::string_view text);
// All faults of reading and compiling `text` as "t.json", one a line; "" when there are none.
std::string FaultsOf(std::string_view text);

// A program in one line: "tick; send 0; wait #1; jump 0".
std::string ProgramText(const core::Flow& flow);

}  // namespace spate::tmpl
