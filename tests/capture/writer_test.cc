#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/text.h"
#include "capture/output_file.h"
#include "tests/capture/file_builder.h"
#include "tests/golden/tshark.h"

namespace spate::capture {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

class WriterTest : public ::testing::TestWithParam<const char*> {
 protected:
  void TearDown() override {
    fs::remove(path_);
    fs::remove(path_ + ".part");
  }
  std::unique_ptr<Writer> Open(packet::LinkType link = packet::LinkType::kEthernet) {
    auto writer = Writer::Create(path_, link);
    EXPECT_TRUE(writer.ok()) << writer.status();
    return writer.ok() ? *std::move(writer) : nullptr;
  }

  const std::string path_ = FreshPath(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Formats, WriterTest, ::testing::Values(".pcap", ".pcapng"),
                         [](const auto& test) { return std::string(test.param + 1); });

TEST_P(WriterTest, WhatItWritesIsRead) {
  std::vector<Read> packets;
  auto writer = Open(packet::LinkType::kLinuxSll);
  for (uint64_t i = 0; i < 500; ++i) {
    const size_t size = i < 60 ? i : Below(Draw(1, i), 3000);
    packets.push_back({static_cast<int64_t>(Below(Draw(2, i), 4'000'000'000'000'000'000)),
                       std::string(size, static_cast<char>(i)), static_cast<uint32_t>(size), 113});
    ASSERT_EQ(writer->Write(packets.back().time_ns, AsBytes(packets.back().data)),
              absl::OkStatus());
  }
  ASSERT_EQ(writer->Close(), absl::OkStatus());
  absl::Status status;
  EXPECT_EQ(ReadAll(path_, &status), packets);
  EXPECT_EQ(status, absl::OkStatus());
}

TEST_P(WriterTest, WritesTheLongestPacketAndNoLongerOne) {
  auto writer = Open();
  const std::string longest(kMaxPacketBytes, 'x');
  ASSERT_EQ(writer->Write(1, AsBytes(longest)), absl::OkStatus());
  const absl::Status status = writer->Write(2, AsBytes(longest + "x"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("a packet of 262145 bytes; at most 262144"));
  ASSERT_EQ(writer->Close(), absl::OkStatus());
  absl::Status read;
  EXPECT_EQ(ReadAll(path_, &read).size(), 1u);
}

TEST_P(WriterTest, RefusesTimesThatTheFormatCannotHold) {
  auto writer = Open();
  EXPECT_TRUE(absl::IsOutOfRange(writer->Write(-1, {})));
  const int64_t in_2200 = 7'258'118'400'000'000'000;
  EXPECT_EQ(writer->Write(in_2200, {}).ok(), path_.ends_with(".pcapng"));
}

TEST_P(WriterTest, TsharkReadsTheTimesToTheNanosecond) {
  if (!testing::HaveTshark()) GTEST_SKIP() << "tshark is not installed";
  auto writer = Open();
  ASSERT_TRUE(writer->Write(1'700'000'000'123'456'789, AsBytes(std::string(61, 'a'))).ok());
  ASSERT_TRUE(writer->Write(1'700'000'001'000'000'001, AsBytes(std::string(64, 'a'))).ok());
  ASSERT_TRUE(writer->Close().ok());
  using Rows = std::vector<std::vector<std::string>>;
  EXPECT_EQ(testing::TsharkFields(path_, {"frame.time_epoch", "frame.len"}),
            (Rows{{"1700000000.123456789", "61"}, {"1700000001.000000001", "64"}}));
}

TEST_P(WriterTest, ShowsTheFileOnlyWhenItIsWhole) {
  auto writer = Open();
  ASSERT_TRUE(writer->Write(1, AsBytes("abc")).ok());
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_TRUE(fs::exists(path_ + ".part"));
  ASSERT_TRUE(writer->Close().ok());
  EXPECT_TRUE(fs::exists(path_));
  EXPECT_FALSE(fs::exists(path_ + ".part"));
  EXPECT_EQ(writer->Close(), absl::OkStatus()) << "closing again";
}

TEST_P(WriterTest, LeavesNothingWhenNotClosed) {
  TempFile older("older");
  {
    auto writer = Writer::Create(older.path(), packet::LinkType::kEthernet);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Write(1, AsBytes("abc")).ok());
  }
  EXPECT_FALSE(fs::exists(older.path() + ".part"));
  EXPECT_EQ(fs::file_size(older.path()), 5u) << "the older file is gone";
}

TEST_P(WriterTest, ReportsAFullDisk) {
  // A limit on the file size stands for the disk's.
  struct rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = before;
  small.rlim_cur = 300000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  absl::Status status;
  {
    auto writer = Open();
    const std::string data(60000, 'x');
    for (int i = 0; i < 20 && status.ok(); ++i) status = writer->Write(i, AsBytes(data));
    EXPECT_EQ(writer->Close(), status) << "the failure is forgotten";
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(std::string(status.message()), path_ + ": cannot write: File too large");
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_FALSE(fs::exists(path_ + ".part"));
}

TEST(OutputFileTest, WritesDevicesDirectly) {
  auto file = OutputFile::Create("/dev/full");
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE((*file)->Append(AsBytes("abc")).ok());
  EXPECT_EQ((*file)->Commit().message(), "/dev/full: cannot write: No space left on device");
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
  auto null = OutputFile::Create("/dev/null");
  ASSERT_TRUE(null.ok()) << null.status();
  EXPECT_EQ((*null)->Commit(), absl::OkStatus());
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(OutputFileTest, FollowsLinks) {
  const TempFile target("older");
  const std::string link = FreshPath(".pcap");
  fs::create_symlink(target.path(), link);
  auto file = OutputFile::Create(link);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE((*file)->Append(AsBytes("new")).ok());
  ASSERT_TRUE((*file)->Commit().ok());
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(fs::file_size(target.path()), 3u);
  fs::remove(link);
}

TEST(OutputFileTest, NamesWhatCannotBeCreated) {
  EXPECT_EQ(OutputFile::Create("/nonexistent/a.pcap").status().message(),
            "/nonexistent/a.pcap: cannot create: No such file or directory");
  EXPECT_EQ(OutputFile::Create("/").status().message(), "/: is a directory");
}

TEST(FormatTest, FollowsTheExtension) {
  EXPECT_EQ(FormatOf("a.pcapng"), Format::kPcapng);
  EXPECT_EQ(FormatOf("a.pcap"), Format::kPcap);
  EXPECT_EQ(FormatOf("pcapng"), Format::kPcap);
}

}  // namespace
}  // namespace spate::capture
