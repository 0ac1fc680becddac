// All commands, in the order in which help lists them.
#pragma once

#include <span>

#include "cli/command.h"

namespace spate::cli {

std::span<const Command> Commands();

// cli/<command>.cc
extern const Command kRunCommand;
extern const Command kShowCommand;
extern const Command kCheckCommand;
extern const Command kFitCommand;
extern const Command kFmtCommand;
extern const Command kGenerateCommand;
extern const Command kReplayCommand;
extern const Command kScoreCommand;
extern const Command kPortsCommand;
extern const Command kCompletionCommand;

}  // namespace spate::cli
