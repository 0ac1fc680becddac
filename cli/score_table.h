// The table that `spate score` prints.
#pragma once

#include <string>

#include "report/terminal.h"
#include "score/compare.h"

namespace spate::cli {

// Service by service, then all together, and a line that explains the columns.
std::string ScoreTable(const score::Comparison& comparison, const report::Terminal& terminal);

}  // namespace spate::cli
