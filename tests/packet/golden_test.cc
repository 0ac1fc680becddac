// Every header alone, and every pair of headers that may follow each other, against golden bytes
// and against tshark's reading of them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/text.h"
#include "capture/capture.h"
#include "tests/golden/tshark.h"
#include "tests/packet/golden_file.h"

namespace spate::packet {
namespace {

using HeaderStack = std::vector<const HeaderSpec*>;

// The shortest stack that ends in `last`.
HeaderStack StackTo(const HeaderSpec* last) {
  std::deque<HeaderStack> open = {{}};
  while (!open.empty()) {
    const HeaderStack stack = open.front();
    open.pop_front();
    if (!stack.empty() && stack.back() == last) return stack;
    for (const HeaderSpec* next : Headers()) {
      if (!MayFollow(stack.empty() ? nullptr : stack.back(), *next)) continue;
      if (std::ranges::find(stack, next) != stack.end()) continue;
      open.push_back(stack);
      open.back().push_back(next);
    }
  }
  return {};
}

std::vector<HeaderStack> AllPairs() {
  std::vector<HeaderStack> pairs;
  for (const HeaderSpec* first : Headers()) {
    for (const HeaderSpec* second : Headers()) {
      if (!MayFollow(first, *second)) continue;
      pairs.push_back(StackTo(first));
      pairs.back().push_back(second);
    }
  }
  return pairs;
}

// Every pair comes from an address of its own: tshark remembers what conversations carried.
Frame EncodePlain(const HeaderStack& stack, size_t number) {
  std::vector<HeaderValues> values;
  for (const HeaderSpec* header : stack) {
    values.push_back({header, {}});
    // tshark takes the last 12 bytes for the check value.
    if (header->name == "esp") {
      values.back().fields.push_back({header->Find("icv"), std::vector<uint8_t>(12)});
    }
    const FieldSpec* src = header->Find("src");
    if (src == nullptr || header->name == "ethernet") continue;
    std::vector<uint8_t> address =
        src->bits == 32 ? std::vector<uint8_t>{198, 18, 0, 0} : std::vector<uint8_t>{0x20, 1, 0, 2};
    address.resize(src->bits / 8);
    address[address.size() - 2] = static_cast<uint8_t>(number / 250 + 1);
    address.back() = static_cast<uint8_t>(number % 250 + 1);
    values.back().fields.push_back({src, address});
  }
  std::vector<uint8_t> payload = ReadGolden(stack.back()->name).carries;
  if (payload.empty() && stack.back()->carries_payload) payload.assign(9, 0x5a);
  const auto frame = Encode(values, payload, 0);
  EXPECT_TRUE(frame.ok()) << frame.status();
  return frame.value_or(Frame{});
}

// One capture file per link type; the rows of all in the order in which frames were added.
class Captures {
 public:
  void Add(const HeaderSpec& outermost, const Frame& frame) {
    const auto link = static_cast<LinkType>(outermost.In(Space::kLink)->id);
    File& file = files_[link];
    if (file.writer == nullptr) {
      file.path = absl::StrCat(::testing::TempDir(), "golden-", getpid(), "-",
                               static_cast<int>(link), ".pcap");
      auto writer = capture::Writer::Create(file.path, link);
      ASSERT_TRUE(writer.ok()) << writer.status();
      file.writer = *std::move(writer);
    }
    ASSERT_TRUE(file.writer->Write(0, frame.bytes).ok());
    file.rows.push_back(count_++);
  }

  std::vector<std::vector<std::string>> Decode(const std::vector<std::string>& fields) {
    std::vector<std::vector<std::string>> rows(count_);
    for (auto& [link, file] : files_) {
      EXPECT_TRUE(file.writer->Close().ok());
      const auto decoded = testing::TsharkFields(file.path, fields);
      EXPECT_EQ(decoded.size(), file.rows.size());
      for (size_t i = 0; i < std::min(decoded.size(), file.rows.size()); ++i) {
        rows[file.rows[i]] = decoded[i];
      }
      std::remove(file.path.c_str());
    }
    return rows;
  }

