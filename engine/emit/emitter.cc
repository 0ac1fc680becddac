#include "engine/emit/emitter.h"

#include <sched.h>
#include <x86intrin.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/ring/counter.h"

namespace spate::engine {
namespace {

// A port that takes nothing for this long is given up.
constexpr int64_t kPortPatiencePs = 5'000'000'000'000;

// While a lane waits it reads its clock some 30 ns apart: longer, and it did not run.
constexpr int64_t kInterruptedWaitPs = 1'000'000;

constexpr double kPacedBurstSeconds = 5e-7;

// Empty rounds before a lane that shares its CPU gives it away.
constexpr uint32_t kIdleRoundsBeforeYield = 64;

}  // namespace

uint16_t PacedBurst(double pps) {
  return static_cast<uint16_t>(std::clamp(pps * kPacedBurstSeconds, 1.0, double{kBurst}));
}

Emitter::Emitter(const Plan& plan, const EmitOptions& options, const std::vector<Source*>& sources,
                 TxQueue& queue, EmitShared& shared)
    : plan_(plan),
      options_(options),
      queue_(queue),
      ahead_ps_(options.pace == Pace::kDue ? queue.ahead_ps() : 0),
      shared_(shared),
      run_(shared.run),
      counters_(shared.run.counters[options.lane]),
      composer_(plan),
      clock_(options.tsc) {
  for (Source* source : sources) inboxes_.emplace_back(plan, *source);
  if (options.prefilled) prefilled_.emplace(plan);
}

void Emitter::Prepare() {
  if (prefilled_) status_ = prefilled_->Write(queue_, options_.sent);
}

absl::Status Emitter::Run() {
  if (!status_.ok()) return status_;
  // The clock is read when work begins and ends, not in each round.
  uint64_t began = __rdtsc();
  waited_cycles_ = 0;
  bool busy = true;
  for (;;) {
    const Round round = stopped() ? Round::kDone : RunOnce();
    if (busy != (round == Round::kWorked)) {
      const uint64_t now = __rdtsc();
      if (busy) busy_cycles_ += now - began;
      began = now;
      busy = !busy;
    }
    if (round == Round::kDone) break;
    if (round == Round::kWorked) {
      idle_rounds_ = 0;
    } else {
      Idle();
    }
  }
  busy_cycles_ -= std::min(busy_cycles_, waited_cycles_);
  // Where all are stopped, others must not go on to what comes after the packets in hand here.
  if (!stopped()) shared_.sequencer.Publish(options_.lane, OrderKey::Max());
  return status_;
}

Emitter::Round Emitter::RunOnce() {
  if (shared_.live.held()) [[unlikely]]
    return Round::kIdle;
  const uint16_t count = Gather();
  if (count == 0) {
    const bool ended = std::ranges::all_of(inboxes_, [](const Inbox& i) { return i.ended(); });
    return ended || SentByAll() >= shared_.packets ? Round::kDone : Round::kIdle;
  }
  if (!MakeFrames(count)) return Round::kDone;
  if (shared_.sequencer.lanes() > 1) SetKeys();
  SendInOrder(count);
  // A lane that makes its own packets would make and drop them for ever beyond the limit.
  return status_.ok() && SentByAll() < shared_.packets ? Round::kWorked : Round::kDone;
}

// Up to a burst of packets in order. Valid until the next call.
uint16_t Emitter::Gather() {
  for (Inbox& inbox : inboxes_) {
    if (inbox.low()) inbox.Refill();
  }
  uint64_t most = lateness_.on_time() ? options_.paced_burst : kBurst;
  const bool alone = shared_.sequencer.lanes() == 1;
  if (alone)
    most = std::min(most, shared_.packets - counters_.packets.load(std::memory_order_relaxed));
  else
    shared_.sequencer.Publish(options_.lane, FirstUnsent());
  batch_.Clear();
  if (inboxes_.size() == 1) {
    inboxes_.front().Take(batch_, static_cast<uint16_t>(most));
  } else {
    Merge(static_cast<uint16_t>(most));
  }
  if (!plan_.impairments.empty()) {
    for (Inbox& inbox : inboxes_) Bump(counters_.impaired, inbox.CountAbsent());
  }
  return batch_.size();
}

void Emitter::Merge(uint16_t most) {
  while (batch_.size() < most && MergeHead(most)) {
  }
}

// Takes from the inbox whose head comes first, if nothing earlier can still arrive in an empty one.
bool Emitter::MergeHead(uint16_t most) {
  Inbox* least = nullptr;
  OrderKey least_key = OrderKey::Max(), limit = OrderKey::Max();
  for (Inbox& inbox : inboxes_) {
    const bool has_head = inbox.Head() != nullptr;
    const OrderKey key = inbox.FirstKey();
    if (has_head && (least == nullptr || key < least_key)) {
      if (least != nullptr) limit = std::min(limit, least_key);
      least = &inbox;
      least_key = key;
    } else {
      limit = std::min(limit, key);
    }
  }
  if (least == nullptr || limit < least_key) return false;
  least->TakeHead(batch_, most, limit);
  return true;
}

OrderKey Emitter::FirstUnsent() const {
  OrderKey least = OrderKey::Max();
  for (const Inbox& inbox : inboxes_) {
    least = std::min(least, inbox.FirstKey());
  }
  return least;
}

// The composed frames' places in the order of the trace.
void Emitter::SetKeys() {
  for (const Piece& piece : batch_) {
    for (uint16_t i = piece.begin; i < piece.end; ++i) {
      const uint32_t index = piece.is_run ? 0 : batch_.records()[i]->descriptor.index;
      keys_[i] =
          KeyOf(plan_, {.due_ps = burst_.due_ps[i], .message = piece.message, .index = index});
    }
  }
}

bool Emitter::MakeFrames(uint16_t count) {
  if (prefilled_) {
    prefilled_->Point(batch_, burst_);
    return true;
  }
  if (!AcquireFrames(count)) return false;
  composer_.Compose(batch_, burst_);
  return true;
}

bool Emitter::AcquireFrames(uint16_t count) {
  while (!queue_.Acquire(burst_, 0, count)) {
    if (!queue_.status().ok()) status_ = queue_.status();
    if (!status_.ok() || stopped()) {
      CountUnsent(count);
      return false;
    }
    Idle();
  }
  return true;
}

void Emitter::ReleaseFrames(uint16_t from, uint16_t end) {
  if (!prefilled_) queue_.Release(burst_, from, end);
}

// Sends the composed burst; lanes that must keep a common order take turns.
void Emitter::SendInOrder(uint16_t count) {
  for (uint16_t sent = 0; sent < count;) {
    uint16_t end = MayGo(sent, count);
    if (end > sent && shared_.live.mutes()) [[unlikely]] {
      end = OneFate(sent, end);
    } else {
      muted_ = false;
    }
    if (end > sent) sent = options_.pace == Pace::kDue ? SendDue(sent, end) : SendNow(sent, end);
    if (!status_.ok() || stopped() || SentByAll() >= shared_.packets) {
      return DropRest(sent, count);
    }
    if (shared_.sequencer.lanes() > 1 && sent < count) {
      shared_.sequencer.Publish(options_.lane, keys_[sent]);
      if (end == sent) Idle();
    }
  }
}

// The end of the frames that may be sent now. Alone, or far from the packet limit on a port without
// an order of its own: all of them. Each lane checks the limit before each burst, so that all of
// them together overshoot by less than what `in_flight` leaves room for.
uint16_t Emitter::MayGo(uint16_t from, uint16_t count) {
  const uint32_t lanes = shared_.sequencer.lanes();
  if (lanes == 1) return count;
  const uint64_t bursts = uint64_t{2} * lanes * kBurst;
  const bool far =
      shared_.packets == UINT64_MAX || SentByAll() + options_.in_flight + bursts < shared_.packets;
  if (!options_.ordered && far) return count;
  const OrderKey limit =
      far ? shared_.sequencer.Limit(options_.lane, options_.first_peer, options_.end_peer)
          : shared_.sequencer.Limit(options_.lane, 0, lanes);
  const uint64_t left = shared_.packets - std::min(shared_.packets, SentByAll());
  uint16_t end = from;
  while (end < count && keys_[end] < limit && uint64_t{end} - from < left) ++end;
  return end;
}

// The end of the frames from `from` on that are all of muted flows, or all not.
uint16_t Emitter::OneFate(uint16_t from, uint16_t end) {
  const auto muted = [this](const Piece& piece) {
    return shared_.live.muted(plan_.messages[piece.message].flow);
  };
  const Piece* piece = batch_.begin();
  while (piece->end <= from) ++piece;
  muted_ = muted(*piece);
  while (piece->end < end && muted(piece[1]) == muted_) ++piece;
  return std::min(end, piece->end);
}

uint16_t Emitter::SendNow(uint16_t from, uint16_t end) {
  if (muted_) [[unlikely]] {
    ReleaseFrames(from, end);
    Bump<uint64_t>(counters_.dropped_stopped, static_cast<uint64_t>(end) - from);
    return end;
  }
  const uint16_t taken =
      prefilled_ ? queue_.Resend(burst_, from, end) : queue_.Send(burst_, from, end);
  Account(from, static_cast<uint16_t>(from + taken));
  if (taken > 0) {
    full_since_ps_ = 0;
  } else if (!queue_.status().ok()) {
    status_ = queue_.status();
  } else {
    const int64_t now = MonotonicClock::NowPs();
    if (full_since_ps_ == 0) full_since_ps_ = now;
    if (now - full_since_ps_ > kPortPatiencePs) {
      status_ = absl::UnavailableError(
          absl::StrCat("port ", options_.port, ": has taken no packet for 5 s"));
    }
    Idle();
  }
  return static_cast<uint16_t>(from + taken);
}

// Waits for the first frame's due time, then sends all that are due by then. A queue that looks
// ahead gets them before.
uint16_t Emitter::SendDue(uint16_t from, uint16_t end) {
  const uint64_t began = __rdtsc();
  Schedule::Base base = run_.schedule.base();
  const int64_t ahead = Tempo::Scaled(ahead_ps_, base.tempo->speed);
  const int64_t now = WaitUntil(burst_.due_ps[from] - ahead, base);
  waited_cycles_ += __rdtsc() - began;
  const int64_t late = now - burst_.due_ps[from];
  if (late < -ahead) return from;  // stopped
  if (base.tempo->OnClock(late) > options_.catch_up_ps && HandleLate(base, late, from)) {
    return static_cast<uint16_t>(from + (options_.late == LatePolicy::kDrop ? 1 : 0));
  }
  uint16_t due = static_cast<uint16_t>(from + 1);
  while (due < end && burst_.due_ps[due] <= now + ahead) ++due;
  if (ahead_ps_ > 0) SetLeaves(from, due, base);
  const int64_t handed = worked_since_ps_;
  const uint16_t sent = SendNow(from, due);
  if (muted_) return sent;
  departures_.Add(handed, static_cast<uint64_t>(sent) - from);
  NoteLateness(from, sent, now, *base.tempo);
  return sent;
}

void Emitter::SetLeaves(uint16_t from, uint16_t end, const Schedule::Base& base) {
  const int64_t now = clock_.NowPs();
  for (uint16_t i = from; i < end; ++i) {
    burst_.leave_ps[i] = Schedule::ClockTime(burst_.due_ps[i], now, base);
  }
}

// The time as a due time, `due_ps` or later unless the run was stopped; by the clock it is
// `worked_since_ps_`. What makes the lane late other than its own work is noted.
int64_t Emitter::WaitUntil(int64_t due_ps, Schedule::Base& base) {
  int64_t now = clock_.NowPs();
  const int64_t worked = worked_since_ps_ == kNever ? 0 : now - worked_since_ps_;
  if (work_times_.Interrupted(worked)) lateness_.NoteInterruption(worked);
  while (Schedule::DueTime(now, base) < due_ps && !stopped()) {
    const int64_t before = now;
    Idle();
    now = clock_.NowPs();
    if (now - before > kInterruptedWaitPs) lateness_.NoteInterruption(now - before);
    base = run_.schedule.base();
  }
  worked_since_ps_ = now;
  return Schedule::DueTime(now, base);
}

void Emitter::NoteLateness(uint16_t from, uint16_t end, int64_t now_ps, const Tempo& tempo) {
  if (from == end) return;
  measure::Histogram& lateness_ns = lateness_.Of(now_ps - burst_.due_ps[from]);
  for (uint16_t i = from; i < end; ++i) {
    lateness_ns.Add(std::max<int64_t>(0, tempo.OnClock(now_ps - burst_.due_ps[i]) / 1000));
  }
}

// Returns true when the frame is not to be sent now after all.
bool Emitter::HandleLate(const Schedule::Base& base, int64_t late_ps, uint16_t frame) {
  switch (options_.late) {
    case LatePolicy::kShift:
      run_.schedule.Shift(base, late_ps);
      return true;
    case LatePolicy::kDrop:
      ReleaseFrames(frame, static_cast<uint16_t>(frame + 1));
      Bump<uint64_t>(counters_.dropped_late, 1);
      return true;
    case LatePolicy::kCatchUp:
      return false;
  }
  return false;
}

void Emitter::Account(uint16_t from, uint16_t end) {
  if (from == end) return;
  uint64_t bytes = 0;
  for (uint16_t i = from; i < end; ++i) bytes += burst_.length[i];
  Bump(counters_.bytes, bytes);
  counters_.last_due_ps.store(shared_.begin_ps + burst_.due_ps[end - 1], std::memory_order_relaxed);
  // Release: a lane that sees our next key also sees this count.
  counters_.packets.store(counters_.packets.load(std::memory_order_relaxed) + (end - from),
                          std::memory_order_release);
}

// Frames left at an end: beyond a limit of packets or time they were never part of the run.
void Emitter::DropRest(uint16_t from, uint16_t end) {
  if (from == end) return;
  ReleaseFrames(from, end);
  CountUnsent(static_cast<uint64_t>(end) - from);
}

void Emitter::CountUnsent(uint64_t count) {
  if (!status_.ok()) {
    Bump(counters_.dropped_port, count);
  } else if (run_.interrupted.load(std::memory_order_relaxed)) {
    Bump(counters_.dropped_interrupted, count);
  }
}

uint64_t Emitter::SentByAll() const {
  uint64_t sum = 0;
  for (const LaneCounters& lane : run_.counters) {
    sum += lane.packets.load(std::memory_order_acquire);
  }
  return sum;
}

void Emitter::Idle() {
  worked_since_ps_ = kNever;
  _mm_pause();
  if (options_.yield_when_idle && ++idle_rounds_ >= kIdleRoundsBeforeYield) {
    idle_rounds_ = 0;
    sched_yield();
  }
}

}  // namespace spate::engine
