#include "engine/emit/lane_clock.h"

#include <cpuid.h>
#include <time.h>

#include <cmath>
#include <fstream>

#include "absl/strings/str_format.h"

namespace spate::engine {
namespace {

constexpr int64_t kAnchorPs = 10'000'000'000;
constexpr int64_t kStretchPs = 5'000'000'000;

// A pair of readings that took longer than this part of the time between anchors was interrupted.
constexpr uint64_t kReadingsPerAnchor = 10'000;

// Two stretches may differ by so much: readings are 50 ns apart at worst, a stretch is 5 ms.
constexpr double kMostDifference = 1e-4;

// CPUID 8000_0007h, EDX bit 8: the TSC runs at one rate in all states of the CPU. Hypervisors hide
// it at times; a kernel that takes its own time from the TSC has found it good.
bool IsInvariant() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(0x80000007, &a, &b, &c, &d) != 0 && (d >> 8 & 1) != 0) return true;
  std::ifstream file("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  std::string source;
  return file >> source && source == "tsc";
}

}  // namespace

LaneClock::Pair LaneClock::ReadBoth() {
  Pair best{.tsc = 0, .ps = 0, .ticks = UINT64_MAX};
  for (int i = 0; i < 3; ++i) {
    const uint64_t before = __rdtsc();
    const int64_t ps = MonotonicClock::NowPs();
    const uint64_t ticks = __rdtsc() - before;
    if (ticks < best.ticks) best = {before + ticks / 2, ps, ticks};
  }
  return best;
}

TscRate CalibrateTsc() {
  if (!IsInvariant()) return {.hz = 0, .reason = "the TSC of this CPU is not invariant"};
  const auto wait = [](int64_t until_ps) {
    while (MonotonicClock::NowPs() < until_ps) _mm_pause();
  };
  const auto hz = [](const LaneClock::Pair& from, const LaneClock::Pair& to) {
    return static_cast<double>(to.tsc - from.tsc) / static_cast<double>(to.ps - from.ps) * 1e12;
  };
  const LaneClock::Pair first = LaneClock::ReadBoth();
  wait(first.ps + kStretchPs);
  const LaneClock::Pair second = LaneClock::ReadBoth();
  wait(second.ps + kStretchPs);
  const LaneClock::Pair third = LaneClock::ReadBoth();
  const double early = hz(first, second), late = hz(second, third);
  if (!(std::abs(early / late - 1) < kMostDifference) || early < 1e6) {
    return {.hz = 0,
            .reason = absl::StrFormat("the TSC ran at %.6g and then at %.6g Hz", early, late)};
  }
  return {.hz = hz(first, third), .reason = ""};
}

LaneClock::LaneClock(const TscRate& rate) {
  if (rate.hz <= 0) return;
  per_tick_ = static_cast<uint64_t>(std::ldexp(1e12 / rate.hz, 32));
  ticks_per_anchor_ = static_cast<uint64_t>(rate.hz / 1e12 * static_cast<double>(kAnchorPs));
  const Pair now = ReadBoth();
  anchor_tsc_ = first_tsc_ = now.tsc;
  anchor_ps_ = first_ps_ = now.ps;
}

// The longer the run, the better the rate is known; one that began 10 ms ago is known to 5e-6.
// Readings between which the lcore was away are no good: the next one tries again.
void LaneClock::Anchor() {
  const Pair now = ReadBoth();
  if (now.ticks > ticks_per_anchor_ / kReadingsPerAnchor) return;
  anchor_tsc_ = now.tsc;
  anchor_ps_ = now.ps;
  const double picos = static_cast<double>(now.ps - first_ps_);
  per_tick_ =
      static_cast<uint64_t>(std::ldexp(picos / static_cast<double>(now.tsc - first_tsc_), 32));
}

}  // namespace spate::engine
