// The options and arguments of one command. CLI11 reads them; it stays behind this interface
// because its headers take longer to compile than all commands together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace spate::cli {

// Says what is wrong with a value; "" when nothing is.
using CheckValue = std::string (*)(const std::string& value);

struct OptionText {
  std::string_view names;  // "--port,-p"; without dashes: a plain word, by its place
  std::string_view type;   // of the value: "FILE"; "shift|drop" lists what it may be
  std::string_view help;
  CheckValue check = nullptr;
  bool required = false;
  std::string_view environment = {};  // variable that gives the value where the option does not
};

// Variables keep their values where an option is not given. They must live until the line is read.
class Options {
 public:
  explicit Options(CLI::App& app) : app_(app) {}

  void Add(std::string& value, const OptionText& text);
  void Add(uint64_t& value, const OptionText& text);
  void Add(int& value, const OptionText& text);
  // With a value or without one, which is then "".
  void Add(std::optional<std::string>& value, const OptionText& text);
  // May be given several times; plain words take all that are left.
  void Add(std::vector<std::string>& values, const OptionText& text);
  void AddFlag(bool& value, std::string_view names, std::string_view help);

 private:
  CLI::App& app_;
};

// An option as help and completion see it.
struct OptionInfo {
  std::vector<std::string> names;  // "--port", "-p"; none for plain words
  std::string help;
  bool takes_value = false;
  std::vector<std::string> choices;  // what the value may be, where its type lists that
};
std::vector<OptionInfo> OptionsOf(const CLI::App& app);

}  // namespace spate::cli
