#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/layout.h"
#include "tests/capture/file_builder.h"

namespace spate::capture {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Read> Packets(const FileBuilder& file) {
  absl::Status status;
  const std::vector<Read> packets = ReadAll(TempFile(file.str()).path(), &status);
  EXPECT_EQ(status, absl::OkStatus());
  return packets;
}

std::string ErrorOf(std::string_view bytes) {
  const TempFile file(bytes);
  absl::Status status;
  ReadAll(file.path(), &status);
  std::string message(status.message());
  EXPECT_EQ(message.substr(0, file.path().size() + 2), file.path() + ": ");
  return message.substr(std::min(message.size(), file.path().size() + 2));
}

class ReaderTest : public ::testing::TestWithParam<bool> {
 protected:
  FileBuilder New() const { return FileBuilder(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(ByteOrders, ReaderTest, ::testing::Bool(),
                         [](const auto& test) { return test.param ? "Big" : "Little"; });

TEST_P(ReaderTest, ReadsPcapWithMicroseconds) {
  const FileBuilder file =
      New().PcapHeader(kPcapMicrosMagic, 113).PcapRecord(4000000000, 999999, "abcde");
  EXPECT_THAT(Packets(file), ElementsAre(Read{4000000000999999000, "abcde", 9, 113}));
}

TEST_P(ReaderTest, ReadsPcapWithNanoseconds) {
  const FileBuilder file =
      New().PcapHeader(kPcapNanosMagic, 1).PcapRecord(1, 999999999, "a").PcapRecord(2, 0, "");
  EXPECT_THAT(Packets(file), ElementsAre(Read{1999999999, "a", 5, 1}, Read{2000000000, "", 4, 1}));
}

TEST_P(ReaderTest, TakesTheLinkTypeWithoutFcsBits) {
  EXPECT_THAT(Packets(New().PcapHeader(kPcapNanosMagic, 0x54000001).PcapRecord(0, 0, "a")),
              ElementsAre(Read{0, "a", 5, 1}));
  EXPECT_THAT(Packets(New().PcapHeader(kPcapNanosMagic, 228).PcapRecord(0, 0, "a")),
              ElementsAre(Read{0, "a", 5, 101}));
}

TEST_P(ReaderTest, ReadsPcapngInterfacesOfDifferentClocksAndLinks) {
  FileBuilder file = New();
  file.Section()
      .Interface(1, 0, New())
      .Interface(195, 0, New().U16(kOptionTsResol).U16(1).Bytes({"\x09\0\0\0", 4}))
      .Interface(101, 0,
                 New()
                     .U16(2)
                     .U16(3)
                     .Bytes({"if0\0", 4})  // a name
                     .U16(kOptionTsResol)
                     .U16(1)
                     .Bytes({"\x8a\0\0\0", 4})
                     .U16(kOptionTsOffset)
                     .U16(8)
                     .U64(100)
                     .U32(0))
      .Interface(1, 0, New().U16(kOptionTsResol).U16(1).Bytes({"\x0c\0\0\0", 4}))
      .Enhanced(0, 1234567, "abc")
      .Enhanced(1, 1234567, "")
      .Enhanced(2, 1024 + 512, "defgh")
      .Enhanced(3, 1234567, "i");
  EXPECT_THAT(Packets(file),
              ElementsAre(Read{1234567000, "abc", 3, 1}, Read{1234567, "", 0, 195},
                          Read{101500000000, "defgh", 5, 101}, Read{1234, "i", 1, 1}));
}

TEST_P(ReaderTest, ReadsSimpleAndObsoletePackets) {
  FileBuilder file = New();
  file.Section()
      .Interface(1, 4, New())
      .Block(kSimplePacketBlock, New().U32(9).Bytes("abcd"))
      .Block(kSimplePacketBlock, New().U32(2).Bytes("ab"))
      .Block(kPacketBlock, New().U16(0).U16(7).U32(0).U32(5).U32(3).U32(8).Bytes("xyz"));
  EXPECT_THAT(Packets(file),
              ElementsAre(Read{0, "abcd", 9, 1}, Read{0, "ab", 2, 1}, Read{5000, "xyz", 8, 1}));
}

TEST_P(ReaderTest, PassesOverUnknownBlocksAndOptions) {
  FileBuilder file = New();
  file.Section()
      .Block(0x0bad, New().Bytes(std::string(1000000, 'x')))
      .Interface(1, 0, New())
      .Block(5, New().U32(0))
      .Block(kEnhancedPacketBlock, New()
                                       .U32(0)
                                       .U32(0)
                                       .U32(1)
                                       .U32(1)
                                       .U32(1)
                                       .Bytes({"a\0\0\0", 4})
                                       .U16(1)
                                       .U16(4)
                                       .Bytes("note")
                                       .U32(0));
  EXPECT_THAT(Packets(file), ElementsAre(Read{1000, "a", 1, 1}));
}

TEST_P(ReaderTest, StartsOverWithEachSection) {
  FileBuilder file = New();
  file.Section().Interface(1, 0, New()).Enhanced(0, 1, "a");
  FileBuilder other(!GetParam());
  other.Section().Interface(113, 0, FileBuilder(!GetParam())).Enhanced(0, 2, "b");
  file.Bytes(other.str());
  EXPECT_THAT(Packets(file), ElementsAre(Read{1000, "a", 1, 1}, Read{2000, "b", 1, 113}));
}

// Every prefix of a file is read up to its last whole packet; then comes the end, if the cut is
// between records, or an error that names the place.
TEST_P(ReaderTest, NamesTheTruncatedPacketAtEveryByte) {
  FileBuilder pcap = New().PcapHeader(kPcapMicrosMagic, 1);
  FileBuilder pcapng = New().Section().Interface(1, 0, New());
  std::vector<size_t> ends[2] = {{pcap.str().size()}, {28, pcapng.str().size()}};
  for (int i = 0; i < 3; ++i) {
    ends[0].push_back(pcap.PcapRecord(1, 1, "packet").str().size());
    ends[1].push_back(pcapng.Enhanced(0, 1, "packet").str().size());
  }
  const std::string files[2] = {pcap.str(), pcapng.str()};
  for (int i = 0; i < 2; ++i) {
    for (size_t size = 1; size <= files[i].size(); ++size) {
      SCOPED_TRACE(size);
      const TempFile file(files[i].substr(0, size));
      absl::Status status;
      ReadAll(file.path(), &status);
      const bool whole = std::ranges::find(ends[i], size) != ends[i].end();
      ASSERT_EQ(status.ok(), whole) << status;
      if (whole || size < 4) continue;
      ASSERT_THAT(std::string(status.message()), HasSubstr("truncated"));
      ASSERT_THAT(std::string(status.message()), HasSubstr(" at byte "));
    }
  }
}

TEST(ReaderErrorTest, SaysWhatItFound) {
  EXPECT_EQ(ErrorOf(""), "empty file");
  EXPECT_EQ(ErrorOf("Hello"), "neither pcap nor pcapng: its first bytes are 48656c6c");
  EXPECT_THAT(ErrorOf("ab"), HasSubstr("its first bytes are 6162"));
  EXPECT_THAT(ErrorOf("\x1f\x8b\x08\x01"), HasSubstr("1f8b0801 (gzip: unpack it first)"));
  EXPECT_THAT(ErrorOf("\x28\xb5\x2f\xfd"), HasSubstr("(zstd: unpack it first)"));
  EXPECT_THAT(ErrorOf("{\"a\":1}"), HasSubstr("(JSON?)"));
}

TEST(ReaderErrorTest, NamesFilesThatCannotBeOpened) {
  const auto missing = Reader::Open("/nonexistent/a.pcap");
  EXPECT_TRUE(absl::IsNotFound(missing.status()));
  EXPECT_THAT(std::string(missing.status().message()),
              HasSubstr("/nonexistent/a.pcap: cannot open: No such file"));
  EXPECT_THAT(std::string(Reader::Open("/").status().message()),
              HasSubstr("/: cannot read at byte 0: Is a directory"));
}

TEST(ReaderErrorTest, RefusesAbsurdNumbers) {
  const auto pcap = [] { return FileBuilder(false).PcapHeader(kPcapMicrosMagic, 1); };
  EXPECT_EQ(ErrorOf(pcap().PcapRecord(0, 0, "a").U32(0).U32(0).U32(262145).U32(60).str()),
            "packet 2 at byte 41: a packet of 262145 bytes; at most 262144");
  EXPECT_EQ(ErrorOf(FileBuilder(false).U32(kPcapMicrosMagic).U16(9).U16(4).U64(0).U64(0).str()),
            "file header at byte 4: pcap version 9; expected 2");
  const auto section = [] { return FileBuilder(false).Section(); };
  EXPECT_EQ(ErrorOf(section().U32(99).U32(13).str()),
            "block of type 99 at byte 28: a block length of 13; expected a multiple of 4 from 12");
  EXPECT_THAT(ErrorOf(section().U32(99).U32(0xfffffffc).str()), HasSubstr("truncated"));
  EXPECT_EQ(ErrorOf(section().Enhanced(0, 0, "a").str()),
            "packet 1 at byte 28: names interface 0 of 0");
  const FileBuilder one = section().Interface(1, 0, FileBuilder(false));
  EXPECT_EQ(ErrorOf(FileBuilder(one)
                        .Block(kEnhancedPacketBlock, FileBuilder(false).U32(0).U64(0).U32(5).U32(5))
                        .str()),
            "packet 1 at byte 48: its content of 5 bytes does not fit the 0 left of the block");
  EXPECT_THAT(
      ErrorOf(FileBuilder(one)
                  .Block(kEnhancedPacketBlock, FileBuilder(false).U32(0).U64(0).U32(300000).U32(5))
                  .str()),
      HasSubstr("a packet of 300000 bytes; at most 262144"));
  EXPECT_THAT(ErrorOf(FileBuilder(one).Enhanced(0, ~uint64_t{0}, "a").str()),
              HasSubstr("does not fit 64 bits of nanoseconds"));
  EXPECT_EQ(ErrorOf(section().Interface(1, 0, FileBuilder(false).U16(9).U16(40)).str()),
            "interface description at byte 28: an option runs over the end of the block");
}

TEST(ReaderErrorTest, RefusesDamagedSections) {
  EXPECT_EQ(ErrorOf(FileBuilder(false).U32(kSectionHeaderBlock).U32(28).U32(7).str()),
            "section header at byte 0: no byte-order magic");
  EXPECT_THAT(
      ErrorOf(FileBuilder(false).U32(kSectionHeaderBlock).U32(24).U32(kByteOrderMagic).str()),
      HasSubstr("a block length of 24"));
  EXPECT_THAT(
      ErrorOf(FileBuilder(false)
                  .Block(kSectionHeaderBlock, FileBuilder(false).U32(kByteOrderMagic).U32(2).U64(0))
                  .str()),
      HasSubstr("pcapng version 2; expected 1"));
}

}  // namespace
}  // namespace spate::capture
