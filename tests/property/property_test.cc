// What holds for every template: random valid ones are read, printed, compiled and expanded; what
// is broken at random gives faults, never a crash.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "base/random.h"
#include "cli/preview.h"
#include "engine/emit/composer.h"
#include "engine/expand/expander.h"
#include "engine/make_plan.h"
#include "engine/port/memory_port.h"
#include "engine/run/run.h"
#include "template/node.h"
#include "template/template.h"
#include "tests/property/random_template.h"

namespace spate::testing {
namespace {

using engine::Plan;

#ifdef __OPTIMIZE__
constexpr uint64_t kTemplates = 10'000;
#else
constexpr uint64_t kTemplates = 500;  // an unoptimised build is twenty times as slow
#endif
constexpr uint64_t kPackets = 40;

struct Record {
  engine::OrderKey key;
  uint16_t message;
  uint16_t length;
  uint32_t index;
  friend bool operator==(const Record&, const Record&) = default;
};

// The first records of a shard, in its lanes' common order.
std::vector<Record> RecordsOf(const Plan& plan, const engine::Shard& shard, uint64_t most) {
  engine::Expander expander(plan, shard);
  std::vector<Record> records;
  engine::Slot slots[64];
  for (bool more = true; more && records.size() < most;) {
    engine::Lane lane{.slots = slots, .used = 0, .capacity = 64};
    more = expander.Expand({&lane, 1});
    for (uint32_t at = 0; at < lane.used; at += engine::SlotsOf(plan, slots[at].descriptor)) {
      const engine::Descriptor& d = slots[at].descriptor;
      records.push_back({engine::KeyOf(plan, d), d.message, d.length, d.index});
    }
  }
  EXPECT_TRUE(expander.status().ok()) << expander.status();
  return records;
}

// Equal keys (one instance at one moment) keep their order.
std::vector<Record> Merged(const Plan& plan, uint32_t shards, uint64_t most) {
  std::vector<Record> merged;
  for (uint32_t s = 0; s < shards; ++s) {
    const auto part = RecordsOf(plan, {.index = s, .count = shards, .lanes = 1}, most);
    merged.insert(merged.end(), part.begin(), part.end());
  }
  std::ranges::stable_sort(merged, {}, &Record::key);
  if (merged.size() > most) merged.resize(most);
  return merged;
}

TEST(Property, ValidTemplatesReadPrintCompileAndExpandAlike) {
  uint64_t packets = 0;
  for (uint64_t seed = 0; seed < kTemplates && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const std::string text = tmpl::Print(RandomTemplate(seed));
    const auto t = tmpl::Read(text, "random.json");
    ASSERT_TRUE(t.ok()) << t.status() << "\n" << text;
    ASSERT_EQ(tmpl::Print(*t), text);
    if (seed % 16 == 0) {
      const auto yaml = tmpl::Read(tmpl::PrintYaml(*t), "random.yaml");
      ASSERT_TRUE(yaml.ok()) << yaml.status();
      ASSERT_EQ(tmpl::Print(*yaml), text);
      const auto full = tmpl::Read(tmpl::Print(*t, true), "full.json");
      ASSERT_TRUE(full.ok()) << full.status() << "\n" << tmpl::Print(*t, true);
    }
    const auto scenario = tmpl::Compile(*t);
    ASSERT_TRUE(scenario.ok()) << scenario.status() << "\n" << text;
    const auto plan = engine::MakePlan(*scenario, {.seed = seed, .packets = kPackets});
    // A rate cannot be met by flows that all keep out of it, or that send at one moment only.
    if (!plan.ok()) {
      ASSERT_FALSE(t->rate.empty() && !t->schedule) << plan.status() << "\n" << text;
      continue;
    }
    const std::vector<Record> whole = Merged(*plan, 1, kPackets);
    packets += whole.size();
    ASSERT_TRUE(std::ranges::is_sorted(whole, {}, &Record::key)) << text;
    ASSERT_TRUE(Merged(*plan, 3, kPackets) == whole) << text;
  }
  EXPECT_GT(packets, kTemplates * kPackets / 2);
}

// Real runs: the account is exact, show tells what run sends, checksums are right unless damaged.
TEST(Property, RunsAreExactAndShowAgrees) {
  const std::atomic<bool> never{false};
  for (uint64_t seed = 0; seed < 40 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const tmpl::Template t = RandomTemplate(seed * 7'919 + 1);
    const auto scenario = tmpl::Compile(t);
    ASSERT_TRUE(scenario.ok()) << scenario.status();
    const auto plan = engine::MakePlan(*scenario, {.seed = seed, .packets = 500});
    if (!plan.ok()) continue;
    const auto rows = cli::Preview(*plan);
    ASSERT_TRUE(rows.ok()) << rows.status();
    engine::MemoryPort port({.link = plan->link, .virtual_time = true, .faults = {}});
    engine::RunOptions options;
    options.generation_lcores = 2;
    options.emission_lcores = 2;
    const auto result = engine::RunOn(*plan, options, port, never);
    ASSERT_TRUE(result.ok() && result->verdict.ok());
    uint64_t dropped = 0;
    for (const auto& [reason, count] : result->dropped) dropped += count;
    EXPECT_EQ(result->planned, result->sent + dropped);
    EXPECT_EQ(result->sent, port.frames().size());
    ASSERT_EQ(rows->size(), port.frames().size());
    const bool damaged = std::ranges::any_of(plan->impairments, [](const core::Impairment& i) {
      return i.corrupt > 0 && !i.right_checksums;
    });
    for (size_t i = 0; i < rows->size(); ++i) {
      const auto& frame = port.frames()[i];
      ASSERT_EQ((*rows)[i].due_ps, frame.due_ps);
      ASSERT_EQ((*rows)[i].bytes, frame.bytes.size() + kFcsBytes);
      const auto sums = packet::VerifyChecksums(frame.bytes.data(), frame.bytes.size(), plan->link);
      ASSERT_TRUE(damaged || sums.ok()) << sums << "\n" << tmpl::Print(t);
    }
  }
}

// Takes a value of the tree away, doubles it, or puts another one in its place.
class Mutation {
 public:
  explicit Mutation(uint64_t seed) : key_(Mix(seed)) {}

  void Apply(tmpl::Node& root) {
    std::vector<tmpl::Node*> nodes;
    Collect(root, nodes);
    tmpl::Node& at = *nodes[Next(nodes.size())];
    const tmpl::Node other = *nodes[Next(nodes.size())];
    switch (Next(6)) {
      case 0:
        at = other;
        break;
      case 1:
        at = tmpl::Node(int64_t{-1});
        break;
      case 2:
        at = tmpl::Node(static_cast<double>(Next(1'000'000)) * 1e12);
        break;
      case 3:
        at = tmpl::Text(Next(2) == 0 ? "" : "0");
        break;
      case 4:
        Shrink(at);
        break;
      default:
        Rename(at);
    }
  }

 private:
  uint64_t Next(uint64_t n) { return Below(Draw(key_, count_++), n); }

  static void Collect(tmpl::Node& node, std::vector<tmpl::Node*>& nodes) {
    nodes.push_back(&node);
    if (auto* list = std::get_if<tmpl::Node::List>(&node.value)) {
      for (tmpl::Node& item : *list) Collect(item, nodes);
    } else if (auto* object = std::get_if<tmpl::Node::Object>(&node.value)) {
      for (tmpl::Member& member : *object) Collect(member.value, nodes);
    }
  }
  void Shrink(tmpl::Node& node) {
    if (auto* list = std::get_if<tmpl::Node::List>(&node.value); list && !list->empty()) {
      list->erase(list->begin() + static_cast<ptrdiff_t>(Next(list->size())));
    } else if (auto* object = std::get_if<tmpl::Node::Object>(&node.value);
               object && !object->empty()) {
      object->erase(object->begin() + static_cast<ptrdiff_t>(Next(object->size())));
    }
  }
  void Rename(tmpl::Node& node) {
    auto* object = std::get_if<tmpl::Node::Object>(&node.value);
    if (object && !object->empty()) (*object)[Next(object->size())].key += "x";
  }

  const uint64_t key_;
  uint64_t count_ = 0;
};

TEST(Property, MutatedTemplatesGiveFaultsOrRun) {
  uint64_t refused = 0;
  for (uint64_t seed = 0; seed < kTemplates / 2 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    tmpl::Faults none("");
    tmpl::Node root = tmpl::ParseJson(tmpl::Print(RandomTemplate(seed % 500)), none);
    Mutation mutation(seed);
    mutation.Apply(root);
    if (seed % 2 == 0) mutation.Apply(root);
    const auto t = tmpl::Read(tmpl::WriteJson(root), "mutated.json");
    const auto scenario = t.ok() ? tmpl::Compile(*t) : t.status();
    if (!scenario.ok()) {
      EXPECT_FALSE(scenario.status().message().empty());
      ++refused;
      continue;
    }
    const auto plan = engine::MakePlan(*scenario, {.packets = kPackets});
    if (plan.ok()) RecordsOf(*plan, {}, kPackets);
  }
  EXPECT_GT(refused, kTemplates / 20);
}

}  // namespace
}  // namespace spate::testing
