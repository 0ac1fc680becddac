// What holds for every template: those drawn from the schema are accepted once what their faults
// name is gone, make the same trace in any shards, run with an exact account, show what they send,
// and tshark reads what was meant; those that are broken give faults with a place, never a crash.
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
#include "template/template.h"
#include "tests/engine/records.h"
#include "tests/property/corpus.h"
#include "tests/property/mutate.h"

namespace spate::testing {
namespace {

using engine::Plan;
using tmpl::Node;

constexpr uint64_t kPackets = 40;

// The first records of a shard.
std::vector<Record> FirstOf(const Plan& plan, const engine::Shard& shard) {
  engine::Expander expander(plan, shard);
  std::vector<Record> records;
  engine::Slot slots[100];
  // Some templates say nothing within two seconds.
  for (int round = 0; round < 64 && records.size() < kPackets; ++round) {
    engine::Lane lane{.slots = slots, .used = 0, .capacity = std::size(slots)};
    const bool more = expander.Expand({&lane, 1});
    for (uint32_t at = 0; at < lane.used; at += engine::SlotsOf(plan, slots[at].descriptor)) {
      const engine::Descriptor& d = slots[at].descriptor;
      records.push_back({engine::KeyOf(plan, d), d.message, d.index});
    }
    if (!more) break;
  }
  return records;
}

// The first records of all shards together.
std::vector<Record> FirstRecords(const Plan& plan, uint32_t shards) {
  std::vector<std::vector<Record>> streams;
  for (uint32_t s = 0; s < shards; ++s) {
    streams.push_back(FirstOf(plan, {.index = s, .count = shards, .lanes = 1}));
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

TEST(Property, TemplatesOfTheSchemaReadPrintCompileAndExpandAlike) {
  uint64_t valid = 0, packets = 0;
  std::set<std::string> seen;
  for (uint64_t seed = 0; valid < kTemplates && seed < 2 * kTemplates && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const auto drawn = Drawn(seed);
    if (!drawn) continue;
    ++valid;
    const std::string text = tmpl::Print(drawn->source);
    const auto again = tmpl::Read(text, File());
    ASSERT_TRUE(again.ok()) << again.status() << "\n" << text;
    ASSERT_EQ(tmpl::Print(*again), text);
    if (seed % 16 == 0) {
      const auto yaml = tmpl::Read(tmpl::PrintYaml(drawn->source), File() + ".yaml");
      ASSERT_TRUE(yaml.ok()) << yaml.status();
      ASSERT_EQ(tmpl::Print(*yaml), text);
      const std::string full = tmpl::Print(drawn->source, true);
      const auto read = tmpl::Read(full, File());
      ASSERT_TRUE(read.ok()) << read.status() << "\n" << full;
      ASSERT_EQ(tmpl::Print(*read, true), full);
    }
    tmpl::Faults none("");
    CollectKeys(tmpl::ParseJson(drawn->text, none), seen);
    const auto plan = PlanOf(drawn->scenario, seed, kPackets);
    if (NothingToPlan(plan.status())) continue;
    ASSERT_TRUE(plan.ok()) << plan.status() << "\n" << drawn->text;
    const std::vector<Record> whole = FirstRecords(*plan, 1);
    packets += whole.size();
    ASSERT_TRUE(std::ranges::is_sorted(whole, {}, &Record::key)) << drawn->text;
    ASSERT_TRUE(FirstRecords(*plan, 3) == whole) << drawn->text;
  }
  EXPECT_EQ(valid, kTemplates);
  EXPECT_GT(packets, kTemplates * kPackets / 3);
  if (kTemplates < 5'000) return;
  for (const std::string& key : KeysOfTheSchema()) {
    EXPECT_TRUE(seen.contains(key)) << "no valid template has \"" << key << "\"";
  }
}

// Real runs: the account is exact, show tells what run sends, checksums are right unless damaged.
TEST(Property, RunsAreExactAndShowAgrees) {
  const std::atomic<bool> never{false};
  for (uint64_t seed = 0; seed < kTemplates / 25 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const auto drawn = Drawn(seed * 7'919 + 1);
    if (!drawn) continue;
    const auto plan = PlanOf(drawn->scenario, seed, 300);
    if (NothingToPlan(plan.status())) continue;
    ASSERT_TRUE(plan.ok()) << plan.status();
    const auto rows = cli::Preview(*plan);
    ASSERT_TRUE(rows.ok()) << rows.status() << drawn->text;
    engine::MemoryPort port({.link = plan->link, .virtual_time = true, .faults = {}});
    engine::RunOptions options;
    options.generation_lcores = static_cast<int>(seed % 3);
    options.emission_lcores = 1 + static_cast<int>(seed % 2);
    const auto result = engine::RunOn(*plan, options, port, never);
    ASSERT_TRUE(result.ok()) << result.status();
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

// What broken templates do: read or refused, with a place; what is still valid expands.
class Broken {
 public:
  void Try(const std::string& text) {
    std::vector<tmpl::Fault> faults;
    const auto source = tmpl::Read(text, File(), {}, &faults);
    const auto scenario = source.ok() ? tmpl::Compile(*source, &faults) : source.status();
    if (scenario.ok()) {
      const auto plan = PlanOf(*scenario, 1, kPackets);
      if (plan.ok()) FirstRecords(*plan, 1);
      return;
    }
    ++refused;
    EXPECT_FALSE(faults.empty()) << scenario.status();
    for (const tmpl::Fault& fault : faults) {
      EXPECT_GT(fault.place.line, 0u) << fault.Format();
      EXPECT_FALSE(fault.found.empty() || fault.expected.empty()) << fault.Format();
    }
  }

  uint64_t refused = 0;
};

TEST(Property, BrokenTemplatesGiveFaultsWithAPlaceOrRun) {
  std::vector<std::string> whole;
  for (uint64_t seed = 0; seed < kTemplates / 20; ++seed) {
    if (const auto drawn = Drawn(seed)) whole.push_back(drawn->text);
  }
  Broken broken;
  for (uint64_t seed = 0; seed < kTemplates / 2 && !HasFailure(); ++seed) {
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
  EXPECT_GT(broken.refused, kTemplates / 8);
}

}  // namespace
}  // namespace spate::testing
