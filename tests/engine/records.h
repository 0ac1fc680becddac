// What an expander makes, as data to look at.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/expand/expander.h"
#include "engine/plan/plan.h"

namespace spate::testing {

struct Record {
  engine::OrderKey key;
  uint16_t message = 0;
  uint32_t index = 0;
  friend bool operator==(const Record&, const Record&) = default;
};

// All records of a shard, lane by lane in one vector each.
inline std::vector<std::vector<Record>> Expanded(const engine::Plan& plan,
                                                 const engine::Shard& shard,
                                                 size_t most = 100'000) {
  engine::Expander expander(plan, shard);
  std::vector<std::vector<Record>> records(shard.lanes);
  std::vector<std::vector<engine::Slot>> slots(shard.lanes, std::vector<engine::Slot>(100));
  bool more = true;
  for (size_t rounds = 0; more && rounds * 64 < most; ++rounds) {
    std::vector<engine::Lane> lanes;
    for (auto& s : slots) lanes.push_back({.slots = s.data(), .used = 0, .capacity = 100});
    const engine::OrderKey promised = expander.Next();
    more = expander.Expand(lanes);
    for (size_t l = 0; l < lanes.size(); ++l) {
      for (uint32_t at = 0; at < lanes[l].used;
           at += engine::SlotsOf(plan, slots[l][at].descriptor)) {
        const engine::Descriptor& d = slots[l][at].descriptor;
        EXPECT_LE(promised, KeyOf(plan, d)) << "Next() promised nothing earlier";
        records[l].push_back({KeyOf(plan, d), d.message, d.index});
      }
    }
  }
  EXPECT_TRUE(expander.status().ok()) << expander.status();
  return records;
}

// Merges by key as emission lcores do: always the least head.
inline std::vector<Record> Merged(std::vector<std::vector<Record>> streams) {
  std::vector<Record> merged;
  std::vector<size_t> at(streams.size());
  for (;;) {
    size_t least = streams.size();
    for (size_t s = 0; s < streams.size(); ++s) {
      if (at[s] == streams[s].size()) continue;
      if (least == streams.size() || streams[s][at[s]].key < streams[least][at[least]].key)
        least = s;
    }
    if (least == streams.size()) return merged;
    merged.push_back(streams[least][at[least]++]);
  }
}

// The trace is the same for one to three shards, each dealt to one to three lanes.
inline void ExpectAnyShardingGives(const engine::Plan& plan, const std::vector<Record>& whole) {
  for (uint32_t shards = 1; shards <= 3; ++shards) {
    for (uint32_t lanes = 1; lanes <= 3; ++lanes) {
      std::vector<std::vector<Record>> streams;
      for (uint32_t s = 0; s < shards; ++s) {
        for (auto& lane : Expanded(plan, {.index = s, .count = shards, .lanes = lanes}))
          streams.push_back(lane);
      }
      ASSERT_EQ(Merged(streams), whole) << shards << " shards, " << lanes << " lanes";
    }
  }
}

}  // namespace spate::testing
