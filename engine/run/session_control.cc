// What the thread that waits for the end of a run does meanwhile: it listens, tells, and puts
// another plan in the place of the one that is sent.
#include <algorithm>
#include <chrono>
#include <utility>

#include "base/status.h"
#include "engine/run/fits.h"
#include "engine/run/session.h"

namespace spate::engine {
namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

constexpr double kLeastSpeed = 1e-3, kMostSpeed = 1e3;

constexpr auto kPollInterval = std::chrono::milliseconds(20);
constexpr auto kProgressInterval = std::chrono::seconds(1);

// Lanes end a leg within a burst.
constexpr auto kSwapPoll = std::chrono::microseconds(100);

}  // namespace

void Session::Supervise(const std::atomic<bool>& interrupt, const ProgressFn& progress) {
  std::vector<PortResult> last = Totals();
  const Time end = options_.clock_limit.has_value()
                       ? began_ + std::chrono::nanoseconds(options_.clock_limit->nanos())
                       : Time::max();
  Time next_progress = began_ + kProgressInterval, last_progress = began_;
  while (running_ > 0) {
    {
      std::unique_lock lock(ended_mutex_);
      all_ended_.wait_for(lock, kPollInterval, [&] { return running_ == 0; });
    }
    leg_->EndSilence();
    for (Port* const port : wiring_.ports) port->Tick();
    if (interrupt.load(std::memory_order_relaxed) && !interrupted_) {
      interrupted_ = true;
      shared_.interrupted = true;
      End();
    }
    const bool told = ObeyAll();
    if (Replace() || told) next_progress = Time::min();  // show it
    const Time now = steady_clock::now();
    if (now >= end || over_) End();
    if (progress == nullptr || now < next_progress) continue;
    progress(Report(duration<double>(now - last_progress).count(), last));
    last_progress = now;
    next_progress = now + kProgressInterval;
  }
}

// No leg follows the one that is sent, and that one ends.
void Session::End() {
  over_ = true;
  if (leg_ != nullptr) leg_->Stop();
}

bool Session::ObeyAll() {
  bool told = false;
  while (options_.commands) {
    const std::optional<Command> command = options_.commands();
    if (!command.has_value()) break;
    Obey(*command);
    told = true;
  }
  return told;
}

void Session::Obey(const Command& command) {
  switch (command.kind) {
    case Command::Kind::kScaleRate:
      speed_ = std::clamp(speed_ * command.factor, kLeastSpeed, kMostSpeed);
      break;
    case Command::Kind::kHold:
      held_ = !held_;
      break;
    case Command::Kind::kMute:
      if (muted_.erase(command.flow) == 0) muted_.insert(command.flow);
      break;
    case Command::Kind::kEnd:
      return End();
  }
  Tell(*leg_);
  shared_.schedule.SetSpeed(held_ ? 0 : speed_);
}

// What was told before this leg holds for it, too: flows are known by their names.
void Session::Tell(Leg& leg) {
  Live& live = leg.shared().live;
  live.Hold(held_);
  const std::vector<std::string>& names = leg.plan().flow_names;
  for (uint32_t flow = 0; flow < names.size(); ++flow) {
    live.Mute(flow, muted_.contains(names[flow]));
  }
}

// Asks for another plan, makes a leg of it on a thread of its own, and lets it take over once it is
// there. Returns true when one has.
bool Session::Replace() {
  if (!options_.replacement || over_) return false;
  if (!coming_.valid()) {
    std::optional<Replacement> next = options_.replacement();
    if (!next.has_value()) return false;
    const absl::Status status = Prepare(*std::move(next));
    if (!status.ok() && options_.replaced) options_.replaced(status);
    return false;
  }
  if (coming_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
  const absl::StatusOr<measure::Swap> swap = Swap(coming_.get());
  if (options_.replaced) options_.replaced(swap);
  return swap.ok();
}

absl::Status Session::Prepare(Replacement next) {
  Wiring wiring = wiring_;
  wiring.port_of = std::move(next.port_of);
  SPATE_RETURN_IF_ERROR(CheckFits(*next.plan, wiring));
  SPATE_ASSIGN_OR_RETURN(const Mode mode, ModeOfNext(*next.plan, wiring, options_.mode,
                                                     layout_.mode == Mode::kPipeline, frame_room_));
  coming_ = std::async(std::launch::async, [this, plan = std::move(next.plan),
                                            wiring = std::move(wiring), mode]() mutable {
    return std::make_unique<Leg>(std::move(plan), std::move(wiring), mode, base_);
  });
  return absl::OkStatus();
}

// Until the last lcore has moved on nothing else is told to any of them.
absl::StatusOr<measure::Swap> Session::Swap(std::unique_ptr<Leg> next) {
  Tell(*next);
  next_.store(next.get(), std::memory_order_release);
  leg_->Stop();
  while (current_.load(std::memory_order_acquire) == leg_.get()) {
    std::this_thread::sleep_for(kSwapPoll);
  }
  // It may have come and gone by now.
  if (next_.exchange(nullptr) != nullptr) {
    return absl::CancelledError("the run ended before its new plan took over");
  }
  Settle(*leg_);
  leg_ = std::move(next);
  return swaps_.emplace_back(
      measure::Swap{.elapsed_s = duration<double>(leg_->began() - began_).count(),
                    .trace_s = Picos{leg_->shared().begin_ps}.seconds(),
                    .sent = leg_->sent_before(),
                    .mode = std::string(ModeName(leg_->mode()))});
}

}  // namespace spate::engine
