#include "template/desugar/schedule.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "template/limits.h"

namespace spate::tmpl {
namespace {

constexpr double kMaxSeconds = 9e6;  // 104 days: what 63 bits of picoseconds hold

bool AddStretches(Context& context, const Schedule& schedule, uint64_t times,
                  std::vector<Stretch>& out) {
  if (schedule.steps.empty()) {
    const bool ramp = schedule.rate.empty();
    out.push_back({schedule.place, schedule.seconds, ramp ? schedule.from : schedule.rate,
                   ramp ? schedule.to : schedule.rate});
    return true;
  }
  const size_t first = out.size();
  for (const Schedule& step : schedule.steps) {
    if (step.repeat == 0 && !step.steps.empty()) {
      context.faults.Add(step.place, "\"repeat\": 0 inside of a schedule",
                         "it only on the outermost \"steps\"");
      return false;
    }
    if (!AddStretches(context, step, step.repeat, out)) return false;
  }
  const size_t count = out.size() - first;
  if (count * std::min<uint64_t>(times, kMaxStretches) + first > kMaxStretches) {
    context.faults.Add(schedule.place, Concat(count, " stretches, ", times, " times"),
                       Concat("at most ", kMaxStretches, " stretches in all"));
    return false;
  }
  for (uint64_t i = 1; i < times; ++i) {
    for (size_t k = 0; k < count; ++k) out.push_back(Stretch(out[first + k]));
  }
  return true;
}

}  // namespace

std::optional<Stretches> FlattenSchedule(Context& context, const Schedule& schedule) {
  Stretches stretches;
  stretches.repeat = schedule.repeat;
  if (!AddStretches(context, schedule, 1, stretches.list)) return std::nullopt;
  double seconds = 0;
  for (const Stretch& stretch : stretches.list) seconds += stretch.seconds;
  if (!(seconds * static_cast<double>(std::max<uint64_t>(1, schedule.repeat)) < kMaxSeconds)) {
    context.faults.Add(schedule.place, Concat("a schedule of ", seconds, " s"),
                       Concat("below ", kMaxSeconds, " s"));
    return std::nullopt;
  }
  return stretches;
}

double MeanSpeed(const std::vector<core::TimePiece>& pieces) {
  double seconds = 0, sum = 0;
  for (const core::TimePiece& piece : pieces) {
    seconds += piece.seconds;
    sum += piece.seconds * (piece.begin + piece.end) / 2;
  }
  return seconds > 0 ? sum / seconds : 0;
}

core::TimeMap CutMap(const core::TimeMap& map, double seconds) {
  core::TimeMap cut;
  double left = seconds;
  for (uint64_t turn = 0; (map.repeat == 0 || turn < map.repeat) && left > 0; ++turn) {
    for (core::TimePiece piece : map.pieces) {
      if (left <= 0 || cut.pieces.size() >= kMaxStretches) return cut;
      if (piece.seconds > left) {
        piece.end = piece.begin + (piece.end - piece.begin) * left / piece.seconds;
        piece.seconds = left;
      }
      left -= piece.seconds;
      cut.pieces.push_back(piece);
    }
  }
  return cut;
}

}  // namespace spate::tmpl
