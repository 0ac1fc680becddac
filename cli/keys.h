// What a person tells a run by keys while it runs.
#pragma once

#include <termios.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/run/run.h"

namespace spate::cli {

// Keys as commands: + and - by a tenth, space holds and goes on, q ends; s, then a flow's number or
// name and Enter, stops its packets or sends them again.
class KeyReader {
 public:
  // `flows`: their names, by number.
  explicit KeyReader(std::vector<std::string> flows) : flows_(std::move(flows)) {}

  void Read(std::string_view keys);
  // Of a plan that has taken over.
  void SetFlows(std::vector<std::string> flows) { flows_ = std::move(flows); }
  std::optional<engine::Command> Next();

  // The last line of the live table: which keys there are, or what is being typed.
  std::string Line() const;

 private:
  void ReadKey(char key);
  void ReadName(char key);
  std::optional<uint32_t> FlowOf(std::string_view name) const;

  std::vector<std::string> flows_;
  std::deque<engine::Command> commands_;
  std::optional<std::string> typed_;  // a name
  std::string complaint_;
};

// The terminal that is standard input, whose keys come at once and unseen while this lives. Where
// there is none, or another process has it, there are no keys.
class KeyTerminal {
 public:
  KeyTerminal();
  ~KeyTerminal();
  KeyTerminal(const KeyTerminal&) = delete;
  KeyTerminal& operator=(const KeyTerminal&) = delete;

  bool there() const { return there_; }
  // As it was: no keys from here on.
  void Restore();
  // The keys since the last call.
  std::string Read() const;

 private:
  static bool Ours();

  termios before_{};
  bool there_ = false;
};

}  // namespace spate::cli
