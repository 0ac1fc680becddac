// Runs a plan: lcores, rings, ports, stop conditions, account.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/units.h"
#include "engine/emit/schedule.h"
#include "engine/expand/expander.h"
#include "engine/plan/mode.h"
#include "engine/plan/plan.h"
#include "engine/port/port.h"
#include "engine/run/wiring.h"
#include "measure/result.h"

namespace spate::engine {

// What a run may be told while it goes on.
struct Command {
  enum class Kind : uint8_t {
    kScaleRate,  // by `factor`, of what it is
    kHold,       // send nothing; again: go on
    kMute,       // do not send what `flow` plans; again: send it
    kEnd,        // as if the plan ended here
  };
  Kind kind = Kind::kEnd;
  double factor = 1;
  std::string flow = "";  // its name; one that the plan lacks is remembered for those to come
};

// Another plan for the same ports.
struct Replacement {
  std::unique_ptr<Plan> plan;
  std::vector<uint32_t> port_of;  // as Wiring::port_of, of this plan
};

struct RunOptions {
  Mode mode = Mode::kAuto;
  // kAuto: as the mode needs, a pipeline where there are cores to spare. 0 generation lcores: run
  // to completion on `emission_lcores` lcores.
  static constexpr int kAuto = -1;
  int generation_lcores = kAuto;
  int emission_lcores = kAuto;       // of each port
  std::vector<int> lcores;           // CPUs to pin to, emission first; empty: those allowed
  bool unpaced = false;              // --rate max: keep the order, drop the waiting
  std::optional<Picos> clock_limit;  // end after this much time by the clock, however far the trace
  LatePolicy late = LatePolicy::kShift;
  Picos catch_up = Picos::FromNanos(1'000'000);
  uint64_t silent_work = kSilentWork;  // expander.h
  // Asked some fifty times a second by the thread that runs, until it has no more.
  std::function<std::optional<Command>()> commands = nullptr;

  // Asked as `commands` is, while no other plan waits: one that takes over from the plan that is
  // being sent, between two bursts of each lcore. Its trace begins at its beginning, with due time
  // 0 at the moment when it takes over; the account goes on.
  std::function<std::optional<Replacement>()> replacement = nullptr;
  // Told what became of it: it has taken over, or why the old plan goes on.
  std::function<void(const absl::StatusOr<measure::Swap>&)> replaced = nullptr;
  // Frames without FCS that the queues have room for at least, if their ports carry them: for plans
  // to come.
  uint32_t frame_room = 0;
  // Limits of the whole run, which hold for plans to come: the first one has its own.
  std::optional<Picos> duration;  // of the trace
  std::optional<uint64_t> packets;
};

using measure::LcoreResult;
using measure::PortResult;
using measure::Progress;
using measure::RunResult;

// Runs on the ports of `wiring` until the plan ends, its limits are met, a port fails or
// `*interrupt` becomes true. `progress` is called about once a second from the calling thread. An
// error status: nothing was sent (link type, frame above a port's MTU, no memory). A run that began
// always gives a RunResult with true figures.
using ProgressFn = std::function<void(const Progress&)>;
absl::StatusOr<RunResult> Run(const Plan& plan, const RunOptions& options, const Wiring& wiring,
                              const std::atomic<bool>& interrupt,
                              const ProgressFn& progress = nullptr);

// The same with everything on one port.
absl::StatusOr<RunResult> RunOn(const Plan& plan, const RunOptions& options, Port& port,
                                const std::atomic<bool>& interrupt,
                                const ProgressFn& progress = nullptr);

}  // namespace spate::engine
