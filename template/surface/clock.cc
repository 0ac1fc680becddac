#include "template/surface/clock.h"

#include <algorithm>

#include "base/text.h"

namespace spate::tmpl {
namespace {

using ClockKind = Clock::Kind;

void Choose(Reader& reader, const Node& node, Clock& clock, ClockKind kind, const KeyInfo& key) {
  if (clock.kind != ClockKind::kOnce) {
    reader.Fail(node, Concat(Quote(key.key), " beside another clock"),
                "one of \"rate\", \"poisson\", \"every\", \"grid\", \"at\" or \"ages\"", "");
  }
  clock.kind = kind;
  clock.place = reader.Here(node);
}

template <ClockKind kind>
constexpr Key<Flow> ClockRateKey(KeyInfo info) {
  Key<Flow> key;
  static_cast<KeyInfo&>(key) = info;
  key.type = &RateText::Type;
  key.read = [](Reader& reader, const Node& node, Flow& flow, const KeyInfo& of) {
    Choose(reader, node, flow.clock, kind, of);
    RateText::Read(reader, node, flow.clock.rate);
  };
  key.write = [](const Flow& flow, const KeyInfo&, bool full) {
    return flow.clock.kind == kind ? RateText::Write(flow.clock.rate, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) {
    return RateText::Schema(options);
  };
  return key;
}

constexpr Key<Flow> ClockEveryKey() {
  Key<Flow> key;
  static_cast<KeyInfo&>(key) = {
      .key = "every",
      .doc = "renewal: time from the begin of one pass to the begin of the next",
      .example = R"({"exponential": {"mean": "5ms"}})"};
  key.type = &Codec<TimeLaw>::Type;
  key.read = [](Reader& reader, const Node& node, Flow& flow, const KeyInfo& of) {
    Choose(reader, node, flow.clock, ClockKind::kEvery, of);
    Codec<TimeLaw>::Read(reader, node, flow.clock.every.emplace());
  };
  key.write = [](const Flow& flow, const KeyInfo&, bool full) {
    return flow.clock.every ? Codec<TimeLaw>::Write(*flow.clock.every, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) {
    return Codec<TimeLaw>::Schema(options);
  };
  return key;
}

constexpr Key<Clock> kGridKeys[] = {
    MemberKey<&Clock::period_s, Duration>(
        {.key = "period", .doc = "from tick to tick", .example = R"("10s")", .required = true}),
    MemberKey<&Clock::jitter>({.key = "jitter",
                               .doc = "delay of each pass behind its tick; does not add up",
                               .example = R"({"uniform": {"min": "0s", "max": "50ms"}})"}),
};
constexpr ObjectSpec<Clock> kClockGrid = {
    "grid", "Ticks at start + n · period, each pass delayed by its own jitter.", kGridKeys};

constexpr Key<Flow> GridKey() {
  Key<Flow> key;
  static_cast<KeyInfo&>(key) = {.key = "grid",
                                .doc = "ticks at start + n · period, each with its own jitter",
                                .example = R"({"period": "10s", "jitter": "20ms"})"};
  key.type = [] { return std::string("grid"); };
  key.read = [](Reader& reader, const Node& node, Flow& flow, const KeyInfo& of) {
    Choose(reader, node, flow.clock, ClockKind::kGrid, of);
    ReadObject(reader, node, kClockGrid, flow.clock);
  };
  key.write = [](const Flow& flow, const KeyInfo&, bool full) {
    return flow.clock.kind == ClockKind::kGrid ? WriteObject(flow.clock, kClockGrid, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) {
    return Codec<Clock>::Schema(options);
  };
  return key;
}

template <ClockKind kind>
constexpr Key<Flow> ClockTimesKey(KeyInfo info) {
  Key<Flow> key;
  static_cast<KeyInfo&>(key) = info;
  key.type = &ListOf<Duration>::Type;
  key.read = [](Reader& reader, const Node& node, Flow& flow, const KeyInfo& of) {
    Choose(reader, node, flow.clock, kind, of);
    std::vector<double>& times = flow.clock.times;
    ListOf<Duration>::Read(reader, node, times);
    if (times.empty()) reader.Fail(node, "at least one time");
    if (!std::is_sorted(times.begin(), times.end())) reader.Fail(node, "times that rise");
  };
  key.write = [](const Flow& flow, const KeyInfo&, bool full) {
    return flow.clock.kind == kind ? ListOf<Duration>::Write(flow.clock.times, full) : Node();
  };
  key.schema = [](const SchemaOptions& options, const KeyInfo&) {
    return ListOf<Duration>::Schema(options);
  };
  return key;
}

constexpr Key<Flow> kClockKeys[] = {
    ClockRateKey<ClockKind::kRate>(
        {.key = "rate",
         .doc = "even: so many passes a second; with bps (L2) or bpsl1 as many "
                "as the bits of a pass allow",
         .example = R"("1mpps")"}),
    ClockRateKey<ClockKind::kPoisson>({.key = "poisson",
                                       .doc = "memoryless arrivals at this mean rate of passes",
                                       .example = R"("100pps")"}),
    ClockEveryKey(),
    GridKey(),
    ClockTimesKey<ClockKind::kAt>(
        {.key = "at",
         .doc = "a pass at each of these times of the run; those that have passed "
                "when the flow begins are left out",
         .example = R"(["1s", "1.5s", "60s"])"}),
    ClockTimesKey<ClockKind::kAges>(
        {.key = "ages",
         .doc = "a pass at each of these times since the instance came (or the "
                "flow was started)",
         .example = R"(["1s", "1h"])"}),
};

}  // namespace

template <>
const ObjectSpec<Clock>& SpecOf<Clock>() {
  return kClockGrid;
}

std::span<const Key<Flow>> ClockKeys() { return kClockKeys; }

}  // namespace spate::tmpl
