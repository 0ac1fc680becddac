#include "cli/command_line.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "CLI/CLI.hpp"
#include "cli/commands.h"

namespace spate::cli {
namespace {

class CommandLine : public ::testing::Test {
 protected:
  std::string Unknown(const std::vector<std::string>& arguments) const {
    return UnknownWord(*parser_, arguments);
  }

  Action chosen_;
  const std::unique_ptr<CLI::App> parser_ = MakeParser(chosen_);
};

TEST_F(CommandLine, UnknownCommandNamesTheNearest) {
  EXPECT_EQ(Unknown({"shwo"}),
            "unknown command \"shwo\" (did you mean \"show\"?); `spate -h` lists what there is");
  EXPECT_EQ(Unknown({"zzzzzz"}), "unknown command \"zzzzzz\"; `spate -h` lists what there is");
}

TEST_F(CommandLine, UnknownOptionNamesTheNearest) {
  EXPECT_EQ(Unknown({"run", "t.json", "--pakets=5"}),
            "unknown option \"--pakets\" (did you mean \"--packets\"?); `spate run -h` lists what "
            "there is");
  EXPECT_EQ(Unknown({"--verison"}),
            "unknown option \"--verison\" (did you mean \"--version\"?); `spate -h` lists what "
            "there is");
}

TEST_F(CommandLine, KnownWordsPass) {
  EXPECT_EQ(Unknown({}), "");
  EXPECT_EQ(Unknown({"-h"}), "");
  EXPECT_EQ(Unknown({"run", "t.json", "--packets=5", "-peth0", "--rate", "max"}), "");
  EXPECT_EQ(Unknown({"run", "--packets", "-5"}), "");  // a value, refused as such later
  EXPECT_EQ(Unknown({"check", "--", "--odd-name.json"}), "");
}

TEST_F(CommandLine, TheWholeLineIsReadBeforeACommandRuns) {
  EXPECT_THROW(parser_->parse("show t.json --packets x"), CLI::ValidationError);
  EXPECT_EQ(chosen_, nullptr);
  parser_->clear();
  parser_->parse("show t.json --packets 3");
  EXPECT_NE(chosen_, nullptr);
}

TEST_F(CommandLine, OneValueAnOption) {
  EXPECT_NO_THROW(parser_->parse("run --set a=1 --set b=2 -p null t.json"));
  EXPECT_NO_THROW(parser_->parse("run --set a=1 t.json"));  // not a second value
  EXPECT_THROW(parser_->parse("run --set a=1"), CLI::RequiredError);
}

TEST_F(CommandLine, EveryCommandHasHelpWithExamples) {
  std::set<std::string> names;
  for (const Command& command : Commands()) {
    const std::string name(command.name);
    EXPECT_TRUE(names.insert(name).second) << name;
    const std::string help = parser_->get_subcommand(name)->help();
    EXPECT_NE(help.find("Examples:\n  "), std::string::npos) << name;
    EXPECT_NE(help.find("spate " + name), std::string::npos) << name;
    EXPECT_FALSE(command.summary.empty()) << name;
    for (const OptionInfo& option : OptionsOf(*parser_->get_subcommand(name))) {
      EXPECT_FALSE(option.help.empty()) << name;
    }
  }
}

TEST_F(CommandLine, HelpFitsATerminal) {
  for (const Command& command : Commands()) {
    std::istringstream help(parser_->get_subcommand(std::string(command.name))->help());
    for (std::string line; std::getline(help, line);) EXPECT_LE(line.size(), 100u) << line;
  }
}

TEST_F(CommandLine, ChoicesComeFromTheType) {
  for (const OptionInfo& option : OptionsOf(*parser_->get_subcommand("run"))) {
    if (option.names == std::vector<std::string>{"--late"}) {
      EXPECT_EQ(option.choices, std::vector<std::string>({"shift", "drop", "burst"}));
      return;
    }
  }
  FAIL() << "no --late";
}

}  // namespace
}  // namespace spate::cli
