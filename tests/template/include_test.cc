#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "template/template.h"

namespace spate::tmpl {
namespace {

class IncludeTest : public ::testing::Test {
 protected:
  IncludeTest() {
    std::string name = ::testing::TempDir() + "spate-include.XXXXXX";
    dir_ = mkdtemp(name.data());
    std::filesystem::create_directory(dir_ + "/parts");
  }
  ~IncludeTest() override { std::filesystem::remove_all(dir_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(Concat(dir_, "/", name)) << text;
  }
  // What reading and compiling says, the directory left out.
  std::string Faults(const std::string& name) {
    const auto t = ReadFile(Concat(dir_, "/", name));
    std::string text(t.ok() ? Compile(*t).status().message() : t.status().message());
    for (size_t at = 0; (at = text.find(dir_ + "/")) != std::string::npos;) {
      text.erase(at, dir_.size() + 1);
    }
    return text;
  }

  std::string dir_;
};

constexpr char kHosts[] = R"({"spate": 1, "name": "hosts", "rate": "1pps", "params": {"n": 3},
"hosts": {"h": {"count": "$n", "ipv4": {"increment": {"start": "198.18.0.1"}}}}})";
constexpr char kMessages[] = R"(spate: 1
include: [hosts.json]
messages:
  m:
    packet: [{ethernet: {}}, {ipv4: {src: {host: h}}}, {udp: {}}]
)";

TEST_F(IncludeTest, BringsNamedThingsWithParams) {
  Write("parts/hosts.json", kHosts);
  Write("main.json", R"({"spate": 1, "params": {"users": 7},
"include": [{"file": "parts/hosts.json", "set": {"n": "$users"}}],
"messages": {"m": {"packet": [{"ethernet": {}}, {"ipv4": {"src": {"host": "h"}}}, {"udp": {}}]}},
"flows": {"f": {"message": "m", "rate": "1kpps"}}})");
  const auto t = ReadFile(dir_ + "/main.json");
  ASSERT_TRUE(t.ok()) << t.status();
  ASSERT_EQ(t->hosts.size(), 1u);
  EXPECT_EQ(t->hosts[0].second.count, 7u);
  EXPECT_EQ(t->rate, "");
  EXPECT_EQ(t->name, "");
  EXPECT_TRUE(Compile(*t).ok());
  // Printed, it stands on its own.
  EXPECT_EQ(Print(*Read(Print(*t), "elsewhere.json")), Print(*t));
}

TEST_F(IncludeTest, GoesOnThroughSeveralFilesInBothForms) {
  Write("parts/hosts.json", kHosts);
  Write("parts/messages.yaml", kMessages);
  Write("main.json", R"({"spate": 1, "include": ["parts/messages.yaml"],
"flows": {"f": {"message": "m", "rate": "1kpps"}}})");
  EXPECT_EQ(Faults("main.json"), "");
}

TEST_F(IncludeTest, FaultsNameTheIncludedFile) {
  Write("parts/hosts.json", kHosts);
  std::string bad = kMessages;
  bad.replace(bad.find("host: h"), 7, "host: g");
  Write("parts/messages.yaml", bad);
  Write("main.json", R"({"spate": 1, "include": ["parts/messages.yaml"],
"flows": {"f": {"message": "m", "rate": "1kpps"}}})");
  EXPECT_EQ(
      Faults("main.json")
          .find("parts/messages.yaml:5: $.messages.m.packet[1].ipv4.src: found the undefined host "
                "set or role \"g\", expected \"h\""),
      0u)
      << Faults("main.json");
  bad.replace(bad.find("messages:"), 9, "mesages:");
  Write("parts/messages.yaml", bad);
  EXPECT_EQ(Faults("main.json").find("parts/messages.yaml:3: $.mesages: found the unknown key"), 0u)
      << Faults("main.json");
}

TEST_F(IncludeTest, ACycleIsOneFault) {
  Write("a.json", R"({"spate": 1, "include": ["parts/b.json"], "flows": {}})");
  Write("parts/b.json", R"({"spate": 1,
"include": ["../a.json"]})");
  const std::string faults = Faults("a.json");
  EXPECT_EQ(faults.find("parts/b.json:2: $.include[0]: found a cycle: a.json → b.json → a.json, "
                        "expected files that do not include each other in a circle"),
            0u)
      << faults;
}

TEST_F(IncludeTest, NamesAreGivenOnce) {
  Write("parts/hosts.json", kHosts);
  Write("main.json", R"({"spate": 1, "include": ["parts/hosts.json"],
"hosts": {"h": {"ipv4": "198.18.0.1"}}, "flows": {}})");
  const std::string faults = Faults("main.json");
  EXPECT_EQ(
      faults.find("main.json:2: $.hosts.h: found the name \"h\", which parts/hosts.json gives "
                  "to another, expected a name of its own"),
      0u)
      << faults;
}

TEST_F(IncludeTest, WhatCannotBeRead) {
  Write("main.json", R"({"spate": 1, "include": ["no.json"], "flows": {}})");
  EXPECT_EQ(Faults("main.json")
                .find("main.json:1: $.include[0]: found \"no.json\", expected a file: "
                      "no.json"),
            0u)
      << Faults("main.json");
  Write("main.json", R"({"spate": 1, "include": [{"file": "/dev/zero"}], "flows": {}})");
  EXPECT_NE(Faults("main.json").find("/dev/zero is none"), std::string::npos);
  Write("parts/hosts.json", kHosts);
  Write("main.json",
        R"({"spate": 1, "include": [{"file": "parts/hosts.json", "set": {"m": 1}}], "flows": {}})");
  EXPECT_EQ(
      Faults("main.json").find("parts/hosts.json:1: $.params: found --set m=1, expected a param"),
      0u)
      << Faults("main.json");
}

}  // namespace
}  // namespace spate::tmpl
