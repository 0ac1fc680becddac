// Steps within steps.
#pragma once

#include <functional>
#include <vector>

#include "template/surface.h"

namespace spate::tmpl {

// The lists of steps that a step holds; none for most verbs.
std::vector<const Steps*> ListsOf(const Step& step);

// Every step, those inside others too, in order of the file.
void ForEachStep(const Steps& steps, const std::function<void(const Step&)>& visit);

}  // namespace spate::tmpl
