// What a person sees on a terminal, and a log when there is none.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/e2e/process.h"
#include "tests/e2e/templates.h"

namespace spate::testing {
namespace {

constexpr char kUp[] = "\033[4A";  // over the four lines of the live table
constexpr char kBold[] = "\033[1m";

Outcome RunAt(bool terminal, const std::vector<std::string>& environment) {
  const TempDir dir;
  const std::string file = dir.Write("t.json", FloodJson());
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

// What the template's beacon sends besides.
std::string TwoFlows() {
  std::string text = FloodJson();
  const std::string flow = R"("flood": {"message": "m", "rate": "10kpps"})";
  return text.replace(text.find(flow), flow.size(), flow + R"(,
    "beacon": {"message": "m", "rate": "1kpps"})");
}

double NumberAfter(const std::string& text, const std::string& key) {
  const size_t at = text.find(key);
  return at == std::string::npos ? -1 : std::stod(text.substr(at + key.size()));
}

// In the table that was drawn last.
double Dropped(const std::string& shown) {
  const size_t at = shown.rfind("dropped ");
  return at == std::string::npos ? 0 : NumberAfter(shown.substr(at), "dropped ");
}

TEST(Terminal, KeysChangeTheRun) {
  const TempDir dir;
  Process run({"run", dir.Write("t.json", TwoFlows()), "--json"},
              {.program = "",
               .terminal = true,
               .keyboard = true,
               .environment = {"TERM=xterm", "NO_COLOR=1"},
               .in_child = {}});
  ASSERT_TRUE(run.WaitForErr("q end")) << run.Err();
  run.Type("++");
  EXPECT_TRUE(run.WaitForErr("rate x 1.21")) << run.Err();
  run.Type(" ");
  EXPECT_TRUE(run.WaitForErr("held")) << run.Err();
  run.Type(" -");
  EXPECT_TRUE(run.WaitForErr("rate x 1.1\r")) << run.Err();
  run.Type("sbeacom\n");
  EXPECT_TRUE(run.WaitForErr("no flow \"beacom\"; did you mean beacon?")) << run.Err();
  run.Type("sbeacon\n");
  EXPECT_TRUE(run.WaitForErr("stopped: beacon")) << run.Err();
  EXPECT_TRUE(run.WaitUntil([&] { return Dropped(run.Err()) > 0; })) << run.Err();
  run.Type("q");
  const Outcome outcome = run.Wait();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const double sent = NumberAfter(outcome.out, "\"sent\": "),
               stopped = NumberAfter(outcome.out, "\"stopped\": ");
  EXPECT_GT(stopped, 0) << outcome.out;
  EXPECT_EQ(NumberAfter(outcome.out, "\"planned\": "), sent + stopped) << outcome.out;
  EXPECT_TRUE(Has(outcome.out, "\"verdict\": \"done\"")) << outcome.out;
}

}  // namespace
}  // namespace spate::testing
