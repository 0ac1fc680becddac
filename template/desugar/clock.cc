// When the passes of a flow begin.
#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "template/desugar/program.h"
#include "template/quantity.h"
#include "template/surface/laws.h"

namespace spate::tmpl {
namespace {

using Kind = Clock::Kind;
using CoreKind = core::Clock::Kind;

constexpr double kMaxSeconds = 9e6;  // what 63 bits of picoseconds hold

class ClockLowering {
 public:
  ClockLowering(Context& context, const Flow& flow, uint64_t instances, Program& program,
                core::Flow& out)
      : context_(context), flow_(flow), instances_(instances), program_(program), out_(out) {}

  void Lower();
  void LowerPasses();

 private:
  std::optional<Rate> FlowRate();
  void LowerRate();
  void LowerPoisson();
  void LowerTimes();
  std::optional<double> PeriodSeconds() const;
  void LowerPhase();
  void LowerOnOff();
  void LowerVariants();
  uint32_t Draw(const TimeLaw& law, core::Scope scope, std::string_view path) {
    return AddDraw(context_, LowerTime(context_, law), scope, path);
  }
  void Fault(std::string expected) {
    context_.faults.Add(flow_.clock.place, Quote(flow_.clock.rate), std::move(expected));
  }

  Context& context_;
  const Flow& flow_;
  const uint64_t instances_;
  Program& program_;
  core::Flow& out_;
};

std::optional<Rate> ClockLowering::FlowRate() {
  const auto rate = ParseRate(flow_.clock.rate);
  if (!rate.ok()) {
    Fault(std::string(rate.status().message()));
    return std::nullopt;
  }
  if (rate->unit == Rate::Unit::kPercent) {
    Fault("pps, bps or bpsl1: only the template's own \"rate\" may be a share of the line");
    return std::nullopt;
  }
  return *rate;
}

// Where every pass has the same bits, a bit rate is an exact rate of passes; else each pass is
// followed by the time that it takes.
void ClockLowering::LowerRate() {
  const auto rate = FlowRate();
  if (!rate) return;
  core::Clock& clock = out_.clock;
  clock.kind = CoreKind::kRate;
  clock.pps = rate->value;
  if (rate->unit == Rate::Unit::kPps) return;
  const auto bits = program_.MeanBits(flow_, rate->unit == Rate::Unit::kBpsL1);
  clock.pps = bits ? rate->value / *bits : 0;
  if (bits && program_.SameBits(flow_)) return;
  clock.kind = CoreKind::kBits;
  clock.pace = program_.AddPace(*rate);
}

void ClockLowering::LowerPoisson() {
  const auto rate = FlowRate();
  if (!rate) return;
  double pps = rate->value;
  if (rate->unit != Rate::Unit::kPps) {
    const auto bits = program_.MeanBits(flow_, rate->unit == Rate::Unit::kBpsL1);
    if (!bits) return Fault("a rate in pps: the bits of a pass are not known beforehand");
    pps /= *bits;
  }
  TimeLaw gap;
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
  out_.clock.of_run = flow_.clock.kind == Kind::kAt;
}

// From pass to pass, where the clock has a mean.
std::optional<double> ClockLowering::PeriodSeconds() const {
  switch (flow_.clock.kind) {
    case Kind::kRate:
      return out_.clock.pps > 0 ? std::optional(1 / out_.clock.pps) : std::nullopt;
    case Kind::kGrid:
      return flow_.clock.period_s;
    case Kind::kEvery: {
      const auto mean = MeanSeconds(*flow_.clock.every);
      return mean.ok() ? std::optional(*mean) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

void ClockLowering::LowerPhase() {
  const bool rate = flow_.clock.kind == Kind::kRate;
  std::string phase = flow_.phase;
  if (phase.empty()) phase = rate && !flow_.start ? "even" : "same";
  const auto period = PeriodSeconds();
  if (phase == "same" || instances_ < 2) return;
  if (!period) {
    if (flow_.phase.empty()) return;
    context_.faults.Add(
        At(flow_.place, "phase"), Concat(Quote(phase), " for this clock"),
        "\"rate\", \"every\" or \"grid\" beside it, with a period known beforehand");
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
  out_.phase =
      AddDraw(context_, std::move(law), core::Scope::kInstance, Concat("phase ", out_.name));
}

void ClockLowering::LowerOnOff() {
  if (!flow_.on_off) return;
  out_.clock.on = Draw(flow_.on_off->on, core::Scope::kPacket, "on");
  out_.clock.off = Draw(flow_.on_off->off, core::Scope::kPacket, "off");
  out_.clock.phase = program_.AddHidden("(on-phase's end)");
  program_.AddHidden("(off so far)");
}

void ClockLowering::LowerPasses() {
  const Clock& clock = flow_.clock;
  switch (clock.kind) {
    case Kind::kOnce:
      break;
    case Kind::kRate:
      LowerRate();
      break;
    case Kind::kPoisson:
      LowerPoisson();
      break;
    case Kind::kEvery:
      out_.clock.kind = CoreKind::kRenewal;
      out_.clock.gap = Draw(clock.every.value_or(TimeLaw{}), core::Scope::kPass, "clock");
      break;
    case Kind::kGrid:
      out_.clock.kind = CoreKind::kGrid;
      out_.clock.period = Picos::FromSeconds(std::min(clock.period_s, kMaxSeconds));
      if (clock.jitter) out_.clock.jitter = Draw(*clock.jitter, core::Scope::kPass, "jitter");
      break;
    case Kind::kAt:
    case Kind::kAges:
      LowerTimes();
      break;
  }
}

void ClockLowering::Lower() {
  out_.passes = flow_.passes.value_or(0);
  if (flow_.clock.kind == Kind::kOnce) {
    const bool again = flow_.burst && flow_.burst->pause;
    out_.passes = again ? flow_.passes.value_or(UINT64_MAX) : 1;
  }
  LowerPasses();
  if (flow_.start) out_.start = Draw(*flow_.start, core::Scope::kInstance, "start");
  LowerPhase();
  LowerOnOff();
  LowerVariants();
}

// The clocks that the timeline gives the flow.
void ClockLowering::LowerVariants() {
  for (const TimelineEvent* event : ClockEvents(context_.t, out_.name)) {
    Flow flow = flow_;
    flow.clock = {};
    flow.clock.place = event->place;
    flow.clock.rate = Concat(event->rate, event->poisson);
    flow.clock.every = event->every;
    flow.clock.kind = event->every             ? Kind::kEvery
                      : event->poisson.empty() ? Kind::kRate
                                               : Kind::kPoisson;
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
