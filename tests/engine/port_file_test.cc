#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "capture/capture.h"
#include "engine/port/port.h"
#include "tests/engine/port_testing.h"

namespace spate::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ScratchDirectory;
using testing::SendTestFrames;
using testing::TestFrame;

// Writes `count` frames by two queues in turns of 100 and keeps the file.
void WriteFrames(const std::string& path, uint64_t count, const PortOptions& options = {}) {
  auto port = OpenPort(path, options);
  ASSERT_TRUE(port.ok()) << port.status();
  ASSERT_TRUE((*port)->Start(2).ok());
  auto first = (*port)->OpenQueue(0, 120);
  auto second = (*port)->OpenQueue(1, 120);
  ASSERT_TRUE(first.ok() && second.ok());
  for (uint64_t n = 0; n < count; n += 100) {
    TxQueue& queue = n / 100 % 2 == 0 ? **first : **second;
    ASSERT_EQ(SendTestFrames(queue, n, std::min<uint64_t>(100, count - n)),
              std::min<uint64_t>(100, count - n));
  }
  EXPECT_TRUE((*first)->Finish().ok());
  EXPECT_TRUE((*second)->Finish().ok());
  const absl::Status closed = (*port)->Close(true);
  EXPECT_TRUE(closed.ok()) << closed;
}

void ExpectFrames(const std::string& path, uint64_t count, packet::LinkType link) {
  auto reader = capture::Reader::Open(path);
  ASSERT_TRUE(reader.ok()) << reader.status();
  for (uint64_t n = 0; n < count; ++n) {
    auto packet = (*reader)->Next();
    ASSERT_TRUE(packet.ok()) << packet.status();
    ASSERT_TRUE(packet->has_value()) << "ends after " << n;
    // Due n µs and 999 ps after the epoch.
    ASSERT_EQ((*packet)->time_ns, static_cast<int64_t>(n) * 1000);
    ASSERT_EQ((*packet)->link, link);
    ASSERT_THAT((*packet)->data, ::testing::ElementsAreArray(TestFrame(n)));
  }
  auto end = (*reader)->Next();
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_FALSE(end->has_value());
}

class FilePortFormat : public ::testing::TestWithParam<const char*> {};

