// The command line as a whole: from arguments to an exit code.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"

namespace spate::cli {

// A parser for the table of commands. `chosen` becomes the action of the command that was parsed;
// it must outlive the parser.
std::unique_ptr<CLI::App> MakeParser(Action& chosen);

// One line about the first unknown command or option, with the nearest known one; "" when all are
// known. `arguments`: those after the program's name.
std::string UnknownWord(const CLI::App& app, const std::vector<std::string>& arguments);

// Reads `arguments` and runs the command.
int Main(const std::vector<std::string>& arguments);

}  // namespace spate::cli
