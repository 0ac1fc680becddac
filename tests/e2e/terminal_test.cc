// What a person sees on a terminal, and a log when there is none.
#include <gtest/gtest.h>

#include <string>

#include "tests/e2e/process.h"
#include "tests/e2e/templates.h"

namespace spate::testing {
namespace {

constexpr char kUp[] = "\033[4A";  // over the four lines of the live table
constexpr char kBold[] = "\033[1m";

Outcome RunAt(bool terminal, const std::vector<std::string>& environment) {
  const TempDir dir;
  const std::string file = dir.Write("t.json", Flood());
  return Execute({"run", file, "--duration", "1300ms", "--rate", "max"},
                 {.program = "", .terminal = terminal, .environment = environment, .in_child = {}});
}

bool Has(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

TEST(Terminal, TheLiveTableIsRedrawnInPlace) {
  const Outcome outcome = RunAt(true, {"TERM=xterm", "NO_COLOR="});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(Has(outcome.err, "[#########")) << outcome.err;
  EXPECT_TRUE(Has(outcome.err, kUp)) << outcome.err;
  EXPECT_TRUE(Has(outcome.err, kBold)) << outcome.err;
  // The account is no terminal's business here: standard output is a file.
  EXPECT_FALSE(Has(outcome.out, "\033"));
  EXPECT_TRUE(Has(outcome.out, " planned, dropped 0\n")) << outcome.out;
}

TEST(Terminal, NoColorLeavesTheCursor) {
  const Outcome outcome = RunAt(true, {"TERM=xterm", "NO_COLOR=1"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(Has(outcome.err, kUp)) << outcome.err;
  EXPECT_FALSE(Has(outcome.err, kBold)) << outcome.err;
}

TEST(Terminal, ElsewhereALineASecond) {
  const Outcome outcome = RunAt(false, {"TERM=xterm"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_FALSE(Has(outcome.err, "\033")) << outcome.err;
  EXPECT_TRUE(Has(outcome.err, "spate: flood to null: as fast as the port takes it"))
      << outcome.err;
  EXPECT_TRUE(Has(outcome.err, " of 1.30 s  sent ")) << outcome.err;
}

}  // namespace
}  // namespace spate::testing
