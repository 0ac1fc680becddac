#include "cli/options.h"

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace spate::cli {
namespace {

CLI::Option* Complete(CLI::Option* option, const OptionText& text) {
  option->type_name(std::string(text.type))->required(text.required);
  if (text.check != nullptr) option->check(text.check);
  if (!text.environment.empty()) option->envname(std::string(text.environment));
  return option;
}

std::string CheckWhole(const std::string& text) {
  uint64_t number = 0;
  return absl::SimpleAtoi(text, &number) ? "" : "\"" + text + "\" is not a whole number";
}

// Capitals stand for any value.
std::vector<std::string> ChoicesOf(const std::string& type) {
  std::vector<std::string> choices;
  if (!absl::StrContains(type, "|")) return choices;
  for (absl::string_view choice : absl::StrSplit(type, '|', absl::SkipEmpty())) {
    if (!absl::ascii_isupper(static_cast<unsigned char>(choice[0]))) choices.emplace_back(choice);
  }
  return choices;
}

}  // namespace

void Options::Add(std::string& value, const OptionText& text) {
  Complete(app_.add_option(std::string(text.names), value, std::string(text.help)), text);
}

void Options::Add(uint64_t& value, const OptionText& text) {
  // Before CLI11 converts it, in words of our own.
  Complete(app_.add_option(std::string(text.names), value, std::string(text.help)), text)
      ->check(CheckWhole);
}

void Options::Add(int& value, const OptionText& text) {
  Complete(app_.add_option(std::string(text.names), value, std::string(text.help)), text);
}

void Options::Add(std::optional<std::string>& value, const OptionText& text) {
  const auto set = [&value](const std::string& given) { value = given; };
  Complete(
      app_.add_option_function<std::string>(std::string(text.names), set, std::string(text.help)),
      text)
      ->expected(0, 1);
}

void Options::Add(std::vector<std::string>& values, const OptionText& text) {
  CLI::Option* const option =
      Complete(app_.add_option(std::string(text.names), values, std::string(text.help)), text);
  // One value each time: what follows it is a plain word again.
  if (!option->get_positional()) option->expected(1)->take_all();
}

void Options::AddFlag(bool& value, std::string_view names, std::string_view help) {
  app_.add_flag(std::string(names), value, std::string(help));
}

std::vector<OptionInfo> OptionsOf(const CLI::App& app) {
  std::vector<OptionInfo> options;
  for (const CLI::Option* option : app.get_options()) {
    OptionInfo& info = options.emplace_back();
    info.help = option->get_description();
    info.takes_value = option->get_expected_max() > 0;
    info.choices = ChoicesOf(option->get_type_name());
    for (const std::string& name : option->get_lnames()) info.names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) info.names.push_back("-" + name);
  }
  return options;
}

}  // namespace spate::cli
