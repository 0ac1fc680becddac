// spate completion: scripts by which shells complete spate's command line, made from the table of
// commands and their options.
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "report/terminal.h"

namespace spate::cli {
namespace {

constexpr char kCompletionExamples[] =
    "Examples:\n"
    "  spate completion bash > /etc/bash_completion.d/spate\n"
    "  spate completion zsh > \"${fpath[1]}/_spate\"\n"
    "  source <(spate completion bash)";

// What may stand as a plain word after the command: words to choose from; empty: files.
std::vector<std::string> WordsOf(const CLI::App& app) {
  for (const OptionInfo& option : OptionsOf(app)) {
    if (option.names.empty()) return option.choices;
  }
  return {};
}

std::string BashCase(const CLI::App& command) {
  std::string names, values;
  for (const OptionInfo& option : OptionsOf(command)) {
    if (option.names.empty()) continue;
    absl::StrAppend(&names, " ", absl::StrJoin(option.names, " "));
    if (!option.takes_value) continue;
    const std::string reply =
        option.choices.empty()
            ? "COMPREPLY=($(compgen -f -- \"$word\"))"
            : absl::StrCat("COMPREPLY=($(compgen -W '", absl::StrJoin(option.choices, " "),
                           "' -- \"$word\"))");
    absl::StrAppend(&values, "        ", absl::StrJoin(option.names, "|"), ") ", reply,
                    "; return ;;\n");
  }
  const std::vector<std::string> words = WordsOf(command);
  return absl::StrCat(
      "    ", command.get_name(), ")\n      options='", names.substr(names.empty() ? 0 : 1), "'\n",
      words.empty() ? "" : absl::StrCat("      words='", absl::StrJoin(words, " "), "'\n"),
      "      case $previous in\n", values, "      esac ;;\n");
}

std::string BashScript(const CLI::App& app) {
  std::string names, cases;
  for (const Command& command : Commands()) {
    const std::string name(command.name);
    absl::StrAppend(&names, names.empty() ? "" : " ", name);
    absl::StrAppend(&cases, BashCase(*app.get_subcommand(name)));
  }
  return absl::StrCat(
      "# bash completion for spate\n"
      "_spate() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local options='--help --version' words=\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    COMPREPLY=($(compgen -W '",
      names,
      " --help --version' -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  case ${COMP_WORDS[1]} in\n",
      cases,
      "  esac\n"
      "  if [[ $word == -* ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
      "  elif [[ -n $words ]]; then\n"
      "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "  else\n"
      "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
      "  fi\n"
      "}\n"
      "complete -o filenames -F _spate spate\n");
}

// For a single-quoted word of _arguments, where ':' and brackets have a meaning.
std::string ZshText(const std::string& text) {
  return absl::StrReplaceAll(text, {{"'", "'\\''"}, {":", "\\:"}, {"[", "\\["}, {"]", "\\]"}});
}

std::string ZshCase(const CLI::App& command) {
  std::string text = absl::StrCat("    ", command.get_name(), ")\n      _arguments");
  for (const OptionInfo& option : OptionsOf(command)) {
    for (const std::string& name : option.names) {
      absl::StrAppend(&text, " \\\n        '*", name, "[", ZshText(option.help), "]");
      if (option.takes_value) {
        absl::StrAppend(&text, ":value:",
                        option.choices.empty()
                            ? "_files"
                            : absl::StrCat("(", absl::StrJoin(option.choices, " "), ")"));
      }
      text += "'";
    }
  }
  const std::vector<std::string> words = WordsOf(command);
  const std::string rest =
      words.empty() ? "_files" : absl::StrCat("(", absl::StrJoin(words, " "), ")");
  return absl::StrCat(text, " \\\n        '*:argument:", rest, "' ;;\n");
}

std::string ZshScript(const CLI::App& app) {
  std::string commands, cases;
  for (const Command& command : Commands()) {
    const CLI::App* const sub = app.get_subcommand(std::string(command.name));
    absl::StrAppend(&commands, "      '", sub->get_name(), ":", ZshText(sub->get_description()),
                    "'\n");
    absl::StrAppend(&cases, ZshCase(*sub));
  }
  return absl::StrCat(
      "#compdef spate\n"
      "_spate() {\n"
      "  if ((CURRENT == 2)); then\n"
      "    local -a commands=(\n",
      commands,
      "    )\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n"
      "  shift words\n"
      "  ((CURRENT--))\n"
      "  case $command in\n",
      cases,
      "  esac\n"
      "}\n"
      "compdef _spate spate\n");
}

struct Shell {
  const char* name;
  std::string (*script)(const CLI::App& app);
};
constexpr Shell kShells[] = {{"bash", BashScript}, {"zsh", ZshScript}};

const Shell* FindShell(const std::string& name) {
  for (const Shell& shell : kShells) {
    if (name == shell.name) return &shell;
  }
  return nullptr;
}

std::string CheckShell(const std::string& name) {
  return FindShell(name) != nullptr ? "" : absl::StrCat("\"", name, "\" is not bash or zsh");
}

Action DeclareCompletion(Options& options) {
  auto shell = std::make_shared<std::string>();
  options.Add(*shell, {.names = "SHELL",
                       .type = "bash|zsh",
                       .help = "whose script to print",
                       .check = CheckShell,
                       .required = true});
  return [shell] {
    Action unused;
    const std::unique_ptr<CLI::App> parser = MakeParser(unused);
    report::WriteAll(STDOUT_FILENO, FindShell(*shell)->script(*parser));
    return kDone;
  };
}

}  // namespace

constexpr Command kCompletionCommand = {"completion", "print a shell's completion script",
                                        kCompletionExamples, DeclareCompletion};

}  // namespace spate::cli
