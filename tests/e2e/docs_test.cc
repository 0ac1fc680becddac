// What README.md and docs/ tell users to type works, prints what they show, and the templates in
// them are good. Of their fenced blocks
//   ```sh run    is run as a script;
//   ```console   holds commands behind "$ ", each followed by all that it prints, errors too; a run
//                with SPATE_UPDATE=1 writes the document anew;
//   ```json      is checked where it is a template.
// The blocks of a document run one after the other in one directory, with spate on the PATH and
// configs/ in place.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/process.h"

namespace spate::testing {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

Lines LinesOf(const std::string& text) { return absl::StrSplit(text, '\n'); }

class Docs : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    fs::create_symlink(SourceFile("configs"), dir_ / "configs");
    fs::create_symlink(SpateBinary(), dir_ / "spate");
  }

  Outcome Bash(const std::string& script) const {
    const char* const path = std::getenv("PATH");
    return Execute({"-euo", "pipefail", "-c", script},
                   {.program = "bash",
                    .terminal = false,
                    .environment = {absl::StrCat("PATH=", dir_.path(), ":", path ? path : "")},
                    .in_child = [this] { return chdir(dir_.path().c_str()) == 0; }});
  }

  void Run(const Lines& block) const {
    const Outcome outcome = Bash(absl::StrJoin(block, "\n"));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  }

  void Check(const Lines& block) const {
    const std::string text = absl::StrJoin(block, "\n");
    if (!absl::StrContains(text, "\"spate\": 1")) return;
    const Outcome check = Execute({"check", dir_.Write("block.json", text)});
    EXPECT_EQ(check.exit_code, 0) << check.err;
  }

  // The block as it is to be: its commands, each with what it prints now.
  Lines Replay(const Lines& block) const {
    Lines now;
    for (const std::string& line : block) {
      if (!absl::StartsWith(line, "$ ")) continue;
      now.push_back(line);
      std::string text = Bash(absl::StrCat("{ ", line.substr(2), "\n} 2>&1")).out;
      if (text.empty()) continue;
      if (text.back() == '\n') text.pop_back();
      for (const std::string& printed : LinesOf(text)) now.push_back(printed);
    }
    EXPECT_TRUE(now == block) << "prints something else now (SPATE_UPDATE=1 writes it down):\n"
                              << absl::StrJoin(now, "\n");
    return now;
  }

  // One block; returns its lines as they are to be.
  Lines Handle(std::string_view kind, Lines block) const {
    if (kind == "console") return Replay(block);
    if (kind == "sh run") Run(block);
    if (kind == "json") Check(block);
    return block;
  }

  const TempDir dir_;
};

TEST_P(Docs, DoWhatTheySay) {
  const std::string path = SourceFile(GetParam());
  const Lines text = LinesOf(ReadWholeFile(path));
  Lines now;
  for (size_t i = 0; i < text.size(); ++i) {
    now.push_back(text[i]);
    if (!absl::StartsWith(text[i], "```")) continue;
    const std::string kind = text[i].substr(3);
    SCOPED_TRACE(absl::StrCat(GetParam(), ":", i + 1));
    Lines block;
    for (++i; i < text.size() && text[i] != "```"; ++i) block.push_back(text[i]);
    for (std::string& line : Handle(kind, std::move(block))) now.push_back(std::move(line));
    now.emplace_back("```");
  }
  if (std::getenv("SPATE_UPDATE")) std::ofstream(path) << absl::StrJoin(now, "\n");
}

Lines Documents() {
  Lines documents = {"README.md"};
  // Names of tests are asked for without the environment of a run, too.
  const char* const root = std::getenv("SPATE_SOURCE_ROOT");
  if (root == nullptr) return documents;
  for (const auto& entry : fs::directory_iterator(fs::path(root) / "docs")) {
    if (entry.path().extension() == ".md")
      documents.push_back("docs/" + entry.path().filename().string());
  }
  std::ranges::sort(documents);
  return documents;
}

INSTANTIATE_TEST_SUITE_P(All, Docs, ::testing::ValuesIn(Documents()),
                         [](const ::testing::TestParamInfo<std::string>& page) {
                           return fs::path(page.param).stem().string();
                         });

}  // namespace
}  // namespace spate::testing
