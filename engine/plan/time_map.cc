#include "engine/plan/time_map.h"

#include <algorithm>
#include <cmath>

#include "base/units.h"

namespace spate::engine {
namespace {

// A pass this close to a stretch belongs to it: the rounding of periods must not bring one that
// lies on the end of a schedule, or on the begin of a pause, back before it.
constexpr int64_t kSnapPs = 1;

int64_t ToPicos(long double seconds) {
  return static_cast<int64_t>(std::llround(seconds * static_cast<long double>(kPicosPerSecond)));
}

}  // namespace

TimeMap TimeMap::Of(const core::TimeMap& map, double scale) {
  TimeMap out;
  long double clock_s = 0, time_s = 0;
  for (const core::TimePiece& piece : map.pieces) {
    const double seconds = piece.seconds * scale;
    const double length = seconds * static_cast<double>(kPicosPerSecond);
    if (piece.begin > 0 || piece.end > 0) {
      const bool ramp = piece.begin != piece.end;
      out.pieces_.push_back({.from_ps = ToPicos(clock_s),
                             .to_ps = ToPicos(time_s),
                             .speed = piece.begin,
                             .bend = (piece.end - piece.begin) / (2 * length),
                             .inverse = ramp ? 0 : 1 / piece.begin});
    }
    clock_s += static_cast<long double>(seconds) * (piece.begin + piece.end) / 2;
    time_s += seconds;
  }
  out.cycle_clock_ps_ = std::max<int64_t>(ToPicos(clock_s), 1);
  out.cycle_ps_ = ToPicos(time_s);
  out.inverse_cycle_ = 1 / static_cast<double>(out.cycle_clock_ps_);
  out.ends_ = map.repeat > 0;
  const int64_t most = INT64_MAX / std::max(out.cycle_clock_ps_, out.cycle_ps_) - 1;
  out.cycles_ = map.repeat == 0
                    ? most
                    : static_cast<int64_t>(std::min(map.repeat, static_cast<uint64_t>(most)));
  return out;
}

int64_t TimeMap::TimeInCycle(double clock) const {
  const auto after = std::upper_bound(
      pieces_.begin() + 1, pieces_.end(), clock + kSnapPs,
      [](double at, const TimePiece& piece) { return at < static_cast<double>(piece.from_ps); });
  const TimePiece& piece = *(after - 1);
  const double x = std::max(0.0, clock - static_cast<double>(piece.from_ps));
  double t = 0;
  if (piece.inverse > 0) {
    t = x * piece.inverse;
  } else if (x > 0) {
    // The root of bend t² + speed t - x that begins at 0, in the form that never cancels.
    const double root = std::sqrt(std::max(0.0, piece.speed * piece.speed + 4 * piece.bend * x));
    t = 2 * x / (piece.speed + root);
  }
  const int64_t time = piece.to_ps + std::llround(t);
  const int64_t end = after == pieces_.end() ? cycle_ps_ : after->to_ps;
  return std::min(time, end);
}

int64_t TimeMap::TimeOf(int64_t clock_ps, uint64_t fraction) const {
  // The quotient by a product, at most one off.
  auto cycle = static_cast<int64_t>(static_cast<double>(clock_ps) * inverse_cycle_);
  int64_t rest = clock_ps - cycle * cycle_clock_ps_;
  if (rest < 0) --cycle, rest += cycle_clock_ps_;
  if (rest >= cycle_clock_ps_ - kSnapPs)
    ++cycle, rest = std::max<int64_t>(0, rest - cycle_clock_ps_);
  if (cycle >= cycles_) return kNever;
  const double clock = static_cast<double>(rest) + std::ldexp(static_cast<double>(fraction), -64);
  return cycle * cycle_ps_ + TimeInCycle(clock);
}

int64_t TimeMap::ClockInCycle(int64_t time_ps) const {
  const auto after =
      std::upper_bound(pieces_.begin() + 1, pieces_.end(), time_ps,
                       [](int64_t at, const TimePiece& piece) { return at < piece.to_ps; });
  const TimePiece& piece = *(after - 1);
  const auto t = static_cast<double>(std::max<int64_t>(0, time_ps - piece.to_ps));
  const int64_t clock = piece.from_ps + std::llround(t * (piece.speed + t * piece.bend));
  return std::min(clock, after == pieces_.end() ? cycle_clock_ps_ : after->from_ps);
}

int64_t TimeMap::ClockAt(int64_t time_ps) const {
  const int64_t cycle = time_ps / cycle_ps_;
  if (cycle >= cycles_) return cycles_ * cycle_clock_ps_;
  return cycle * cycle_clock_ps_ + ClockInCycle(time_ps - cycle * cycle_ps_);
}

}  // namespace spate::engine