 private:
  struct File {
    std::string path;
    std::unique_ptr<capture::Writer> writer;
    std::vector<size_t> rows;
  };
  std::map<LinkType, File> files_;
  size_t count_ = 0;
};

std::string Hex(const std::vector<uint8_t>& bytes) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

TEST(GoldenTest, EveryHeaderHasItsGoldenPacket) {
  for (const HeaderSpec* header : Headers()) {
    SCOPED_TRACE(header->name);
    const Golden golden = ReadGolden(header->name);
    ASSERT_FALSE(golden.stack.empty()) << "no tests/golden/packets/" << header->name << ".txt";
    EXPECT_TRUE(std::ranges::any_of(golden.stack, [&](const HeaderValues& values) {
      return values.spec == header;
    })) << "its stack lacks the header";
    EXPECT_FALSE(golden.protocol.empty());
    EXPECT_FALSE(golden.tshark.empty());
    const auto frame = Encode(golden.stack, golden.payload, golden.size);
    ASSERT_TRUE(frame.ok()) << frame.status();
    if (std::getenv("SPATE_UPDATE") != nullptr) {
      UpdateGolden(header->name, Hex(frame->bytes));
    } else {
      EXPECT_EQ(Hex(frame->bytes), golden.bytes);
    }
  }
}

// All packets in one file, decoded by one run of tshark.
class TsharkTest : public ::testing::Test {
 protected:
  static constexpr std::string_view kSums[] = {
      "ip.checksum.status",   "tcp.checksum.status",    "udp.checksum.status",
      "icmp.checksum.status", "icmpv6.checksum.status", "gre.checksum.status",
      "igmp.checksum.status", "sctp.checksum.status",   "wpan.fcs_ok"};

  static void SetUpTestSuite() {
    if (!testing::HaveTshark()) return;
    std::set<std::string> fields(std::begin(kSums), std::end(kSums));
    fields.insert({"frame.protocols", "_ws.expert.message", "_ws.malformed"});
    Captures captures;
    for (const HeaderSpec* header : Headers()) {
      const Golden golden = ReadGolden(header->name);
      for (const auto& [field, value] : golden.tshark) fields.insert(field);
      protocols_[header->name] = golden.protocol;
      blind_[header->name] = golden.blind;
      const auto frame = Encode(golden.stack, golden.payload, golden.size);
      ASSERT_TRUE(frame.ok()) << frame.status();
      captures.Add(*golden.stack.front().spec, *frame);
    }
    const std::vector<HeaderStack> pairs = AllPairs();
    for (size_t i = 0; i < pairs.size(); ++i) {
      captures.Add(*pairs[i].front(), EncodePlain(pairs[i], i));
    }
    fields_.assign(fields.begin(), fields.end());
    rows_ = captures.Decode(fields_);
  }

  void SetUp() override {
    if (!testing::HaveTshark()) GTEST_SKIP() << "tshark is not installed";
    ASSERT_EQ(rows_.size(), Headers().size() + AllPairs().size());
  }

  static std::string Field(size_t row, std::string_view name) {
    const auto at = std::ranges::find(fields_, name) - fields_.begin();
    const auto& values = rows_.at(row);
    return static_cast<size_t>(at) < values.size() ? values[static_cast<size_t>(at)] : "";
  }

  static void ExpectSound(size_t row) {
    EXPECT_EQ(Field(row, "_ws.malformed"), "") << Field(row, "frame.protocols");
    for (std::string_view sum : kSums) {
      // 1: good; 2: not checked; several where headers are nested.
      EXPECT_EQ(Field(row, sum).find('0'), std::string::npos) << sum << " is bad";
    }
    EXPECT_EQ(Field(row, "_ws.expert.message").find("hecksum"), std::string::npos);
  }

  static inline std::vector<std::string> fields_;
  static inline std::vector<std::vector<std::string>> rows_;
  static inline std::map<std::string_view, std::string> protocols_;
  static inline std::map<std::string_view, std::set<std::string>> blind_;
};

TEST_F(TsharkTest, ReadsEveryGoldenPacketAsMeant) {
  for (size_t row = 0; row < Headers().size(); ++row) {
    SCOPED_TRACE(Headers()[row]->name);
    ExpectSound(row);
    for (const auto& [field, value] : ReadGolden(Headers()[row]->name).tshark) {
      EXPECT_EQ(Field(row, field), value) << field;
    }
  }
}

TEST_F(TsharkTest, ReadsEveryAllowedPairAsMeant) {
  const std::vector<HeaderStack> pairs = AllPairs();
  for (size_t i = 0; i < pairs.size(); ++i) {
    const size_t row = Headers().size() + i;
    std::vector<std::string> expected;
    for (const HeaderSpec* header : pairs[i]) {
      for (absl::string_view name : absl::StrSplit(protocols_[header->name], ' ')) {
        expected.emplace_back(name);
      }
    }
    SCOPED_TRACE(absl::StrJoin(expected, "/"));
    ExpectSound(row);
    const HeaderStack& pair = pairs[i];
    if (blind_[pair[pair.size() - 2]->name].contains(std::string(pair.back()->name))) continue;
    std::vector<std::string> found = absl::StrSplit(Field(row, "frame.protocols"), ':');
    std::erase_if(found, [](const std::string& name) {
      return std::ranges::none_of(protocols_, [&](const auto& p) {
        return absl::StrContains(absl::StrCat(" ", p.second, " "), absl::StrCat(" ", name, " "));
      });
    });
    // Equal headers in a row are named once; a payload may look like something.
    expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (found.size() > expected.size()) found.resize(expected.size());
    EXPECT_EQ(found, expected);
  }
}

}  // namespace
}  // namespace spate::packet
