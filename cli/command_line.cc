#include "cli/command_line.h"

#include <algorithm>
#include <cstdio>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/diagnostics.h"
#include "template/fault.h"

namespace spate::cli {
namespace {

constexpr char kDescription[] =
    "spate makes network traffic from templates: short files that say who talks, what they say\n"
    "and when. They are written by hand, fitted to a capture, or drafted by a language model.";
constexpr char kFooter[] =
    "Examples:\n"
    "  spate fit capture.pcapng -o office.json     a template from a capture\n"
    "  spate show office.json                      its first packets, decoded\n"
    "  spate run office.json --port out.pcapng     its trace into a file\n"
    "  spate run office.json --port eth1           … onto a wire\n"
    "\n"
    "`spate COMMAND -h` explains a command. Exit status: 0 done, 1 failed, 2 wrong usage.";

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const OptionInfo& option : OptionsOf(app)) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

bool IsKnownOption(const std::string& word, const std::vector<std::string>& known) {
  const std::string name = word.substr(0, word.find('='));
  return std::ranges::any_of(known, [&](const std::string& option) {
    // One dash and several letters: a short option with its value behind it.
    return word[1] == '-' ? option == name : option.size() == 2 && absl::StartsWith(word, option);
  });
}

// A negative number is a value, if a wrong one.
bool IsNumber(const std::string& word) {
  return absl::ascii_isdigit(static_cast<unsigned char>(word[1])) || word[1] == '.';
}

// The known word that is `word` with letters swapped, or "": of short words, the usual slip.
std::string SameLetters(std::string word, const std::vector<std::string>& known) {
  std::ranges::sort(word);
  for (const std::string& name : known) {
    std::string letters = name;
    std::ranges::sort(letters);
    if (letters == word) return name;
  }
  return "";
}

std::string Unknown(std::string_view kind, const std::string& word,
                    const std::vector<std::string>& known, std::string_view help) {
  std::string nearest = tmpl::Nearest(word, known);
  if (nearest.empty()) nearest = SameLetters(word, known);
  return absl::StrCat("unknown ", AsAbsl(kind), " \"", word, "\"",
                      nearest.empty() ? "" : absl::StrCat(" (did you mean \"", nearest, "\"?)"),
                      "; `", AsAbsl(help), "` lists what there is");
}

int WrongUsage(const CLI::App& app, const std::string& message) {
  const auto used = app.get_subcommands();
  const std::string command = used.empty() ? "spate" : "spate " + used.front()->get_name();
  Error(absl::StrCat(message, message.find('`') == std::string::npos
                                  ? absl::StrCat("; `", command, " -h` shows how")
                                  : ""));
  return kWrongUsage;
}

// `spate help run` is `spate run -h`.
std::vector<std::string> WithoutHelpCommand(std::vector<std::string> arguments) {
  if (arguments.empty() || arguments.front() != "help") return arguments;
  arguments.erase(arguments.begin());
  arguments.emplace_back("-h");
  return arguments;
}

}  // namespace

std::unique_ptr<CLI::App> MakeParser(Action& chosen) {
  auto app = std::make_unique<CLI::App>(kDescription, "spate");
  app->set_version_flag("--version", "spate " SPATE_VERSION, "print the version");
  app->set_help_flag("-h,--help", "print this help");
  app->footer(kFooter);
  app->require_subcommand(1);
  app->get_formatter()->column_width(28);
  app->get_formatter()->label("Positionals", "Arguments");
  app->get_formatter()->label("SUBCOMMAND", "COMMAND");
  app->get_formatter()->label("REQUIRED", "(required)");
  for (const Command& command : Commands()) {
    CLI::App* const sub =
        app->add_subcommand(std::string(command.name), std::string(command.summary));
    sub->footer(std::string(command.examples));
    sub->group("Commands");
    Options options(*sub);
    // Only noted here: the action runs when the whole line is read.
    sub->final_callback([&chosen, action = command.declare(options)] { chosen = action; });
  }
  return app;
}

std::string UnknownWord(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App* at = &app;
  for (const std::string& word : arguments) {
    if (word == "--") break;
    if (word.size() > 1 && word[0] == '-') {
      const std::vector<std::string> known = OptionNames(*at);
      if (IsNumber(word) || IsKnownOption(word, known)) continue;
      const std::string help = at == &app ? "spate -h" : "spate " + at->get_name() + " -h";
      return Unknown("option", word.substr(0, word.find('=')), known, help);
    }
    if (at != &app) continue;
    std::vector<std::string> names;
    for (const Command& command : Commands()) names.emplace_back(command.name);
    if (std::ranges::find(names, word) == names.end()) {
      return Unknown("command", word, names, "spate -h");
    }
    at = app.get_subcommand(word);
  }
  return "";
}

int Main(const std::vector<std::string>& words) {
  const std::vector<std::string> arguments = WithoutHelpCommand(words);
  Action chosen;
  const std::unique_ptr<CLI::App> app = MakeParser(chosen);
  if (const std::string unknown = UnknownWord(*app, arguments); !unknown.empty()) {
    return WrongUsage(*app, unknown);
  }
  if (arguments.empty()) return WrongUsage(*app, "no command was named; `spate -h` lists them");
  try {
    // CLI11 takes the words from the back.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app->parse(std::move(reversed));
  } catch (const CLI::Success& help_or_version) {
    return app->exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    return WrongUsage(*app, error.what());
  }
  return chosen();
}

}  // namespace spate::cli
