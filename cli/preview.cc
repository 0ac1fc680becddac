#include "cli/preview.h"

#include <array>
#include <atomic>
#include <utility>

#include "base/status.h"
#include "base/units.h"
#include "engine/expand/expander.h"
#include "engine/port/memory_port.h"
#include "engine/run/run.h"
#include "packet/frame.h"

namespace spate::cli {
namespace {

// The messages of the first `packets` packets. Frames do not say which message they were made
// from, records do, and one shard's records come in the order of the trace.
std::vector<uint32_t> Messages(const engine::Plan& plan, size_t packets) {
  std::vector<uint32_t> messages;
  engine::Expander expander(plan, {});
  std::array<engine::Slot, 512> slots;
  for (bool more = true; more && messages.size() < packets;) {
    engine::Lane lane{.slots = slots.data(), .used = 0, .capacity = slots.size()};
    more = expander.Expand({&lane, 1});
    for (uint32_t at = 0; at < lane.used;) {
      const engine::Descriptor& record = slots[at].descriptor;
      if (!plan.messages[record.message].is_absent) messages.push_back(record.message);
      at += engine::SlotsOf(plan, record);
    }
  }
  return messages;
}

}  // namespace

absl::StatusOr<std::vector<PreviewRow>> Preview(const engine::Plan& plan) {
  engine::MemoryPort port({.link = plan.link, .virtual_time = true, .faults = {}});
  engine::RunOptions options;
  options.generation_lcores = 0;
  options.emission_lcores = 1;
  const std::atomic<bool> never{false};
  SPATE_ASSIGN_OR_RETURN(const engine::RunResult result, engine::RunOn(plan, options, port, never));
  SPATE_RETURN_IF_ERROR(result.verdict);
  const std::vector<engine::MemoryFrame>& frames = port.frames();
  const std::vector<uint32_t> messages = Messages(plan, frames.size());
  std::vector<PreviewRow> rows;
  for (size_t i = 0; i < frames.size(); ++i) {
    const auto& bytes = frames[i].bytes;
    packet::Summary summary = packet::Summarize(bytes.data(), bytes.size(), plan.link);
    const std::string& label = plan.message_infos[messages.at(i)];
    rows.push_back({.number = i + 1,
                    .due_ps = frames[i].due_ps,
                    .bytes = static_cast<uint32_t>(bytes.size()) + kFcsBytes,
                    .source = std::move(summary.source),
                    .destination = std::move(summary.destination),
                    .protocol = std::move(summary.protocol),
                    .info = label.empty() ? std::move(summary.info) : std::string(label)});
  }
  return rows;
}

}  // namespace spate::cli
