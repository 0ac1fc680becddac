#include "cli/commands.h"

#include <array>

namespace spate::cli {

std::span<const Command> Commands() {
  static const std::array kTable = {kRunCommand,   kShowCommand,      kCheckCommand,  kFmtCommand,
                                    kFitCommand,   kGenerateCommand,  kReplayCommand, kScoreCommand,
                                    kPortsCommand, kCompletionCommand};
  return kTable;
}

}  // namespace spate::cli
