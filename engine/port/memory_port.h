// A port that keeps its frames in memory and misbehaves by seed: for tests of whatever sends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/port/port.h"

namespace spate::engine {

// Chances are per call, 0–1; what happens is a function of the seed, the queue and the call.
struct MemoryFaults {
  uint64_t seed = 1;
  double acquire_refused = 0;       // Acquire gives nothing
  double send_refused = 0;          // Send takes nothing …
  double send_partial = 0;          // … or only some of several frames
  uint32_t stall_after = 0;         // frames of a queue before a stall; 0: none …
  uint32_t stall_calls = 0;         // … during which Send takes nothing this often
  uint64_t die_after = UINT64_MAX;  // frames of a queue before it fails for good
};

struct MemoryPortOptions {
  std::string name = "memory";
  packet::LinkType link = packet::LinkType::kEthernet;
  uint32_t max_frame = 0;
  uint64_t speed_bps = 0;
  bool virtual_time = false;
  bool keeps_frames = false;
  int64_t ahead_ps = 0;  // TxQueue::ahead_ps
  MemoryFaults faults = {};
};

struct MemoryFrame {
  int64_t due_ps = 0;    // in the run
  int64_t leave_ps = 0;  // Burst::leave_ps, where the port looks ahead
  uint32_t queue = 0;
  std::vector<uint8_t> bytes;

  friend bool operator==(const MemoryFrame&, const MemoryFrame&) = default;
};

class MemoryPort final : public Port {
 public:
  explicit MemoryPort(MemoryPortOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return options_.name; }
  std::string_view kind() const override { return "memory"; }
  packet::LinkType link() const override { return options_.link; }
  uint32_t max_frame() const override { return options_.max_frame; }
  uint64_t speed_bps() const override { return options_.speed_bps; }
  bool virtual_time() const override { return options_.virtual_time; }
  bool keeps_frames() const override { return options_.keeps_frames; }
  bool keeps_time() const override { return options_.ahead_ps > 0; }
  absl::Status Start(uint32_t queues) override;
  absl::StatusOr<std::unique_ptr<TxQueue>> OpenQueue(uint32_t queue, uint32_t max_frame) override;
  absl::Status Close(bool keep) override;

  // The frames in the order in which they were sent: on a port of virtual time all of them are
  // under queue 0 (no lock guards their order, so ThreadSanitizer sees turns that overlap), else
  // each under its own queue.
  const std::vector<MemoryFrame>& frames(uint32_t queue = 0) const { return frames_.at(queue); }
  bool closed() const { return closed_; }
  bool kept() const { return kept_; }

 private:
  const MemoryPortOptions options_;
  std::vector<std::vector<MemoryFrame>> frames_;
  bool closed_ = false;
  bool kept_ = false;
};

}  // namespace spate::engine
