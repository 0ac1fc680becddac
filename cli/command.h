// What a command is. One command = one file in cli/ and one line in cli/commands.cc.
#pragma once

#include <functional>
#include <string_view>

#include "cli/options.h"

namespace spate::cli {

// Exit codes of every command.
inline constexpr int kDone = 0, kFailed = 1, kWrongUsage = 2;

// Runs after the command line was read; returns an exit code.
using Action = std::function<int()>;

struct Command {
  std::string_view name;
  std::string_view summary;   // one line
  std::string_view examples;  // shown below the options by -h
  // Declares options and returns what to do once they are read.
  Action (*declare)(Options& options);
};

}  // namespace spate::cli
