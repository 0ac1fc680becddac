#include "cli/keys.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "report/table.h"
#include "template/fault.h"

namespace spate::cli {
namespace {

constexpr double kStep = 1.1;

// Of more flows the numbers are not told.
constexpr size_t kListed = 4;

}  // namespace

void KeyReader::Read(std::string_view keys) {
  for (const char key : keys) typed_.has_value() ? ReadName(key) : ReadKey(key);
}

void KeyReader::ReadKey(char key) {
  complaint_.clear();
  switch (key) {
    case '+':
    case '=':  // the same key without shift
      return commands_.push_back({.kind = engine::Command::Kind::kScaleRate, .factor = kStep});
    case '-':
      return commands_.push_back({.kind = engine::Command::Kind::kScaleRate, .factor = 1 / kStep});
    case ' ':
      return commands_.push_back({.kind = engine::Command::Kind::kHold});
    case 'q':
      return commands_.push_back({.kind = engine::Command::Kind::kEnd});
    case 's':
      typed_ = "";
      return;
    default:
      return;
  }
}

void KeyReader::ReadName(char key) {
  constexpr char kEscape = '\033', kErase = '\b', kDelete = '\x7f';
  if (key == '\n' || key == '\r') {
    const std::string name = *std::exchange(typed_, std::nullopt);
    if (name.empty()) return;
    const std::optional<uint32_t> flow = FlowOf(name);
    if (flow.has_value()) {
      commands_.push_back({.kind = engine::Command::Kind::kMute, .flow = flows_[*flow]});
    } else {
      const std::string nearest = tmpl::Nearest(name, flows_);
      complaint_ =
          absl::StrCat("no flow \"", name, "\"",
                       nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?"));
    }
  } else if (key == kEscape) {
    typed_.reset();
  } else if (key == kErase || key == kDelete) {
    if (!typed_->empty()) typed_->pop_back();
  } else {
    typed_->push_back(key);
  }
}

// A name, or its last part where only one flow has it, or a number from 1 on.
std::optional<uint32_t> KeyReader::FlowOf(std::string_view name) const {
  const auto whole = std::ranges::find(flows_, name);
  if (whole != flows_.end()) return static_cast<uint32_t>(whole - flows_.begin());
  uint32_t number = 0;
  if (absl::SimpleAtoi(AsAbsl(name), &number) && number >= 1 && number <= flows_.size()) {
    return number - 1;
  }
  const std::string ending = absl::StrCat("/", AsAbsl(name));
  const auto ends = [&](const std::string& flow) { return flow.ends_with(ending); };
  const auto part = std::ranges::find_if(flows_, ends);
  if (part == flows_.end() || std::ranges::count_if(flows_, ends) > 1) return std::nullopt;
  return static_cast<uint32_t>(part - flows_.begin());
}

std::optional<engine::Command> KeyReader::Next() {
  if (commands_.empty()) return std::nullopt;
  const engine::Command command = commands_.front();
  commands_.pop_front();
  return command;
}

std::string KeyReader::Line() const {
  if (!complaint_.empty()) return complaint_;
  if (!typed_.has_value()) return "+/- rate, space hold, s stop a flow, q end";
  std::string text = absl::StrCat("stop or go on with flow: ", report::Printable(*typed_), "_");
  for (size_t i = 0; i < std::min(flows_.size(), kListed); ++i) {
    absl::StrAppend(&text, i == 0 ? "   (" : ", ", i + 1, " ", flows_[i]);
  }
  return absl::StrCat(text, flows_.size() > kListed ? ", …)" : ")");
}

// Whoever asks from the background for a terminal that another process has is stopped by it.
bool KeyTerminal::Ours() {
  return isatty(STDIN_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

KeyTerminal::KeyTerminal() {
  if (!Ours() || tcgetattr(STDIN_FILENO, &before_) != 0) return;
  termios raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);  // Ctrl-C stays what it is
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  there_ = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

KeyTerminal::~KeyTerminal() { Restore(); }

void KeyTerminal::Restore() {
  if (std::exchange(there_, false) && Ours()) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

std::string KeyTerminal::Read() const {
  char keys[64];
  if (!there_ || !Ours()) return "";
  const ssize_t count = read(STDIN_FILENO, keys, sizeof keys);
  return count > 0 ? std::string(keys, static_cast<size_t>(count)) : "";
}

}  // namespace spate::cli
