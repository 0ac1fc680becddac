// tshark reads the addresses, ports and numbers in the frames of random templates that spate put
// there.
#include "tests/golden/tshark.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "capture/capture.h"
#include "engine/make_plan.h"
#include "engine/port/memory_port.h"
#include "engine/run/run.h"
#include "packet/frame.h"
#include "packet/header.h"
#include "tests/property/corpus.h"

namespace spate::testing {
namespace {

using Words = std::vector<std::string>;
using Bytes = std::vector<uint8_t>;

struct Shown {
  std::string_view header, field;
  const char* tshark;
};
constexpr Shown kShown[] = {
    {"ethernet", "src", "eth.src"},
    {"ethernet", "dst", "eth.dst"},
    {"vlan", "id", "vlan.id"},
    {"ipv4", "src", "ip.src"},
    {"ipv4", "dst", "ip.dst"},
    {"ipv4", "time_to_live", "ip.ttl"},
    {"ipv6", "src", "ipv6.src"},
    {"ipv6", "dst", "ipv6.dst"},
    {"ipv6", "hop_limit", "ipv6.hlim"},
    {"udp", "src_port", "udp.srcport"},
    {"udp", "dst_port", "udp.dstport"},
    {"tcp", "src_port", "tcp.srcport"},
    {"tcp", "dst_port", "tcp.dstport"},
    {"tcp", "seq_num", "tcp.seq_raw"},
    {"sctp", "src_port", "sctp.srcport"},
    {"mpls", "label", "mpls.label"},
};
// How many of the first of them every dissector must find: Ethernet's own.
constexpr size_t kAlways = 2;

std::string TextOf(const packet::FieldSpec& field, const Bytes& bytes) {
  if (field.kind != packet::FieldKind::kUint) return packet::FormatField(field, bytes);
  uint64_t value = 0;
  for (const uint8_t byte : bytes) value = value << 8 | byte;
  return absl::StrCat(value);
}

// The field's values in all headers of its kind, outermost first.
Words ValuesIn(const Bytes& frame, const Shown& shown) {
  Words values;
  const packet::Dissection found =
      packet::Dissect(frame.data(), frame.size(), packet::LinkType::kEthernet);
  for (const packet::Layer& layer : found.layers) {
    if (layer.spec->name != shown.header) continue;
    const packet::FieldSpec& field = *layer.spec->Find(shown.field);
    values.push_back(
        TextOf(field, packet::ReadField(*layer.spec, field, {&frame[layer.offset], layer.bytes})));
  }
  return values;
}

// Behind MPLS tshark takes the first bytes of an Ethernet header for a control word (RFC 4385)
// where they begin with four zero bits, as those of locally administered addresses may.
bool MayBeAControlWord(const Bytes& frame) {
  const packet::Dissection found =
      packet::Dissect(frame.data(), frame.size(), packet::LinkType::kEthernet);
  for (size_t i = 1; i < found.layers.size(); ++i) {
    const packet::Layer& layer = found.layers[i];
    const bool behind = layer.spec->name == "ethernet" && found.layers[i - 1].spec->name == "mpls";
    if (behind && frame[layer.offset] >> 4 == 0) return true;
  }
  return false;
}

// Frames of random templates that say nothing wrong on purpose.
std::vector<Bytes> RandomFrames(uint64_t templates) {
  constexpr uint64_t kFrames = 8;  // of a template
  const std::atomic<bool> never{false};
  std::vector<Bytes> frames;
  for (uint64_t seed = 0; seed < templates; ++seed) {
    const auto drawn = Drawn(seed * 31 + 7);
    if (!drawn || Misleads(drawn->source)) continue;
    const auto plan = PlanOf(drawn->scenario, seed, kFrames);
    if (!plan.ok() || plan->link != packet::LinkType::kEthernet) continue;
    engine::MemoryPort port({.link = plan->link, .virtual_time = true, .faults = {}});
    engine::RunOptions options;
    options.generation_lcores = 0;
    options.emission_lcores = 1;
    const auto result = engine::RunOn(*plan, options, port, never);
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok()) continue;
    for (const engine::MemoryFrame& frame : port.frames()) {
      if (!MayBeAControlWord(frame.bytes)) frames.push_back(frame.bytes);
    }
  }
  return frames;
}

TEST(PropertyTshark, ReadsWhatWasMeant) {
  constexpr uint64_t kRead = std::max<uint64_t>(kTemplates / 25, 30);
  if (!HaveTshark()) GTEST_SKIP() << "tshark is not installed";
  const std::vector<Bytes> frames = RandomFrames(kRead);
  ASSERT_GT(frames.size(), kRead / 2);
  const std::string path = absl::StrCat(::testing::TempDir(), "spate-property-", getpid(), ".pcap");
  auto writer = capture::Writer::Create(path, packet::LinkType::kEthernet);
  ASSERT_TRUE(writer.ok()) << writer.status();
  for (const Bytes& frame : frames) ASSERT_TRUE((*writer)->Write(0, frame).ok());
  ASSERT_TRUE((*writer)->Close().ok());
  Words fields;
  for (const Shown& shown : kShown) fields.emplace_back(shown.tshark);
  const auto rows = TsharkFields(path, fields);
  std::remove(path.c_str());
  ASSERT_EQ(rows.size(), frames.size());
  size_t whole = 0, values = 0;
  for (size_t i = 0; i < rows.size() && !HasFailure(); ++i) {
    ASSERT_EQ(rows[i].size(), fields.size());
    bool alike = true;
    for (size_t f = 0; f < fields.size(); ++f) {
      const Words ours = ValuesIn(frames[i], kShown[f]);
      const Words theirs = rows[i][f].empty() ? Words{} : absl::StrSplit(rows[i][f], ',');
      // One of them may see further: in payloads that look like something, or after an oddity.
      const size_t both = std::min(ours.size(), theirs.size());
      EXPECT_TRUE(
          std::equal(ours.begin(), ours.begin() + static_cast<ptrdiff_t>(both), theirs.begin()))
          << "packet " << i + 1 << ", " << fields[f] << ": " << absl::StrJoin(ours, ",")
          << ", tshark " << rows[i][f];
      if (f < kAlways) {
        EXPECT_GE(both, 1u) << fields[f];
      }
      alike = alike && ours.size() == theirs.size();
      values += both;
    }
    whole += alike;
  }
  EXPECT_GT(values, 4 * rows.size());
  EXPECT_GT(static_cast<double>(whole), 0.9 * static_cast<double>(rows.size()));
}

}  // namespace
}  // namespace spate::testing
