// Files are saved in several ways.
#include "cli/file_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "tests/engine/port_testing.h"

namespace spate::cli {
namespace {

namespace fs = std::filesystem;

void Save(const fs::path& path) { std::ofstream(path) << "{}\n"; }

class FileWatchTest : public ::testing::Test {
 protected:
  // Saves nothing else: whatever is seen came from `save`.
  template <class Change>
  bool Sees(FileWatch& watch, Change change) {
    std::thread user(change);
    const bool seen = watch.Wait();
    user.join();
    return seen;
  }
  fs::path File(const std::string& name) const { return scratch_.File(name); }

  const testing::ScratchDirectory scratch_;
};

TEST_F(FileWatchTest, WrittenInPlace) {
  Save(File("t.json"));
  auto watch = FileWatch::Of({File("t.json")});
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_TRUE(Sees(*watch, [&] { Save(File("t.json")); }));
  EXPECT_TRUE(Sees(*watch, [&] { Save(File("t.json")); })) << "and once more";
}

TEST_F(FileWatchTest, RenamedIntoItsPlace) {
  Save(File("t.json"));
  auto watch = FileWatch::Of({File("t.json")});
  ASSERT_TRUE(watch.ok()) << watch.status();
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(Sees(*watch, [&] {
      Save(File("t.json.new"));
      fs::rename(File("t.json.new"), File("t.json"));
    }));
  }
}

// As ConfigMaps do: the file is a link through a link to a directory, which is replaced.
TEST_F(FileWatchTest, ALinkOnTheWayIsReplaced) {
  for (const char* version : {"one", "two"}) {
    fs::create_directory(File(version));
    Save(File(version) / "t.json");
  }
  fs::create_symlink("one", File("data"));
  fs::create_symlink("data/t.json", File("t.json"));
  auto watch = FileWatch::Of({File("t.json")});
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_TRUE(Sees(*watch, [&] {
    fs::create_symlink("two", File("data.new"));
    fs::rename(File("data.new"), File("data"));
  }));
  EXPECT_TRUE(Sees(*watch, [&] {
    fs::create_symlink("one", File("data.new"));
    fs::rename(File("data.new"), File("data"));
  }));
}

// A file besides it counts only once it is named, and one that is no longer named does not.
TEST_F(FileWatchTest, OtherFilesDoNotCount) {
  Save(File("t.json"));
  auto watch = FileWatch::Of({File("t.json")});
  ASSERT_TRUE(watch.ok()) << watch.status();
  Save(File("other.json"));
  watch->Set({File("other.json")});
  EXPECT_TRUE(Sees(*watch, [&] { Save(File("other.json")); }));
  watch->Stop();
  Save(File("t.json"));
  EXPECT_FALSE(watch->Wait());
}

TEST_F(FileWatchTest, StopEndsTheWaiting) {
  auto watch = FileWatch::Of({File("t.json")});
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_FALSE(Sees(*watch, [&] { watch->Stop(); }));
  EXPECT_FALSE(watch->Wait());
}

TEST_F(FileWatchTest, SaysWhichDirectoryIsNotThere) {
  const auto watch = FileWatch::Of({File("none/t.json")});
  ASSERT_FALSE(watch.ok());
  EXPECT_NE(watch.status().message().find("none cannot be watched: No such file"),
            std::string::npos)
      << watch.status();
}

}  // namespace
}  // namespace spate::cli