// More than one buffer of frames, so that a write falls between records.
TEST_P(FilePortFormat, HoldsEveryFrameInOrder) {
  const ScratchDirectory directory;
  const std::string path = directory.File(GetParam());
  WriteFrames(path, 12'345);
  ExpectFrames(path, 12'345, packet::LinkType::kEthernet);
  EXPECT_THAT(directory.Names(), ElementsAre(GetParam()));
}

TEST_P(FilePortFormat, SaysItsLinkType) {
  const ScratchDirectory directory;
  const std::string path = directory.File(GetParam());
  WriteFrames(path, 3, {.link = packet::LinkType::kIeee802154});
  ExpectFrames(path, 3, packet::LinkType::kIeee802154);
}

TEST_P(FilePortFormat, IsTheSameFileEachTime) {
  const ScratchDirectory directory;
  const std::string once = directory.File(std::string("once") + GetParam());
  const std::string again = directory.File(std::string("again") + GetParam());
  WriteFrames(once, 1000);
  WriteFrames(again, 1000);
  std::ifstream a(once, std::ios::binary), b(again, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(a), {});
  EXPECT_GT(bytes.size(), 1000u * 60);
  EXPECT_EQ(bytes, std::string(std::istreambuf_iterator<char>(b), {}));
}

INSTANTIATE_TEST_SUITE_P(Formats, FilePortFormat, ::testing::Values("a.pcap", "a.pcapng"),
                         [](const auto& format) {
                           return std::string(format.param) == "a.pcap" ? "Pcap" : "Pcapng";
                         });

TEST(FilePortTest, LeavesNothingWhenNotKept) {
  const ScratchDirectory directory;
  auto port = OpenPort(directory.File("a.pcap"));
  ASSERT_TRUE(port.ok()) << port.status();
  EXPECT_THAT(directory.Names(), IsEmpty()) << "nothing is made before Start";
  ASSERT_TRUE((*port)->Start(1).ok());
  auto queue = (*port)->OpenQueue(0, 120);
  ASSERT_TRUE(queue.ok());
  EXPECT_EQ(SendTestFrames(**queue, 0, 100), 100u);
  EXPECT_THAT(directory.Names(), ElementsAre("a.pcap.part"));
  EXPECT_TRUE((*port)->Close(false).ok());
  EXPECT_THAT(directory.Names(), IsEmpty());
}

TEST(FilePortTest, LeavesNothingWhenDestroyed) {
  const ScratchDirectory directory;
  auto port = OpenPort(directory.File("a.pcapng"));
  ASSERT_TRUE(port.ok()) << port.status();
  ASSERT_TRUE((*port)->Start(1).ok());
  EXPECT_THAT(directory.Names(), ElementsAre("a.pcapng.part"));
  port->reset();
  EXPECT_THAT(directory.Names(), IsEmpty());
}

TEST(FilePortTest, KeepsTheOldFileUntilTheNewOneIsWhole) {
  const ScratchDirectory directory;
  const std::string path = directory.File("a.pcap");
  WriteFrames(path, 10);
  auto port = OpenPort(path);
  ASSERT_TRUE(port.ok()) << port.status();
  ASSERT_TRUE((*port)->Start(1).ok());
  EXPECT_TRUE((*port)->Close(false).ok());
  ExpectFrames(path, 10, packet::LinkType::kEthernet);
}

TEST(FilePortTest, FullDiskEndsSendWithItsReason) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "needs /dev/full";
  const ScratchDirectory directory;
  const std::string path = directory.File("full.pcap");
  std::filesystem::create_symlink("/dev/full", path);
  auto port = OpenPort(path);
  ASSERT_TRUE(port.ok()) << port.status();
  ASSERT_TRUE((*port)->Start(1).ok());
  auto queue = (*port)->OpenQueue(0, 120);
  ASSERT_TRUE(queue.ok());
  EXPECT_LT(SendTestFrames(**queue, 0, 100'000), 100'000u);
  EXPECT_THAT((*queue)->Finish().message(), HasSubstr("No space left on device"));
  EXPECT_THAT((*queue)->Finish().message(), HasSubstr(path));
  EXPECT_THAT((*port)->Close(true).message(), HasSubstr("No space left on device"));
}

// A file so small that it is still in the buffer when the run ends.
TEST(FilePortTest, FullDiskAtTheEndFailsClose) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "needs /dev/full";
  const ScratchDirectory directory;
  const std::string path = directory.File("full.pcap");
  std::filesystem::create_symlink("/dev/full", path);
  auto port = OpenPort(path);
  ASSERT_TRUE(port.ok()) << port.status();
  ASSERT_TRUE((*port)->Start(1).ok());
  auto queue = (*port)->OpenQueue(0, 120);
  ASSERT_TRUE(queue.ok());
  EXPECT_EQ(SendTestFrames(**queue, 0, 10), 10u);
  EXPECT_THAT((*port)->Close(true).message(), HasSubstr("No space left on device"));
}

TEST(FilePortTest, RefusesDirectoriesAndMissingPlaces) {
  const ScratchDirectory directory;
  std::filesystem::create_directory(directory.File("d.pcap"));
  EXPECT_THAT(OpenPort(directory.File("d.pcap")).status().message(), HasSubstr("is a directory"));
  const auto missing = OpenPort(directory.File("no/such/a.pcap")).status();
  EXPECT_THAT(missing.message(), HasSubstr(directory.File("no/such")));
  EXPECT_THAT(missing.message(), HasSubstr("No such file or directory"));
}

std::vector<std::string> Lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// More than one buffer of rows.
TEST(RowsPort, WritesARowAPacket) {
  const ScratchDirectory directory;
  const std::string csv = directory.File("a.csv"), json = directory.File("a.jsonl");
  WriteFrames(csv, 5000);
  WriteFrames(json, 5000);
  const std::vector<std::string> rows = Lines(csv), objects = Lines(json);
  ASSERT_EQ(rows.size(), 5001u);
  EXPECT_EQ(rows[0], "time,source,destination,protocol,length,info");
  EXPECT_THAT(rows[1], ::testing::StartsWith("0.000000,"));
  EXPECT_THAT(rows[5000], ::testing::StartsWith("0.004999,"));
  ASSERT_EQ(objects.size(), 5000u);
  EXPECT_THAT(objects[4999], ::testing::StartsWith("{\"time\":0.004999,\"source\":\""));
  EXPECT_THAT(objects[4999], HasSubstr("\"length\":"));
  EXPECT_THAT(objects[4999], ::testing::EndsWith("\"}"));
}

// The observer's clock: from the first packet, in steps of 10 µs.
TEST(RowsPort, StampsAsTheObserverSees) {
  const ScratchDirectory directory;
  const std::string csv = directory.File("a.csv");
  auto port = OpenPort(csv, {.view = {.from_first = true, .resolution = Picos{10'000'000}}});
  ASSERT_TRUE(port.ok()) << port.status();
  ASSERT_TRUE((*port)->Start(1).ok());
  auto queue = (*port)->OpenQueue(0, 120);
  ASSERT_TRUE(queue.ok());
  ASSERT_EQ(SendTestFrames(**queue, 1'003, 50), 50u);
  ASSERT_TRUE((*port)->Close(true).ok());
  const std::vector<std::string> rows = Lines(csv);
  ASSERT_EQ(rows.size(), 51u);
  EXPECT_THAT(rows[1], ::testing::StartsWith("0.000000,"));
  EXPECT_THAT(rows[10], ::testing::StartsWith("0.000000,"));
  EXPECT_THAT(rows[11], ::testing::StartsWith("0.000010,"));
  EXPECT_THAT(rows[50], ::testing::StartsWith("0.000040,"));
}

}  // namespace
}  // namespace spate::engine
