// What a sample holds, for people.
#pragma once

#include <string>

#include "generator/sample/sample.h"
#include "report/terminal.h"
#include "template/surface.h"

namespace spate::cli {

// A line on the sample, a table of its services with the groups of `made` that tell them, and a
// line on the template.
std::string SampleTable(const generator::Sample& sample, const tmpl::Template& made,
                        const report::Terminal& terminal);

}  // namespace spate::cli
