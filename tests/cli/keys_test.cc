// Keys as commands.
#include "cli/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace spate::cli {
namespace {

using engine::Command;
using ::testing::HasSubstr;
using Kind = Command::Kind;

KeyReader Keys() { return KeyReader({"users/lookup", "users/answer", "flood"}); }

std::vector<Command> All(KeyReader& keys) {
  std::vector<Command> commands;
  while (const auto command = keys.Next()) commands.push_back(*command);
  return commands;
}

TEST(Keys, ChangeTheRateByATenthAndBack) {
  KeyReader keys = Keys();
  keys.Read("+=-");
  const auto commands = All(keys);
  ASSERT_EQ(commands.size(), 3u);
  EXPECT_EQ(commands[0].kind, Kind::kScaleRate);
  EXPECT_DOUBLE_EQ(commands[0].factor, 1.1);
  EXPECT_DOUBLE_EQ(commands[1].factor * commands[2].factor, 1);
}

TEST(Keys, HoldAndEnd) {
  KeyReader keys = Keys();
  keys.Read(" xq");
  const auto commands = All(keys);
  ASSERT_EQ(commands.size(), 2u) << "x is no key";
  EXPECT_EQ(commands[0].kind, Kind::kHold);
  EXPECT_EQ(commands[1].kind, Kind::kEnd);
}

TEST(Keys, NameAFlowByNumberNameOrItsLastPart) {
  KeyReader keys = Keys();
  keys.Read("s2\nsusers/lookup\rsflop\x7f\x7food\nsanswer\n");
  const auto commands = All(keys);
  ASSERT_EQ(commands.size(), 4u);
  EXPECT_EQ(commands[0].kind, Kind::kMute);
  EXPECT_EQ(commands[0].flow, "users/answer");
  EXPECT_EQ(commands[1].flow, "users/lookup");
  EXPECT_EQ(commands[2].flow, "flood");
  EXPECT_EQ(commands[3].flow, "users/answer");
}

TEST(Keys, ShowWhatIsTypedAndWhatIsWrong) {
  KeyReader keys = Keys();
  EXPECT_THAT(keys.Line(), HasSubstr("q end"));
  keys.Read("sflod");
  EXPECT_THAT(keys.Line(), HasSubstr("flow: flod_"));
  EXPECT_THAT(keys.Line(), HasSubstr("1 users/lookup, 2 users/answer"));
  keys.Read("\n");
  EXPECT_EQ(keys.Line(), "no flow \"flod\"; did you mean flood?");
  EXPECT_FALSE(keys.Next().has_value());
  keys.Read("sq\033");
  EXPECT_THAT(keys.Line(), HasSubstr("q end")) << "given up";
  EXPECT_FALSE(keys.Next().has_value());
  keys.Read("s4\ns0\n");
  EXPECT_FALSE(keys.Next().has_value()) << "there are three";
}

}  // namespace
}  // namespace spate::cli
