// When the passes of a flow begin.
#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "template/desugar/program.h"
#include "template/desugar/schedule.h"
#include "template/quantity.h"
#include "template/surface/laws.h"

namespace spate::tmpl {
namespace {

using ClockKind = Clock::Kind;
using CoreKind = core::Clock::Kind;

class ClockLowering {
 public:
  ClockLowering(Context& context, const Flow& flow, uint64_t instances, Program& program,
                core::Flow& out)
      : context_(context), flow_(flow), instances_(instances), program_(program), out_(out) {}

  void Lower();
  void LowerPasses();

 private:
  std::optional<Rate> RateOf(const std::string& text, const Place& place);
  double PassRate(const std::string& text, const Place& place);
  void LowerShare();
  void LowerRate();
  void LowerPoisson();
  void LowerTimes();
  std::optional<double> PeriodSeconds() const;
  void LowerPhase();
  void LowerOnOff();
  void LowerVariants();
  std::optional<core::TimeMap> LowerSchedule();
  double OwnRate() const;
  void LowerLimits(std::optional<core::TimeMap> map);
  uint32_t Draw(const TimeLaw& law, core::Scope scope, std::string_view path) {
    return AddDraw(context_, LowerTime(context_, law), scope, path);
  }

  Context& context_;
  const Flow& flow_;
  const uint64_t instances_;
  Program& program_;
  core::Flow& out_;
  double mean_pps_ = 0;                // of the flow's schedule; 0: none
  std::optional<TimeLaw> memoryless_;  // a Poisson clock's gaps
};

std::optional<Rate> ClockLowering::RateOf(const std::string& text, const Place& place) {
  const auto parsed = ParseRateOrZero(text);
  if (!parsed.ok()) {
    context_.faults.Add(place, Quote(text), std::string(parsed.status().message()));
    return std::nullopt;
  }
  auto rate = OnLine(context_, *parsed, text, place);
  if (rate && flow_.total) rate->value /= static_cast<double>(instances_);
  return rate;
}

// Passes per second of one instance; 0: a fault was reported, or the rate is 0.
double ClockLowering::PassRate(const std::string& text, const Place& place) {
  const auto rate = RateOf(text, place);
  if (!rate || rate->unit == Rate::Unit::kPps || rate->value == 0) return rate ? rate->value : 0;
  const auto bits = program_.MeanBits(flow_, rate->unit == Rate::Unit::kBpsL1);
  if (bits) return rate->value / *bits;
  context_.faults.Add(place, Quote(text),
                      "a rate in pps: the bits of a pass are not known beforehand");
  return 0;
}

// Any rate will do as long as the flows' are to each other as their shares. Passes of which nobody
// knows beforehand what they send are as far apart as what they have sent takes.
void ClockLowering::LowerShare() {
  const Place place = At(flow_.place, "share");
  if (context_.t.rate.empty() && !context_.t.schedule) {
    context_.faults.Add(place, "a share of nothing", "\"rate\" or \"schedule\" of the template");
    return;
  }
  if (!(*flow_.share > 0)) {
    context_.faults.Add(place, "a share of 0", "a share above 0");
    return;
  }
  const bool bytes = context_.t.shares == "bytes";
  const double per_second = *flow_.share * 1000 / static_cast<double>(instances_);  // or kB
  const auto l1 = program_.MeanBits(flow_, true), l2 = program_.MeanBits(flow_, false);
  if (l1 && l2) {
    const double packets = (*l1 - *l2) / (8 * packet::FramingOf(context_.out.link).l1_bytes);
    out_.clock.kind = CoreKind::kRate;
    out_.clock.pps = per_second / (bytes ? *l2 / 8 / 1000 : packets);
  } else {
    out_.clock.kind = CoreKind::kSettled;
    out_.clock.pace =
        program_.AddPace(bytes ? Rate{.unit = Rate::Unit::kBps, .value = per_second * 8000}
                               : Rate{.unit = Rate::Unit::kPps, .value = per_second});
  }
}

// Where every pass has the same bits, a bit rate is an exact rate of passes; else each pass is
// followed by the time that it takes.
void ClockLowering::LowerRate() {
  const auto rate = RateOf(flow_.clock.rate, flow_.clock.place);
  if (!rate) return;
  core::Clock& clock = out_.clock;
  clock.kind = CoreKind::kRate;
  clock.pps = rate->value;
  if (rate->unit == Rate::Unit::kPps) return;
  const auto bits = program_.MeanBits(flow_, rate->unit == Rate::Unit::kBpsL1);
  clock.pps = bits ? rate->value / *bits : 0;
  if (bits && program_.SameBits(flow_)) return;
  clock.kind = CoreKind::kSettled;
  clock.pace = program_.AddPace(*rate);
}

void ClockLowering::LowerPoisson() {
  const double pps = mean_pps_ > 0 ? mean_pps_ : PassRate(flow_.clock.rate, flow_.clock.place);
  if (pps == 0) return;
  TimeLaw& gap = memoryless_.emplace();
  gap.place = flow_.clock.place;
  gap.kind = "exponential";
  gap.parameters = {{"mean", 1 / pps}};
  out_.clock.kind = CoreKind::kRenewal;
  out_.clock.gap = Draw(gap, core::Scope::kPass, "clock");
}

void ClockLowering::LowerTimes() {
  core::Law law;
  law.kind = core::Law::Kind::kList;
  for (const double seconds : flow_.clock.times) {
    law.values.push_back(
        static_cast<uint64_t>(Picos::FromSeconds(std::min(seconds, kMaxSeconds)).count));
  }
  out_.clock.kind = CoreKind::kList;
  out_.clock.times = AddDraw(context_, std::move(law), core::Scope::kPass, "clock");
  out_.clock.of_run = flow_.clock.kind == ClockKind::kAt;
}

// From pass to pass, where the clock has a mean.
std::optional<double> ClockLowering::PeriodSeconds() const {
  switch (flow_.clock.kind) {
    case ClockKind::kRate:
    case ClockKind::kOnce:
      return out_.clock.pps > 0 ? std::optional(1 / out_.clock.pps) : std::nullopt;
    case ClockKind::kGrid:
      return flow_.clock.period_s;
    case ClockKind::kEvery: {
      const auto mean = MeanSeconds(*flow_.clock.every);
      return mean.ok() ? std::optional(*mean) : std::nullopt;
    }
    case ClockKind::kPoisson:
      if (!memoryless_) return std::nullopt;  // a rate of 0, or a fault
      return memoryless_->parameters.front().second;
    default:
      return std::nullopt;
  }
}

void ClockLowering::LowerPhase() {
  const bool rate = flow_.clock.kind == ClockKind::kRate ||
                    (flow_.clock.kind == ClockKind::kOnce && flow_.clocked());
  std::string phase = flow_.phase;
  if (phase.empty()) phase = rate && !flow_.start ? "even" : "same";
  const auto period = PeriodSeconds();
  if (phase == "same" || instances_ < 2) return;
  if (!period) {
    if (flow_.phase.empty()) return;
    context_.faults.Add(
        At(flow_.place, "phase"), Concat(Quote(phase), " for this clock"),
        "\"rate\", \"poisson\", \"every\" or \"grid\" beside it, with a period known beforehand");
    return;
  }
  if (rate && phase == "even") {
    out_.spread = true;
    return;
  }
  const auto span = static_cast<uint64_t>(Picos::FromSeconds(std::min(*period, kMaxSeconds)).count);
  core::Law law;
  law.kind = core::Law::Kind::kArithmetic;
  law.step = span / instances_;
  law.count = instances_;
  if (phase == "random") law = {core::Law::Kind::kQuantiles, 0, 0, 1, {0, span}, {}, 0};
  // Where the clock has no memory, neither has the time until it first strikes.
  if (phase == "random" && memoryless_) law = LowerTime(context_, *memoryless_);
  out_.phase =
      AddDraw(context_, std::move(law), core::Scope::kInstance, Concat("phase ", out_.name));
}

void ClockLowering::LowerOnOff() {
  if (!flow_.on_off) return;
  out_.clock.on = Draw(flow_.on_off->on, core::Scope::kPacket, "on");
  out_.clock.off = Draw(flow_.on_off->off, core::Scope::kPacket, "off");
  out_.clock.phase = program_.AddHidden("(on-phase's end)");
  program_.AddHidden("(off so far)");
  program_.AddHidden("(on-phase's begin)");
}

void ClockLowering::LowerPasses() {
  const Clock& clock = flow_.clock;
  switch (clock.kind) {
    case ClockKind::kOnce:
      if (flow_.share) {
        LowerShare();
      } else if (mean_pps_ > 0) {
        out_.clock.kind = CoreKind::kRate;
        out_.clock.pps = mean_pps_;
      }
      break;
    case ClockKind::kRate:
      LowerRate();
      break;
    case ClockKind::kPoisson:
      LowerPoisson();
      break;
    case ClockKind::kEvery:
      out_.clock.kind = CoreKind::kRenewal;
      out_.clock.gap = Draw(clock.every.value_or(TimeLaw{}), core::Scope::kPass, "clock");
      break;
    case ClockKind::kGrid:
      out_.clock.kind = CoreKind::kGrid;
      out_.clock.period = Picos::FromSeconds(std::min(clock.period_s, kMaxSeconds));
      if (clock.jitter) out_.clock.jitter = Draw(*clock.jitter, core::Scope::kPass, "jitter");
      break;
    case ClockKind::kAt:
    case ClockKind::kAges:
      LowerTimes();
      break;
  }
}

// The flow's schedule, its speeds in passes per second.
std::optional<core::TimeMap> ClockLowering::LowerSchedule() {
  if (!flow_.schedule) return std::nullopt;
  const auto stretches = FlattenSchedule(context_, *flow_.schedule);
  if (!stretches) return std::nullopt;
  core::TimeMap map;
  map.repeat = stretches->repeat;
  for (const Stretch& stretch : stretches->list) {
    map.pieces.push_back({stretch.seconds, PassRate(stretch.begin, stretch.place),
                          PassRate(stretch.end, stretch.place)});
  }
  if (MeanSpeed(map.pieces) > 0) return map;
  context_.faults.Add(flow_.schedule->place, "a schedule without any rate above 0", "at least one");
  return std::nullopt;
}

// Passes per second of the clock alone, which a schedule's rates are measured by.
double ClockLowering::OwnRate() const {
  if (flow_.clock.kind == ClockKind::kGrid) return 1 / flow_.clock.period_s;
  if (flow_.clock.kind != ClockKind::kEvery) return mean_pps_;
  const auto mean = MeanSeconds(flow_.clock.every.value_or(TimeLaw{}));
  return mean.ok() && *mean > 0 ? 1 / *mean : mean_pps_;
}

void ClockLowering::LowerLimits(std::optional<core::TimeMap> map) {
  const bool again = flow_.capture || (flow_.burst && flow_.burst->pause);
  out_.passes = flow_.passes.value_or(0);
  if (out_.clock.kind == CoreKind::kOnce) {
    out_.passes = flow_.passes.value_or(again && !flow_.capture ? 0 : 1);
    if (again && out_.passes == 0) out_.passes = UINT64_MAX;
  }
  out_.packets = flow_.packets.value_or(0);
  out_.scale = flow_.scale;
  if (map) {
    const double own = OwnRate();
    for (core::TimePiece& piece : map->pieces) piece.begin /= own, piece.end /= own;
  } else if (flow_.duration_s) {
    map.emplace().pieces.push_back({*flow_.duration_s, 1, 1});
  }
  if (!map) return;
  if (flow_.duration_s) map = CutMap(*map, *flow_.duration_s);
  out_.map = static_cast<uint32_t>(context_.out.maps.size());
  context_.out.maps.push_back(*std::move(map));
}

void ClockLowering::Lower() {
  auto map = LowerSchedule();
  mean_pps_ = map ? MeanSpeed(map->pieces) : 0;
  LowerPasses();
  LowerLimits(std::move(map));
  if (flow_.start) out_.start = Draw(*flow_.start, core::Scope::kInstance, "start");
  LowerPhase();
  LowerOnOff();
  LowerVariants();
}

// The clocks that the timeline gives the flow.
void ClockLowering::LowerVariants() {
  for (const TimelineEvent* event : ClockEvents(context_.t, out_.name)) {
    if (flow_.schedule || flow_.share) {
      context_.faults.Add(event->place, "another clock for a flow with a schedule or share",
                          "a flow whose clock stands alone");
      return;
    }
    Flow flow = flow_;
    flow.clock = {};
    flow.clock.place = event->place;
    flow.clock.rate = Concat(event->rate, event->poisson);
    flow.clock.every = event->every;
    flow.clock.kind = event->every             ? ClockKind::kEvery
                      : event->poisson.empty() ? ClockKind::kRate
                                               : ClockKind::kPoisson;
    core::Flow scratch;
    ClockLowering(context_, flow, instances_, program_, scratch).LowerPasses();
    core::Clock& variant = out_.variants.emplace_back(scratch.clock);
    variant.on = out_.clock.on;
    variant.off = out_.clock.off;
    variant.phase = out_.clock.phase;
  }
  if (!out_.variants.empty()) out_.variant = program_.AddHidden("(clock)");
}

}  // namespace

void LowerClock(Context& context, const Flow& flow, uint64_t instances, Program& program,
                core::Flow& out) {
  ClockLowering(context, flow, instances, program, out).Lower();
}

}  // namespace spate::tmpl
