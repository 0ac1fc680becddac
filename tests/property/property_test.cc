// What holds for every template: those drawn from the schema are accepted once what their faults
// name is gone, make the same trace in any shards, run with an exact account, show what they send,
// and tshark reads what was meant; those that are broken give faults with a place, never a crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "cli/preview.h"
#include "engine/port/memory_port.h"
#include "engine/run/run.h"
#include "packet/frame.h"
#include "packet/header.h"
#include "template/template.h"
#include "tests/engine/records.h"
#include "tests/property/corpus.h"
#include "tests/property/draw_template.h"
#include "tests/property/mutate.h"

namespace spate::testing {
namespace {

using engine::Plan;
using tmpl::Node;

constexpr uint64_t kPackets = 40;

// Templates of a part of all.
class Templates : public ::testing::TestWithParam<uint64_t> {
 protected:
  static uint64_t first() { return GetParam() * kTemplates / kParts; }
  static uint64_t end() { return (GetParam() + 1) * kTemplates / kParts; }
};
INSTANTIATE_TEST_SUITE_P(Part, Templates, ::testing::Range(uint64_t{0}, kParts));

// The first records of a shard. Some templates say nothing for as long as they last, which many
// steps of theirs may be: `whole` tells whether it came to the records' or the trace's end.
std::vector<Record> FirstOf(const Plan& plan, const engine::Shard& shard, bool& whole) {
  engine::Expander expander(plan, shard);
  std::vector<Record> records;
  engine::Slot slots[100];
  bool more = true;
  for (int round = 0; more && round < 4 && records.size() < kPackets;) {
    engine::Lane lane{.slots = slots, .used = 0, .capacity = std::size(slots)};
    more = expander.Expand({&lane, 1});
    round = lane.used > 0 ? 0 : round + 1;
    for (uint32_t at = 0; at < lane.used; at += engine::SlotsOf(plan, slots[at].descriptor)) {
      const engine::Descriptor& d = slots[at].descriptor;
      records.push_back({engine::KeyOf(plan, d), d.message, d.index});
    }
  }
  // One that turns without time passing, behind what the plan looked at, ends.
  if ((more && records.size() < kPackets) || !expander.status().ok()) whole = false;
  return records;
}

// The first records of all shards together.
std::vector<Record> FirstRecords(const Plan& plan, uint32_t shards, bool& whole) {
  std::vector<std::vector<Record>> streams;
  for (uint32_t s = 0; s < shards; ++s) {
    streams.push_back(FirstOf(plan, {.index = s, .count = shards, .lanes = 1}, whole));
  }
  std::vector<Record> merged = Merged(std::move(streams));
  if (merged.size() > kPackets) merged.resize(kPackets);
  return merged;
}

void CollectKeys(const Node& node, std::set<std::string>& keys) {
  if (const Node::List* const list = node.list()) {
    for (const Node& item : *list) CollectKeys(item, keys);
  } else if (const Node::Object* const object = node.object()) {
    for (const tmpl::Member& member : *object) {
      keys.insert(member.key);
      CollectKeys(member.value, keys);
    }
  }
}

// Keys that the schema has for objects of templates.
std::set<std::string> KeysOfTheSchema() {
  std::set<std::string> keys;
  const std::function<void(const Node&)> visit = [&](const Node& node) {
    if (const Node::List* const list = node.list()) {
      for (const Node& item : *list) visit(item);
    } else if (const Node::Object* const object = node.object()) {
      for (const tmpl::Member& member : *object) {
        if (member.key == "properties") {
          for (const tmpl::Member& key : *member.value.object()) keys.insert(key.key);
        }
        visit(member.value);
      }
    }
  };
  visit(Schema());
  return keys;
}

// A template that is printed and read is the same; `everything`: as YAML and with every default,
// too.
void PrintsAndReadsAgain(const tmpl::Template& source, bool everything) {
  const std::string text = tmpl::Print(source);
  const auto again = tmpl::Read(text, File());
  ASSERT_TRUE(again.ok()) << again.status() << "\n" << text;
  ASSERT_EQ(tmpl::Print(*again), text);
  if (!everything) return;
  const auto yaml = tmpl::Read(tmpl::PrintYaml(source), File() + ".yaml");
  ASSERT_TRUE(yaml.ok()) << yaml.status();
  ASSERT_EQ(tmpl::Print(*yaml), text);
  const std::string full = tmpl::Print(source, true);
  const auto read = tmpl::Read(full, File());
  ASSERT_TRUE(read.ok()) << read.status() << "\n" << full;
  ASSERT_EQ(tmpl::Print(*read, true), full);
}

TEST_P(Templates, ReadPrintCompileAndExpandAlike) {
  uint64_t packets = 0, valid = 0, compared = 0;
  for (uint64_t seed = first(); seed < end() && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const auto drawn = Drawn(seed);
    if (!drawn) continue;
    ++valid;
    if (seed % 4 == 0) PrintsAndReadsAgain(drawn->source, seed % 16 == 0);
    const auto plan = PlanOf(drawn->scenario, seed, kPackets);
    if (NothingToPlan(plan.status())) continue;
    ASSERT_TRUE(plan.ok()) << plan.status() << "\n" << drawn->text;
    bool whole = true;
    const std::vector<Record> records = FirstRecords(*plan, 1, whole);
    packets += records.size();
    ASSERT_TRUE(std::ranges::is_sorted(records, {}, &Record::key)) << drawn->text;
    const std::vector<Record> sharded = FirstRecords(*plan, 3, whole);
    if (!whole) continue;
    ++compared;
    ASSERT_TRUE(sharded == records) << drawn->text;
  }
  const uint64_t all = end() - first();
  EXPECT_GT(valid, all * 7 / 10);
  EXPECT_GT(compared, all * 6 / 10);
  EXPECT_GT(packets, all * kPackets / 3);
}

// Real runs: the account is exact, show tells what run sends, checksums are right unless damaged.
TEST_P(Templates, RunExactlyAndShowAgrees) {
  const std::atomic<bool> never{false};
  for (uint64_t seed = first(); seed < end() && !HasFailure(); seed += 10) {
    SCOPED_TRACE(seed);
    const auto drawn = Drawn(seed);
    if (!drawn) continue;
    const auto plan = PlanOf(drawn->scenario, seed, kPackets);
    if (NothingToPlan(plan.status())) continue;
    ASSERT_TRUE(plan.ok()) << plan.status();
    const auto rows = cli::Preview(*plan);
    if (NothingToPlan(rows.status())) continue;  // behind what the plan has looked at
    ASSERT_TRUE(rows.ok()) << rows.status() << drawn->text;
    engine::MemoryPort port({.link = plan->link, .virtual_time = true, .faults = {}});
    engine::RunOptions options;
    options.generation_lcores = static_cast<int>(seed / 10 % 3);
    options.emission_lcores = 1 + static_cast<int>(seed / 10 % 2);
    const auto result = engine::RunOn(*plan, options, port, never);
    ASSERT_TRUE(result.ok()) << result.status();
    if (NothingToPlan(result->verdict)) continue;
    ASSERT_TRUE(result->verdict.ok()) << result->verdict;
    uint64_t dropped = 0;
    for (const auto& [reason, count] : result->dropped) dropped += count;
    EXPECT_EQ(result->planned, result->sent + dropped);
    EXPECT_EQ(result->sent, port.frames().size());
    ASSERT_EQ(rows->size(), port.frames().size()) << drawn->text;
    const bool damaged = Misleads(drawn->source);
    for (size_t i = 0; i < rows->size(); ++i) {
      const auto& frame = port.frames()[i];
      ASSERT_EQ((*rows)[i].bytes, frame.bytes.size() + packet::FramingOf(plan->link).fcs_bytes);
      const auto sums = packet::VerifyChecksums(frame.bytes.data(), frame.bytes.size(), plan->link);
      ASSERT_TRUE(damaged || sums.ok()) << sums << "\n" << drawn->text;
    }
  }
}

// Nothing of the language is left out of the templates that the tests here look at.
TEST(Property, ValidTemplatesHaveEveryKeyOfTheSchema) {
  if (kTemplates < 3'000) GTEST_SKIP() << "so few templates need not have every key";
  std::set<std::string> missing = KeysOfTheSchema();
  // Fields that a header has for some values of another are tested with it (tests/packet).
  for (const packet::HeaderSpec* const header : packet::Headers()) {
    for (const packet::FieldSpec& field : header->fields) {
      if (field.when.mask != 0) missing.erase(std::string(field.name));
    }
  }
  for (uint64_t seed = 0; seed < kTemplates && !missing.empty() && !HasFailure(); ++seed) {
    std::set<std::string> keys;
    CollectKeys(DrawTemplate(Schema(), seed), keys);
    const auto wanted = [&](const std::string& key) { return missing.contains(key); };
    if (std::ranges::none_of(keys, wanted)) continue;
    const auto drawn = Drawn(seed);
    if (!drawn) continue;
    tmpl::Faults none("");
    keys.clear();
    CollectKeys(tmpl::ParseJson(drawn->text, none), keys);
    for (const std::string& key : keys) missing.erase(key);
  }
  EXPECT_THAT(missing, ::testing::IsEmpty());
}

// What broken templates do: read or refused, with a place; what is still valid expands.
class Broken {
 public:
  void Try(const std::string& text) {
    std::vector<tmpl::Fault> faults;
    const auto source = tmpl::Read(text, File(), {}, &faults);
    const auto scenario = source.ok() ? tmpl::Compile(*source, &faults) : source.status();
    if (scenario.ok()) {
      const auto plan = PlanOf(*scenario, 1, kPackets);
      bool whole = true;
      if (plan.ok()) FirstRecords(*plan, 1, whole);
      return;
    }
    ++refused;
    EXPECT_FALSE(faults.empty()) << scenario.status();
    for (const tmpl::Fault& fault : faults) {
      EXPECT_GT(fault.place.line, 0u) << fault.Format();
      EXPECT_FALSE(fault.found.empty() || fault.expected.empty()) << fault.Format();
      for (const char* const twice : {"found ", "expected "}) {
        EXPECT_FALSE(absl::StrContains(fault.expected, twice)) << fault.Format();
      }
    }
  }

  uint64_t refused = 0;
};

TEST_P(Templates, BrokenGiveFaultsWithAPlaceOrRun) {
  std::vector<std::string> whole;
  for (uint64_t seed = first(); seed < end(); seed += 20) {
    if (const auto drawn = Drawn(seed)) whole.push_back(drawn->text);
  }
  Broken broken;
  for (uint64_t seed = first(); seed < end() && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    const std::string& text = dice.OneOf(whole);
    switch (seed % 3) {
      case 0:
        broken.Try(MutateBytes(dice, text));
        break;
      case 1:
        broken.Try(MutateTokens(dice, text));
        break;
      default: {
        tmpl::Faults none("");
        Node root = tmpl::ParseJson(text, none);
        MutateStructure(dice, root);
        broken.Try(tmpl::WriteJson(root));
      }
    }
  }
  EXPECT_GT(broken.refused, (end() - first()) / 4);
}

}  // namespace
}  // namespace spate::testing
