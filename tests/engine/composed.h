// Plans composed without a run: frames as bytes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/emit/composer.h"
#include "engine/emit/source.h"
#include "engine/expand/expander.h"
#include "packet/frame.h"
#include "tests/engine/scenarios.h"

namespace spate::testing {

using Bytes = std::vector<uint8_t>;

// All that one expander appends, composed as a run would compose it, in bursts of `burst_size`.
struct Composed {
  std::vector<Bytes> frames;
  std::vector<int64_t> due_ps;
  bool operator==(const Composed&) const = default;
};

class OneLane final : public engine::Source {
 public:
  OneLane(const engine::Plan& plan, bool runs) : expander_(plan, engine::Shard{.runs = runs}) {}
  engine::OrderKey Bound() const override { return expander_.Next(); }
  size_t Pull(std::span<engine::Slot> slots) override {
    engine::Lane lane{
        .slots = slots.data(), .used = 0, .capacity = static_cast<uint32_t>(slots.size())};
    expander_.Expand({&lane, 1});
    return lane.used;
  }

 private:
  engine::Expander expander_;
};

// `forgetful`: by a new composer for each burst, which does not know what the frames hold.
inline Composed Compose(const engine::Plan& plan, size_t packets, bool runs,
                        uint16_t burst_size = engine::kBurst, bool forgetful = false) {
  OneLane source(plan, runs);
  engine::Inbox inbox(plan, source);
  const size_t room = (plan.max_frame + 127) / 64 * 64;
  std::vector<uint8_t> memory(room * engine::kBurst, 0xee);
  auto composer = std::make_unique<engine::Composer>(plan);
  Composed composed;
  while (composed.frames.size() < packets) {
    if (inbox.low()) inbox.Refill();
    engine::Batch batch;
    engine::Burst burst;
    for (uint16_t i = 0; i < engine::kBurst; ++i) burst.data[i] = memory.data() + room * i;
    inbox.Take(batch, burst_size);
    if (batch.size() == 0) break;
    if (forgetful) {
      composer = std::make_unique<engine::Composer>(plan);
      std::ranges::fill(memory, 0xee);
    }
    composer->Compose(batch, burst);
    for (uint16_t i = 0; i < batch.size(); ++i) {
      composed.frames.emplace_back(burst.data[i], burst.data[i] + burst.length[i]);
      composed.due_ps.push_back(burst.due_ps[i]);
    }
  }
  composed.frames.resize(std::min(composed.frames.size(), packets));
  composed.due_ps.resize(composed.frames.size());
  return composed;
}

// The first `packets` frames of a plan.
inline std::vector<Bytes> Frames(const engine::Plan& plan, size_t packets) {
  return Compose(plan, packets, /*runs=*/false).frames;
}

inline void ExpectRightChecksums(const std::vector<Bytes>& frames) {
  for (size_t i = 0; i < frames.size(); ++i) {
    const absl::Status status =
        packet::VerifyChecksums(frames[i].data(), frames[i].size(), packet::LinkType::kEthernet);
    ASSERT_TRUE(status.ok()) << "frame " << i << ": " << status;
  }
}

inline uint32_t Big32(const Bytes& frame, size_t at) {
  return uint32_t{frame[at]} << 24 | uint32_t{frame[at + 1]} << 16 | uint32_t{frame[at + 2]} << 8 |
         frame[at + 3];
}
inline uint16_t Big16(const Bytes& frame, size_t at) {
  return static_cast<uint16_t>(frame[at] << 8 | frame[at + 1]);
}

// One field, of `bits` bits, which one draw fills.
inline core::Scenario OnePatch(core::Law law, core::Scope scope, uint32_t offset_bits,
                               uint16_t bits) {
  core::Scenario scenario = Flood(1e6);
  core::Message& message = scenario.messages[0];
  message.patches.clear();
  const uint32_t draw = AddDraw(scenario, std::move(law), scope, 77);
  message.patches.push_back({.offset_bits = offset_bits, .bits = bits, .index = draw});
  return scenario;
}

}  // namespace spate::testing
