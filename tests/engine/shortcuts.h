// Ways to run a flow faster than the program machine does (timers, beats) against that machine.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "engine/expand/expander.h"
#include "engine/plan/plan.h"

namespace spate::testing {

using Slots = std::vector<engine::Slot>;

// Records need not fill the last word of their last slot.
inline void ClearUnused(const engine::Plan& plan, Slots& slots) {
  for (size_t at = 0; at < slots.size(); at += engine::SlotsOf(plan, slots[at].descriptor)) {
    const engine::MessagePlan& message = plan.messages[slots[at].descriptor.message];
    const size_t used = 4 * engine::PlaceOf(message, message.word_count);
    std::memset(reinterpret_cast<uint8_t*>(&slots[at + 1]) + used, 0,
                16u * message.operand_slots - used);
  }
}

// What each lane of a shard gets.
inline std::vector<Slots> SlotsByLane(const engine::Plan& plan, const engine::Shard& shard) {
  engine::Expander expander(plan, shard);
  std::vector<Slots> records(shard.lanes);
  std::vector<Slots> room(shard.lanes, Slots(100));
  for (bool more = true; more;) {
    std::vector<engine::Lane> lanes;
    for (Slots& slots : room) {
      lanes.push_back({.slots = slots.data(), .capacity = 100});
    }
    more = expander.Expand(lanes);
    for (size_t l = 0; l < lanes.size(); ++l) {
      room[l].resize(lanes[l].used);
      ClearUnused(plan, room[l]);
      records[l].insert(records[l].end(), room[l].begin(), room[l].end());
      room[l].resize(100);
    }
  }
  EXPECT_TRUE(expander.status().ok()) << expander.status();
  return records;
}

inline bool Same(const Slots& a, const Slots& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(engine::Slot)) == 0;
}

// The flow's packets are the same bit by bit whether it takes the shortcut or not, in one shard and
// in one of two with two lanes.
inline void ExpectSameAsPrograms(engine::Plan plan, bool engine::FlowPlan::* shortcut,
                                 size_t flow) {
  ASSERT_TRUE(plan.flows[flow].*shortcut);
  for (const engine::Shard& shard :
       {engine::Shard{}, engine::Shard{.index = 1, .count = 2, .lanes = 2}}) {
    plan.flows[flow].*shortcut = true;
    const std::vector<Slots> taken = SlotsByLane(plan, shard);
    plan.flows[flow].*shortcut = false;
    const std::vector<Slots> programs = SlotsByLane(plan, shard);
    for (uint32_t lane = 0; lane < shard.lanes; ++lane) {
      ASSERT_GT(programs[lane].size(), 1'000u);
      ASSERT_TRUE(Same(taken[lane], programs[lane])) << "lane " << lane;
    }
  }
}

}  // namespace spate::testing
